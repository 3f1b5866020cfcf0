"""What is said about a policy: the checks that refuse it, and the linter's findings."""
