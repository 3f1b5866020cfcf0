"""What typing does beyond inserting a character: indentation of lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QTextCursor

from sealwright.desktop.widgets.editor.brackets import PAIRS

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QPlainTextEdit

INDENT = 4


def indent(editor: QPlainTextEdit) -> None:
    """Move the selected lines right, or insert blanks up to the next stop."""
    cursor = editor.textCursor()
    if cursor.hasSelection():
        _each_line(editor, lambda text: " " * INDENT + text if text else text)
    else:
        cursor.insertText(" " * (INDENT - cursor.positionInBlock() % INDENT))


def outdent(editor: QPlainTextEdit) -> None:
    """Move the line, or the selected lines, left."""
    _each_line(editor, _outdented)


def new_line(editor: QPlainTextEdit) -> None:
    """Break the line and begin the next one under it, deeper after an open bracket."""
    cursor = editor.textCursor()
    text = cursor.block().text()[: cursor.positionInBlock()]
    blank = text[: len(text) - len(text.lstrip(" \t"))]
    deeper = " " * INDENT if text.rstrip()[-1:] in PAIRS else ""
    rest = cursor.block().text()[cursor.positionInBlock() :]
    cursor.insertText("\n" + blank + deeper)
    if deeper and rest[:1] == PAIRS[text.rstrip()[-1]]:
        place = cursor.position()
        cursor.insertText("\n" + blank)
        cursor.setPosition(place)
    editor.setTextCursor(cursor)
    editor.ensureCursorVisible()


def _outdented(text: str) -> str:
    lead = len(text) - len(text.lstrip(" "))
    return text[min(lead, INDENT) :]


def _each_line(editor: QPlainTextEdit, change: Callable[[str], str]) -> None:
    cursor = editor.textCursor()
    document = editor.document()
    block = document.findBlock(cursor.selectionStart())
    end = max(cursor.selectionStart(), cursor.selectionEnd() - 1)
    last = document.findBlock(end).blockNumber()
    cursor.beginEditBlock()
    while block.isValid() and block.blockNumber() <= last:
        changed = change(block.text())
        if changed != block.text():
            line = QTextCursor(block)
            line.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            line.insertText(changed)
        block = block.next()
    cursor.endEditBlock()
