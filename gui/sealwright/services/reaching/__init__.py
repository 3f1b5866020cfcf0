"""Reaching a provider: its cloud, and what is read of it, verified with its own keys."""
