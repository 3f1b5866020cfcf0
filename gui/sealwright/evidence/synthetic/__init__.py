"""Evidence of pretended machines: real structures, really signed, under a sandbox's own roots."""
