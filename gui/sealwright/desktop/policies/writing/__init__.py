"""While a policy is written: findings, completion, explanations, quick fixes, names."""
