"""The fleet in the window: a workspace compared with what is deployed, planned and applied."""
