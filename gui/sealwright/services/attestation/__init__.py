"""Attesting: the request, the exchange with a provider, each step, and why it was refused."""
