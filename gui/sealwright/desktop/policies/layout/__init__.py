"""How the panel is divided: library, documents, what stands below and beside the text."""
