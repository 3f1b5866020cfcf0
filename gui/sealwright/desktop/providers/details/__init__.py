"""The pane of one provider, and the sheets behind its menu."""
