"""Making a provider: its name, trust model, signers and first policies."""
