"""Providers: those known here, their state, connection, regions, rights and endpoints."""
