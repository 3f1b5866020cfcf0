"""The embedded attestation provider: an ASGI application that answers as Azure does.

It has a data plane per provider, an ARM face, an authority that gives tokens, and an operator
face for tests. State lives in its own SQLite file; no object here is a global.
"""
