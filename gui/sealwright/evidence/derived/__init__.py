"""Claims that the service derives from evidence, by its names and types."""
