"""What changes at a provider: the review and its sheet, and the history of what was sent."""
