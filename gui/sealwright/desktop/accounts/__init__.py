"""Accounts and the network: who is signed in, and how this computer gets out."""
