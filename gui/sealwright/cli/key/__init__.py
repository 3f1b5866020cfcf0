"""`key …`: signing keys, and where secrets are kept."""
