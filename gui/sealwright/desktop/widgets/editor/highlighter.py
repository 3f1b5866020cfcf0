"""Colours the lines that can be seen, and those alone, so that a megabyte opens at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSignalBlocker, Slot
from PySide6.QtGui import QFont, QTextCharFormat, QTextLayout

from sealwright.desktop import theme
from sealwright.desktop.theme import Syntax
from sealwright.desktop.widgets.editor.positions import Positions
from sealwright.desktop.widgets.editor.syntax import Piece, pieces

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QTextBlock
    from PySide6.QtWidgets import QPlainTextEdit

_WEIGHTS = {
    Syntax.SECTION: 600,
    Syntax.PERMIT: 600,
    Syntax.DENY: 600,
    Syntax.ACTION: 500,
}
_EPOCHS = 64
LONGEST = 20_000
"""A line longer than this stays plain."""


class Highlighter(QObject):
    """Gives blocks their formats when they come into view or change.

    A block's user state holds the revision it was coloured for, and the theme's epoch.
    """

    def __init__(
        self,
        editor: QPlainTextEdit,
        lines: Callable[[], tuple[QTextBlock, int]],
        colour: Callable[[str, str], list[Piece]] = pieces,
    ) -> None:
        super().__init__(editor)
        self._editor = editor
        self._lines = lines
        self._colour = colour
        self._epoch = 0
        self._colors = theme.palette()
        self._formats: dict[Syntax, QTextCharFormat] = {}
        self._working = False
        self._seen: object = None
        editor.updateRequest.connect(self._on_update)
        editor.document().contentsChange.connect(self._on_change)
        editor.document().contentsChanged.connect(self._on_changed)

    def restyle(self) -> None:
        """Colour again what can be seen, when the theme is another; Qt tells of it many times."""
        if self._colors is theme.palette():
            return
        self._colors = theme.palette()
        self._formats.clear()
        self._epoch = (self._epoch + 1) % _EPOCHS
        self.refresh()

    @Slot(int, int, int)
    def _on_change(self, position: int, _removed: int, _added: int) -> None:
        # The document lays itself out after this and would lose formats that are set before.
        self._working = True
        # The line below may depend on this one (a broken `type == "..."`).
        following = self._editor.document().findBlock(position).next()
        if following.isValid():
            following.setUserState(-1)

    @Slot()
    def _on_changed(self) -> None:
        self._working = False
        self.refresh()

    @Slot()
    def _on_update(self) -> None:
        # Qt tells of every stretch that is to be painted, several of them for a key.
        first, count = self._lines()
        if (first.blockNumber(), count, self._editor.document().revision()) != self._seen:
            self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Colour the visible blocks that need it."""
        if self._working:
            return
        self._working = True
        try:
            block, count = self._lines()
            self._seen = block.blockNumber(), count, self._editor.document().revision()
            while count and block.isValid():
                if block.isVisible():
                    self._colour_once(block)
                    count -= 1
                block = block.next()
        finally:
            self._working = False

    def _colour_once(self, block: QTextBlock) -> None:
        if block.userState() != block.revision() * _EPOCHS + self._epoch:
            self._apply(block)
            block.setUserState(block.revision() * _EPOCHS + self._epoch)

    def _apply(self, block: QTextBlock) -> None:
        text = block.text()
        previous = block.previous()
        before = previous.text() if previous.isValid() else ""
        found = self._colour(text, before) if len(text) <= LONGEST else []
        where = Positions(text)
        ranges = []
        for piece in found:
            made = QTextLayout.FormatRange()
            made.start = where.to_units(piece.start)
            made.length = where.to_units(piece.end) - made.start
            made.format = self._format(piece.syntax)
            ranges.append(made)
        block.layout().setFormats(ranges)
        self._lay_out(block)

    def _lay_out(self, block: QTextBlock) -> None:
        # `setFormats` leaves the block's range pending, and whoever settles it has the whole view
        # painted: Qt counts the range twice, so that it reaches into the next block.
        editor = self._editor
        with QSignalBlocker(editor.document().documentLayout()):
            editor.document().markContentsDirty(block.position(), 1)
        place = editor.blockBoundingGeometry(block).translated(editor.contentOffset())
        editor.viewport().update(place.toAlignedRect())

    def _format(self, syntax: Syntax) -> QTextCharFormat:
        made = self._formats.get(syntax)
        if made is None:
            made = QTextCharFormat()
            made.setForeground(theme.palette().syntax[syntax])
            weight = _WEIGHTS.get(syntax)
            if weight is not None:
                made.setFontWeight(QFont.Weight(weight))
            made.setFontItalic(syntax == Syntax.COMMENT)
            self._formats[syntax] = made
        return made
