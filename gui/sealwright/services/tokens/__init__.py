"""Tokens: taking them apart, checking one or many, whose keys check them, reports."""
