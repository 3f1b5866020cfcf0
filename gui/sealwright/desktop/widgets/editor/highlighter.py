"""Colours the lines that can be seen, and those alone, so that a megabyte opens at once."""

from __future__ import annotations

import time
from bisect import bisect_left
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, QSignalBlocker, QTimer, Slot
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
_PORTION = 0.002
"""Seconds of colouring in one turn; fifty lines that nobody has seen before take longer."""
_MOST_KEPT = 2_048
"""Lines whose formats are kept; they come back by undoing, pasting and scrolling."""
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
        self._known: dict[tuple[str, str], list[QTextLayout.FormatRange]] = {}
        self._working = False
        self._seen: object = None
        self._more = QTimer(self)
        self._more.setSingleShot(True)
        self._more.setInterval(0)
        self._more.timeout.connect(self.refresh)
        editor.updateRequest.connect(self._on_update)
        editor.document().contentsChange.connect(self._on_change)
        editor.document().contentsChanged.connect(self._on_changed)

    def restyle(self) -> None:
        """Colour again what can be seen, when the theme is another; Qt tells of it many times."""
        if self._colors is theme.palette():
            return
        self._colors = theme.palette()
        self._formats.clear()
        self._known.clear()
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
        """Colour the visible blocks that need it, those at the cursor first."""
        if self._working:
            return
        self._more.stop()
        block, count = self._lines()
        self._seen = block.blockNumber(), count, self._editor.document().revision()
        wanted = []
        while count and block.isValid():
            if block.isVisible():
                if block.userState() != self._state_of(block):
                    wanted.append(block)
                count -= 1
            block = block.next()
        if wanted:
            self._colour_some(wanted)

    def _state_of(self, block: QTextBlock) -> int:
        return block.revision() * _EPOCHS + self._epoch

    def _colour_some(self, blocks: list[QTextBlock]) -> None:
        """Colour as many as a turn has time for, and the others in the next one."""
        end = time.perf_counter() + _PORTION
        self._working = True
        try:
            at = self._place_at_cursor(blocks)
            first = last = at
            self._apply(blocks[at])
            while (first or last + 1 < len(blocks)) and time.perf_counter() < end:
                # Outwards from the cursor, so that what is done is one stretch.
                if last + 1 < len(blocks):
                    last += 1
                    self._apply(blocks[last])
                if first:
                    first -= 1
                    self._apply(blocks[first])
            self._lay_out(blocks[first], blocks[last])
        finally:
            self._working = False
        if last - first + 1 < len(blocks):
            self._more.start()

    def _place_at_cursor(self, blocks: list[QTextBlock]) -> int:
        if len(blocks) == 1:
            return 0
        at = self._editor.textCursor().blockNumber()
        numbers = [block.blockNumber() for block in blocks]
        return min(bisect_left(numbers, at), len(blocks) - 1)

    def _apply(self, block: QTextBlock) -> None:
        text = block.text()
        previous = block.previous()
        before = previous.text() if previous.isValid() else ""
        ranges = self._known.get((before, text))
        if ranges is None:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            ranges = self._known[before, text] = self._ranges(text, before)
        block.layout().setFormats(ranges)
        block.setUserState(self._state_of(block))

    def _ranges(self, text: str, before: str) -> list[QTextLayout.FormatRange]:
        found = self._colour(text, before) if len(text) <= LONGEST else []
        where = Positions(text)
        ranges: list[QTextLayout.FormatRange] = []
        last, shown = 0, None
        for piece in found:
            start, end = where.to_units(piece.start), where.to_units(piece.end)
            look = self._format(piece.syntax)
            if start == last and look is shown:
                # What looks the same is laid out and painted in one go.
                ranges[-1].length += end - start
            else:
                made = QTextLayout.FormatRange()
                made.start, made.length, made.format = start, end - start, look
                ranges.append(made)
            last, shown = end, look
        return ranges

    def _lay_out(self, first: QTextBlock, last: QTextBlock) -> None:
        # `setFormats` leaves the range of its block pending, and whoever settles it has the whole
        # view painted: Qt counts the range twice, so that it reaches into the next block.
        editor, position = self._editor, first.position()
        with QSignalBlocker(editor.document().documentLayout()):
            editor.document().markContentsDirty(position, last.position() - position + 1)
        offset = editor.contentOffset()
        place = editor.blockBoundingGeometry(first).translated(offset).toAlignedRect()
        if last != first:
            below = editor.blockBoundingGeometry(last).translated(offset).toAlignedRect()
            place = place.united(below)
        editor.viewport().update(QRect(0, place.top(), editor.viewport().width(), place.height()))

    def _format(self, syntax: Syntax) -> QTextCharFormat:
        made = self._formats.get(syntax)
        if made is None:
            made = QTextCharFormat()
            made.setForeground(theme.palette().syntax[syntax])
            weight = _WEIGHTS.get(syntax)
            if weight is not None:
                made.setFontWeight(QFont.Weight(weight))
            made.setFontItalic(syntax == Syntax.COMMENT)
            # Shared by what looks the same.
            made = next((known for known in self._formats.values() if known == made), made)
            self._formats[syntax] = made
        return made
