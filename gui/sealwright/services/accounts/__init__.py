"""Accounts: signing in and out, and which of them reaches what."""
