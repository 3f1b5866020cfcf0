"""Claim values and sets, attestation types, the claims catalogue."""
