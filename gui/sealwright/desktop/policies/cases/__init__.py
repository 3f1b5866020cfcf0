"""Saved cases, run as tests of the text in front."""
