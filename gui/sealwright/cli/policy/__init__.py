"""`policy …`: texts, test files, tokens, differences, and what providers apply."""
