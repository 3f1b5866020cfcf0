"""Hardware evidence: parse, verify, derive claims, synthesize."""
