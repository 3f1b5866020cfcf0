"""Backup and restore: one archive of the policies, signers and settings of providers."""
