"""The builder: a policy as lists of requirements and issued claims, beside its text."""
