"""What a policy makes of claims, and why."""
