"""SGX and TDX: quotes, their wrappings, and what Intel publishes to judge a platform by."""
