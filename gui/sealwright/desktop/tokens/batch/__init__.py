"""Verdicts of many tokens at once, as a table that fills while the work goes on."""
