"""The main window around the panels: rail, context bar, status bar, settings, command palette."""
