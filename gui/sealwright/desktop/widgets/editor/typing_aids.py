"""What typing does to brackets, quotes and comments; every step is one undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor

from sealwright.desktop.widgets.editor.brackets import PAIRS, balanced

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QPlainTextEdit

_QUOTE = '"'
_CLOSING = frozenset((*PAIRS.values(), _QUOTE))
_COMMENT = "//"
_MOST_BY_LINE = 200
"""Lines that are changed one after the other, which leaves what is marked in them alone."""


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
    cursor, document = editor.textCursor(), editor.document()
    first = document.findBlock(cursor.selectionStart()).blockNumber()
    end = max(cursor.selectionStart(), cursor.selectionEnd() - 1)
    last = document.findBlock(end).blockNumber()
    lines = document.toRawText().split("\u2029")[first : last + 1]
    changes = _comment_changes(lines)
    if len(changes) > _MOST_BY_LINE:
        _change_at_once(editor, first, lines, changes)
        return
    cursor.beginEditBlock()
    for number, change in changes.items():
        at = document.findBlockByNumber(first + number).position() + change.column
        cursor.setPosition(at)
        cursor.setPosition(at + change.removed, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(change.added)
    cursor.endEditBlock()


class _Change(NamedTuple):
    """What a line loses and gets at a column, in UTF-16 units."""

    column: int
    removed: int
    added: str

    def moved(self, column: int) -> int:
        """Where a cursor in the line comes to stand."""
        if column < self.column:
            return column
        return max(column - self.removed, self.column) + len(self.added)

    def made(self, line: str) -> str:
        """The line afterwards. Blanks lead up to the column, so that units are characters."""
        return line[: self.column] + self.added + line[self.column + self.removed :]


def _comment_changes(lines: list[str]) -> dict[int, _Change]:
    """By the number of the line; blank lines stay as they are."""
    indents = {number: _indent(line) for number, line in enumerate(lines) if line.strip()}
    plain = [number for number, at in indents.items() if not lines[number].startswith(_COMMENT, at)]
    if plain:
        column = min(indents[number] for number in plain)
        return {number: _Change(column, 0, _COMMENT + " ") for number in indents}
    return {
        number: _Change(at, 3 if lines[number].startswith(_COMMENT + " ", at) else 2, "")
        for number, at in indents.items()
    }


def _change_at_once(
    editor: QPlainTextEdit, first: int, lines: list[str], changes: dict[int, _Change]
) -> None:
    """Put other lines in the place of thousands: each change by itself takes 30 µs, and its undo.

    The selection stays on its characters.
    """
    cursor, document = editor.textCursor(), editor.document()
    ends = []
    for position in (cursor.anchor(), cursor.position()):
        block = document.findBlock(position)
        change = changes.get(block.blockNumber() - first)
        column = position - block.position()
        ends.append((block.blockNumber(), change.moved(column) if change is not None else column))
    start = document.findBlockByNumber(first).position()
    last = document.findBlockByNumber(first + len(lines) - 1)
    cursor.setPosition(start)
    cursor.setPosition(last.position() + last.length() - 1, QTextCursor.MoveMode.KeepAnchor)
    made = [changes[n].made(line) if n in changes else line for n, line in enumerate(lines)]
    cursor.insertText("\n".join(made))
    anchor, position = (
        document.findBlockByNumber(number).position() + column for number, column in ends
    )
    cursor.setPosition(anchor)
    cursor.setPosition(position, QTextCursor.MoveMode.KeepAnchor)
    editor.setTextCursor(cursor)


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
