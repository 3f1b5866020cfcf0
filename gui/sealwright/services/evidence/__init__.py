"""Evidence: reading it in, examining it, comparing it, and the request that attests it."""
