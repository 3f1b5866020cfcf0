"""A change at a provider: run as steps that prove themselves, so that a repeat is safe."""
