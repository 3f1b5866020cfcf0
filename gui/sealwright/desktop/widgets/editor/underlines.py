"""The findings in a text: underlined where they stand, told where the pointer rests."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from PySide6.QtGui import QPainter

from sealwright.desktop.widgets.editor.marks import Mark, MarkMap, rank
from sealwright.desktop.widgets.editor.squiggle import paint_underline, underline_extent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtCore import QRect
    from PySide6.QtGui import QTextBlock

    from sealwright.desktop.widgets.editor.lines import Viewed

_BELOW = 4
"""How far an underline reaches below its line."""
_Looks = tuple[int, int, object, str, bool]


class Underlines:
    """Paints the marks in view, and has painted again what new ones change."""

    def __init__(self, editor: Viewed, update_beside: Callable[[QRect], None]) -> None:
        self._editor = editor
        self._update_beside = update_beside
        self._marks = MarkMap()
        self._lines: object = None
        self._heaviest: dict[int, Mark] = {}

    def show(self, marks: MarkMap) -> None:
        """Show these; they belong to the text as it is now."""
        lines = self._editor.visible_lines()
        before = self._looks(lines)
        self._marks, self._lines = marks, None
        changed = before ^ self._looks(lines)
        if not changed:
            return
        for block, rect in lines:
            first, last = block.position(), block.position() + block.length()
            if any(start < last and end >= first for start, end, *_ in changed):
                self._editor.viewport().update(rect.adjusted(0, 0, 0, _BELOW))
                self._update_beside(rect)

    def move(self, position: int, by: int) -> None:
        """The text grew by `by` units at a position."""
        self._marks.move(position, by)
        self._lines = None

    def heaviest(self) -> Mapping[int, Mark]:
        """The heaviest finding that begins on each line in view, by the number of the line."""
        lines = self._editor.visible_lines()
        if lines is not self._lines:
            self._lines = lines
            self._heaviest = {} if self._marks.empty else self._weighed(lines)
        return self._heaviest

    def _weighed(self, lines: list[tuple[QTextBlock, QRect]]) -> dict[int, Mark]:
        if not lines:
            return {}
        starts = [block.position() for block, _ in lines]
        last = lines[-1][0]
        found: dict[int, Mark] = {}
        for start, _, mark in self._marks.starting(starts[0], starts[-1] + last.length() - 1):
            block = lines[bisect_right(starts, start) - 1][0]
            if start < block.position() + block.length():
                number = block.blockNumber()
                found[number] = min(found.get(number, mark), mark, key=rank)
        return found

    def at(self, position: int) -> Mark | None:
        """The finding at a document position."""
        found = self._marks.touching(position - 1, position)
        return next((mark for a, b, mark in found if a <= position <= max(b, a + 1)), None)

    def paint(self, area: QRect) -> None:
        """Paint what is in this part of the viewport."""
        if self._marks.empty:
            return
        reach = area.adjusted(0, -_BELOW, 0, 0)
        lines = [line for line in self._editor.visible_lines() if line[1].intersects(reach)]
        if not lines:
            return
        painter = QPainter(self._editor.viewport())
        starts = [block.position() for block, _ in lines]
        last = starts[-1] + lines[-1][0].length()
        for start, end, mark in self._marks.touching(starts[0], last):
            reached = slice(max(bisect_right(starts, start) - 1, 0), bisect_right(starts, end))
            self._paint(painter, lines[reached], start, end, mark)

    def _looks(self, lines: list[tuple[QTextBlock, QRect]]) -> set[_Looks]:
        """What the marks in view look like, and where."""
        if not lines or self._marks.empty:
            return set()
        first, last = lines[0][0].position(), lines[-1][0].position() + lines[-1][0].length()
        return {
            (start, end, mark.tone, mark.message, mark.faint)
            for start, end, mark in self._marks.touching(first, last)
        }

    def _paint(
        self,
        painter: QPainter,
        lines: list[tuple[QTextBlock, QRect]],
        start: int,
        end: int,
        mark: Mark,
    ) -> None:
        shift = self._editor.contentOffset().x()
        for block, rect in lines:
            extent = underline_extent(block, start, end)
            if extent is not None:
                left, right, y = extent
                paint_underline(
                    painter,
                    left + shift,
                    right + shift,
                    rect.top() + y,
                    mark.tone,
                    faint=mark.faint,
                )
