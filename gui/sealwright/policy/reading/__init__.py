"""From text to tree: tokens, pieces, rules, and what is wrong with them."""
