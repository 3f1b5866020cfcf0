"""Sealwright: manage Microsoft Azure Attestation."""

__version__ = "0.1.0"
