"""Megabytes of text to read and copy, laid out a slice at a time and whatever its lines' length.

A line of a megabyte takes Qt's layout seconds, so that long lines are cut into pieces here;
what is copied is the text as it was.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QTimer, Slot
from PySide6.QtGui import QTextCursor, QTextDocument, QTextOption
from PySide6.QtWidgets import QPlainTextDocumentLayout, QPlainTextEdit

from sealwright.desktop import theme
from sealwright.desktop.theme import Role
from sealwright.desktop.virtual import virtual_value

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_TURN = 0.010
"""Seconds in which text is laid out before the window gets its turn."""
_LINE = 1000
"""Characters of a line that are laid out as one."""
_GOES_ON = 1
"""State of a piece whose line goes on in the next one."""


class RawText(QPlainTextEdit):
    """Reads as one text; nothing of it is laid out before somebody looks."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setAccessibleName(name)
        self.setFont(theme.font(Role.CODE_SMALL))
        self.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self._text = ""
        self._at = 0
        self._made: QTextDocument | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._on_slice)

    @property
    def pending(self) -> bool:
        """Whether text is still being laid out."""
        return self._timer.isActive()

    def set_text(self, text: str) -> None:
        """Show another text, once `look` is called."""
        if text == self._text:
            return
        self._timer.stop()
        self._text, self._at = text, 0
        # Taking megabytes out of a document takes longer than a new one.
        old, new = self._made, QTextDocument(self)
        new.setDocumentLayout(QPlainTextDocumentLayout(new))
        new.setDefaultFont(self.font())
        new.setUndoRedoEnabled(False)
        self.setDocument(new)
        self._made = new
        if old is not None:
            old.deleteLater()

    def look(self, *, on: bool) -> None:
        """Somebody looks, or does no longer."""
        if on and self._at < len(self._text):
            self._timer.start()
        else:
            self._timer.stop()

    @Slot()
    def _on_slice(self) -> None:
        begun = time.perf_counter()
        while self._at < len(self._text) and time.perf_counter() - begun < _TURN:
            self._add_piece()
        if self._at >= len(self._text):
            self._timer.stop()

    def _add_piece(self) -> None:
        """Lines that are short, as many as fit, or a piece of a long one."""
        start = self._at
        line_end = self._end_of_line(start)
        if line_end - start > _LINE:
            self._put(self._text[start : start + _LINE], goes_on=True)
            self._at = start + _LINE
            return
        last = line_end
        while last < len(self._text) and last - start < _LINE:
            following = self._end_of_line(last + 1)
            if following - last > _LINE:
                break
            last = following
        self._put(self._text[start:last], goes_on=False)
        self._at = last + 1

    def _end_of_line(self, start: int) -> int:
        found = self._text.find("\n", start)
        return len(self._text) if found < 0 else found

    def _put(self, piece: str, *, goes_on: bool) -> None:
        # Not `appendPlainText`: that follows the end, which lays everything out at once.
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if not self.document().isEmpty():
            cursor.insertBlock()
        cursor.insertText(piece)
        cursor.block().setUserState(_GOES_ON if goes_on else -1)

    @virtual_value(QMimeData())
    def createMimeDataFromSelection(self) -> QMimeData:
        """What is marked, its lines as they were."""
        cursor = self.textCursor()
        data = QMimeData()
        data.setText(self.between(cursor.selectionStart(), cursor.selectionEnd()))
        return data

    def between(self, start: int, end: int) -> str:
        """The text between two places of the document, its lines as they were."""
        block = self.document().findBlock(start)
        parts: list[str] = []
        while block.isValid() and block.position() <= end:
            first = max(start - block.position(), 0)
            parts.append(block.text()[first : end - block.position()])
            if block.position() + block.length() <= end and block.userState() != _GOES_ON:
                parts.append("\n")
            block = block.next()
        return "".join(parts)
