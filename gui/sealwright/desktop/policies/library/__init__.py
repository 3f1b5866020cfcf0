"""What the library lists, and opening and keeping it: providers, files, drafts."""
