"""Sheets that ask about tokens: comparison, release, rules, times, reports."""
