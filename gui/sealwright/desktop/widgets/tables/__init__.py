"""Tables: rows, cells, the one delegate that paints them, and trees of them."""
