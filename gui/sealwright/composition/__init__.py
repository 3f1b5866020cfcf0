"""Wiring: which adapter stands behind which port. No rules."""
