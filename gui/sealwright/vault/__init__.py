"""Signing keys and credentials in the OS keyring."""
