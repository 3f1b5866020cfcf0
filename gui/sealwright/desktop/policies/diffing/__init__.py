"""The difference to another text: line by line, and in what the policy means."""
