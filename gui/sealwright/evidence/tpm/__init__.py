"""TPM 2.0: structures, quotes, and who answers for the attestation key."""
