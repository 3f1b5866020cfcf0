"""Signing keys and credentials: in the OS keyring, a sealed file, memory, or on a PKCS#11 token."""
