"""`fleet …`: many providers as one workspace says."""
