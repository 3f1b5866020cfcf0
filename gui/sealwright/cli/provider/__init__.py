"""`provider …`: what is known, making and changing, access, other tools' forms."""
