"""Local database, files, clock and bundled resources."""
