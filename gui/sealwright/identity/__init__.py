"""Sign-in to Entra ID."""
