"""How the sandbox attests: evidence to claims, claims to a policy, and the outcome to a token."""
