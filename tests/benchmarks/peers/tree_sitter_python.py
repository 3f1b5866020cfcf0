"""Peer: tree-sitter's incremental edit of Python text, for want of its grammar for policies."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def edited_tree(text: str, at: int, new: str) -> Callable[[], object]:
    """What parses `text` again after `new` was typed at an offset; the text is ASCII."""
    tree_sitter: Any = import_module("tree_sitter")
    grammar: Any = import_module("tree_sitter_python")
    parser = tree_sitter.Parser(tree_sitter.Language(grammar.language()))
    before = text.encode("ascii")
    after = before[:at] + new.encode("ascii") + before[at:]
    row, column = text.count("\n", 0, at), at - (text.rfind("\n", 0, at) + 1)
    # An edit changes the tree it is told to, so each measurement wants a fresh one.
    tree = parser.parse(before)

    def edit() -> object:
        old = tree.copy()
        old.edit(at, at, at + len(new), (row, column), (row, column), (row, column + len(new)))
        return parser.parse(after, old)

    return edit
