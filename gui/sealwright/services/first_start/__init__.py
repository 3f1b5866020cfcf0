"""A first start: a sandbox that is already worth looking at."""
