"""The dry run dock: try the text in front on a set of claims and see why it decides so."""
