"""The Attest panel: evidence, claims, policy and token of one attestation, and guided runs."""
