"""The authority's face, as Entra ID's: metadata, tokens, and the pages that a person sees."""
