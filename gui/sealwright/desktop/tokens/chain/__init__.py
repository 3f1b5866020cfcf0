"""The chain of trust of a token, and whose keys check it."""
