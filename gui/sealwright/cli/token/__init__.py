"""`token …`: taking apart and checking."""
