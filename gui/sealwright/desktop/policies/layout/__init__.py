"""Where views stand: docks and lent views beside the text or below it, and what they find there."""
