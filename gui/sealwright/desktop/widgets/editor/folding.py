"""Folds what stands between the braces of a section; whatever enters a fold opens it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QRect, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QTextCursor

from sealwright.desktop import theme
from sealwright.desktop.widgets.painting import rounded, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QTextBlock
    from PySide6.QtWidgets import QPlainTextEdit

_OPENS = re.compile(r"^\s*\w+\s*\{\s*(?://.*)?$")
_CENTER = Qt.AlignmentFlag.AlignCenter
_CLOSES = re.compile(r"^\s*\}")


class Folds(QObject):
    """`changed` when lines went out of sight or came back.

    A fold is held by two cursors, which Qt moves along with the text. An edit or the cursor in
    hidden lines opens their fold, so that nothing is ever changed or lost unseen.
    """

    changed = Signal()

    def __init__(self, editor: QPlainTextEdit) -> None:
        super().__init__(editor)
        self._editor = editor
        self._folds: list[tuple[QTextCursor, QTextCursor]] = []
        self._touched: tuple[int, int] | None = None
        self.count = 0
        """How often lines went out of sight or came back."""
        editor.document().contentsChange.connect(self._on_change)
        editor.document().contentsChanged.connect(self._on_changed)
        editor.cursorPositionChanged.connect(self._on_cursor)

    # --- asking -------------------------------------------------------------------------------

    @staticmethod
    def opens(block: QTextBlock) -> bool:
        """Whether a line opens something that can be folded."""
        text = block.text()
        return "{" in text and _OPENS.match(text) is not None

    def is_folded(self, block: QTextBlock) -> bool:
        """Whether what a line opens is folded."""
        return self._fold_of(block) is not None

    def hidden_lines(self, block: QTextBlock) -> int:
        """How many lines are out of sight below a line; 0 when it is not folded."""
        fold = self._fold_of(block)
        return 0 if fold is None else fold[1].blockNumber() - fold[0].blockNumber()

    def _fold_of(self, block: QTextBlock) -> tuple[QTextCursor, QTextCursor] | None:
        number = block.blockNumber()
        return next((fold for fold in self._folds if fold[0].blockNumber() == number), None)

    def paint(self, lines: Iterable[tuple[QTextBlock, QRect]]) -> None:
        """Say behind each folded line how many are hidden."""
        if not self._folds:
            return
        painter = QPainter(self._editor.viewport())
        painter.setFont(theme.font(theme.Role.SMALL))
        colors = theme.palette()
        for block, rect in lines:
            count = self.hidden_lines(block)
            if not count:
                continue
            text = QCoreApplication.translate("Folds", "{0} lines").format(count)
            layout = block.layout()
            left = round(layout.lineAt(0).naturalTextWidth()) + theme.px(24)
            width = painter.fontMetrics().horizontalAdvance(text) + theme.px(12)
            box = QRect(left, rect.top() + 1, width, rect.height() - 2)
            rounded(painter, box, theme.px(4), colors.sunken, colors.border)
            words(painter, box, text, painter.font(), colors.text2, align=_CENTER)

    # --- doing --------------------------------------------------------------------------------

    def toggle(self, block: QTextBlock) -> None:
        """Fold what a line opens, or open it again."""
        fold = self._fold_of(block)
        if fold is not None:
            self._open(fold)
        elif self.opens(block):
            self._close(block)

    @Slot()
    def fold_here(self) -> None:
        """Fold the section that the cursor stands in."""
        block = self._editor.textCursor().block()
        while block.isValid() and not self.opens(block):
            block = block.previous()
            if block.isValid() and _CLOSES.match(block.text()):
                return
        if block.isValid() and not self.is_folded(block):
            self._close(block)

    @Slot()
    def unfold_here(self) -> None:
        """Open what the line of the cursor folds."""
        fold = self._fold_of(self._editor.textCursor().block())
        if fold is not None:
            self._open(fold)

    def _close(self, block: QTextBlock) -> None:
        last = block.next()
        while last.isValid() and not _CLOSES.match(last.text()):
            last = last.next()
        last = last.previous() if last.isValid() else self._editor.document().lastBlock()
        if last.blockNumber() <= block.blockNumber():
            return
        cursor = self._editor.textCursor()
        if block.blockNumber() < cursor.blockNumber() <= last.blockNumber():
            cursor.setPosition(block.position() + block.length() - 1)
            self._editor.setTextCursor(cursor)
        fold = QTextCursor(block), QTextCursor(last)
        # What is typed at the end of the last line belongs to the fold.
        fold[1].movePosition(QTextCursor.MoveOperation.EndOfBlock)
        self._folds.append(fold)
        self._show(fold, visible=False)

    def _open(self, fold: tuple[QTextCursor, QTextCursor]) -> None:
        self._folds.remove(fold)
        self._show(fold, visible=True)

    def _show(self, fold: tuple[QTextCursor, QTextCursor], *, visible: bool) -> None:
        first, last = fold[0].block(), fold[1].block()
        block = first.next()
        while block.isValid() and block.blockNumber() <= last.blockNumber():
            block.setVisible(visible)
            block = block.next()
        self.count += 1
        document = self._editor.document()
        length = last.position() + last.length() - first.position()
        document.markContentsDirty(first.position(), length - 1)
        layout = document.documentLayout()
        layout.documentSizeChanged.emit(layout.documentSize())
        self._editor.viewport().update()
        self.changed.emit()

    # --- following ----------------------------------------------------------------------------

    @Slot(int, int, int)
    def _on_change(self, position: int, removed: int, added: int) -> None:
        self._touched = (position, position + max(removed, added))

    @Slot()
    def _on_changed(self) -> None:
        touched, self._touched = self._touched, None
        if touched is None or not self._folds:
            return
        start, end = touched
        for fold in list(self._folds):
            if end >= fold[0].position() and start <= fold[1].position():
                self._open(fold)

    @Slot()
    def _on_cursor(self) -> None:
        if self._folds and not self._editor.textCursor().block().isVisible():
            number = self._editor.textCursor().blockNumber()
            for fold in list(self._folds):
                if fold[0].blockNumber() < number <= fold[1].blockNumber():
                    self._open(fold)
            self._editor.ensureCursorVisible()
