"""How each kind of evidence is examined: one module a family."""
