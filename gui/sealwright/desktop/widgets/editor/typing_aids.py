"""What typing does to brackets, quotes and comments; every step is one undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor

from sealwright.desktop.widgets.editor.brackets import PAIRS, balanced

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QPlainTextEdit

_QUOTE = '"'
_CLOSING = frozenset((*PAIRS.values(), _QUOTE))
_COMMENT = "//"


def take_over(editor: QPlainTextEdit, sign: str) -> bool:
    """Go to the closing bracket that stands on a later line, instead of typing a second one.

    Pairing put it there when its partner was typed. False when it does not come next, or when one
    is missing in the text.
    """
    cursor, document = editor.textCursor(), editor.document()
    block = cursor.block()
    if sign not in PAIRS.values() or cursor.hasSelection() or block.text().strip():
        return False
    while block.isValid() and not block.text().strip():
        block = block.next()
    if not block.text().lstrip().startswith(sign) or not balanced(document, sign):
        return False
    cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock)
    cursor.setPosition(block.position(), QTextCursor.MoveMode.KeepAnchor)
    cursor.removeSelectedText()
    cursor.setPosition(cursor.position() + _indent(cursor.block().text()) + 1)
    editor.setTextCursor(cursor)
    return True


def pair(editor: QPlainTextEdit, sign: str) -> bool:
    """Type a bracket or a quote with its partner, or step over one; False when it is not ours."""
    cursor = editor.textCursor()
    if cursor.hasSelection():
        return (sign in PAIRS or sign == _QUOTE) and _surround(editor, cursor, sign)
    line, at = cursor.block().text(), cursor.positionInBlock()
    if _in_comment(line[:at]):
        return False
    following = line[at : at + 1]
    if sign in _CLOSING and following == sign:
        cursor.movePosition(QTextCursor.MoveOperation.NextCharacter)
        editor.setTextCursor(cursor)
        return True
    quoted = line[:at].count(_QUOTE) % 2 == 1
    opens = sign in PAIRS or sign == _QUOTE
    if not opens or quoted or (following and following not in " \t,;)]}"):
        return False
    cursor.insertText(sign + PAIRS.get(sign, sign))
    cursor.movePosition(QTextCursor.MoveOperation.PreviousCharacter)
    editor.setTextCursor(cursor)
    return True


def erase_pair(editor: QPlainTextEdit) -> bool:
    """Erase an empty pair around the cursor; False when there is none."""
    cursor = editor.textCursor()
    line, at = cursor.block().text(), cursor.positionInBlock()
    before, after = line[max(0, at - 1) : at], line[at : at + 1]
    partner = PAIRS.get(before, _QUOTE if before == _QUOTE else "")
    if cursor.hasSelection() or not before or not partner or after != partner:
        return False
    cursor.movePosition(QTextCursor.MoveOperation.PreviousCharacter)
    cursor.movePosition(QTextCursor.MoveOperation.NextCharacter, QTextCursor.MoveMode.KeepAnchor, 2)
    cursor.removeSelectedText()
    return True


def toggle_comment(editor: QPlainTextEdit) -> None:
    """Make the selected lines comments, or text again when all of them are comments."""
    cursor = editor.textCursor()
    document = editor.document()
    block = document.findBlock(cursor.selectionStart())
    end = max(cursor.selectionStart(), cursor.selectionEnd() - 1)
    last = document.findBlock(end).blockNumber()
    blocks = []
    while block.isValid() and block.blockNumber() <= last:
        if block.text().strip():
            blocks.append(block)
        block = block.next()
    plain = [each for each in blocks if not each.text().lstrip().startswith(_COMMENT)]
    column = min((_indent(each.text()) for each in plain), default=0)
    cursor.beginEditBlock()
    for each in blocks:
        change = QTextCursor(each)
        if plain:
            change.setPosition(each.position() + column)
            change.insertText(_COMMENT + " ")
        else:
            text = each.text()
            at = _indent(text)
            width = 3 if text[at : at + 3] == _COMMENT + " " else 2
            change.setPosition(each.position() + at)
            change.setPosition(each.position() + at + width, QTextCursor.MoveMode.KeepAnchor)
            change.removeSelectedText()
    cursor.endEditBlock()


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _in_comment(text: str) -> bool:
    at = text.find(_COMMENT)
    while at >= 0:
        if text[:at].count(_QUOTE) % 2 == 0:
            return True
        at = text.find(_COMMENT, at + 1)
    return False


def _surround(editor: QPlainTextEdit, cursor: QTextCursor, sign: str) -> bool:
    start, end = cursor.selectionStart(), cursor.selectionEnd()
    text = cursor.selectedText()
    cursor.insertText(sign + text + PAIRS.get(sign, sign))
    cursor.setPosition(start + 1)
    cursor.setPosition(end + 1, QTextCursor.MoveMode.KeepAnchor)
    editor.setTextCursor(cursor)
    return True


def typed(editor: QPlainTextEdit, event: QKeyEvent) -> bool:
    """Do what a key does beyond its character; False when it does nothing more."""
    key, control = event.key(), Qt.KeyboardModifier.ControlModifier
    if editor.isReadOnly():
        return False
    if key == Qt.Key.Key_Slash and event.modifiers() & control:
        toggle_comment(editor)
        return True
    if key == Qt.Key.Key_Backspace and event.modifiers() == Qt.KeyboardModifier.NoModifier:
        return erase_pair(editor)
    sign = event.text()
    return len(sign) == 1 and (take_over(editor, sign) or pair(editor, sign))
