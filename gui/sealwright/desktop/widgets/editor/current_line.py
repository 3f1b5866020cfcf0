"""The tint of the line with the cursor, unless something is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, Slot

from sealwright.desktop import theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QPlainTextEdit

    from sealwright.desktop.widgets.editor.lines import Lined


class CurrentLine(QObject):
    """Has the lines painted again that the cursor leaves and enters; within a line Qt does it.

    To be made after the highlighter: a line is laid out when it is asked for its place.
    """

    def __init__(
        self, editor: QPlainTextEdit, lines: Lined, update_beside: Callable[[QRect], None]
    ) -> None:
        super().__init__(editor)
        self._editor, self._lines = editor, lines
        self._update_beside = update_beside
        self._known = (0, False)
        self._changing = False
        editor.document().contentsChange.connect(self._on_change)
        editor.document().contentsChanged.connect(self._on_changed)
        editor.cursorPositionChanged.connect(self._on_cursor)

    def paint(self, painter: QPainter) -> None:
        """Tint it, under the text."""
        editor = self._editor
        if not self._lines.shows_current_line():
            return
        # An extra selection would leave the document's margin out.
        block = editor.textCursor().block()
        top = editor.blockBoundingGeometry(block).translated(editor.contentOffset()).top()
        height = block.layout().lineAt(0).height() if block.layout().lineCount() else 0
        line = QRect(0, round(top), editor.viewport().width(), round(height))
        painter.fillRect(line, theme.palette().curline)

    @Slot()
    def _on_change(self) -> None:
        self._changing = True

    @Slot()
    def _on_changed(self) -> None:
        self._changing = False
        self._follow()

    @Slot()
    def _on_cursor(self) -> None:
        # In the middle of a change the new lines have no colours yet.
        if not self._changing:
            self._follow()

    def _follow(self) -> None:
        cursor = self._editor.textCursor()
        found = cursor.blockNumber(), cursor.hasSelection()
        if found == self._known:
            return
        changed = self._known[0], found[0]
        self._known = found
        for block, line in self._lines.visible_lines():
            if block.blockNumber() in changed:
                self._editor.viewport().update(line)
                self._update_beside(line)
