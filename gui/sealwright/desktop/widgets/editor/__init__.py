"""The code editor: text, gutter, marks and the find bar. It knows no service."""
