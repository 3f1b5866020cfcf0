"""The Signers panel: certificates that a provider trusts, beside my keys."""
