"""Policies: what is deployed, reviewing a change, trying it on claims, saved cases."""
