"""Attestation and ARM clients on one HTTP transport."""
