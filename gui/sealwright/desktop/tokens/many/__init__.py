"""Many tokens at once: choosing them, and a table of their verdicts."""
