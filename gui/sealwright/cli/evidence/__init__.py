"""`evidence …`: taking apart, checking one or many, and making evidence."""
