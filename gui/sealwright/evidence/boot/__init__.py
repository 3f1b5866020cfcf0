"""Boot logs: events, what they measured, and what they say about the machine's start."""
