"""One open document, what stands around its text, and the tabs of all that are open."""
