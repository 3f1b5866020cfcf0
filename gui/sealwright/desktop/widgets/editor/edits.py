"""Changes of an editor's text that one undo takes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QTextCursor

from sealwright.desktop.widgets.editor.positions import Positions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtWidgets import QPlainTextEdit

    from sealwright.policy import Edit


def apply_edits(editor: QPlainTextEdit, text: str, edits: Iterable[Edit]) -> None:
    """Make edits of `text`, which is what the editor holds now; they do not overlap."""
    where = Positions(text)
    cursor = editor.textCursor()
    cursor.beginEditBlock()
    for edit in sorted(edits, key=lambda each: each.span, reverse=True):
        cursor.setPosition(where.to_units(edit.span.start))
        cursor.setPosition(where.to_units(edit.span.end), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(edit.new_text)
    cursor.endEditBlock()
    editor.setTextCursor(cursor)
    editor.ensureCursorVisible()
