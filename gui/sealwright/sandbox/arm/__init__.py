"""Azure Resource Manager's face: providers, links, diagnostics, and what surrounds them."""
