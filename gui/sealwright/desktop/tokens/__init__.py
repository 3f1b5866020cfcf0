"""The Tokens panel: a token taken apart and checked."""
