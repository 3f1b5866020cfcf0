"""Providers and their policies in the forms of other tools, and policies out of those forms."""
