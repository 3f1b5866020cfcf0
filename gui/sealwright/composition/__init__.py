"""Wiring: which adapter stands behind which port. No rules, no input, no output."""
