"""The fleet: a workspace folder says which policy belongs where; compare, plan, apply, prove."""
