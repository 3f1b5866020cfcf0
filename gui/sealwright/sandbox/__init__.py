"""The embedded attestation provider."""
