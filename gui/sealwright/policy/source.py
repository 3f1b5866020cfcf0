"""Places in a policy text, counted in Unicode code points."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import NamedTuple


class Position(NamedTuple):
    """Where one character stands: line and column from 1, offset from 0 (spec cli, policy lint)."""

    line: int
    column: int
    offset: int


class Span(NamedTuple):
    """A half-open range of offsets; empty where something is missing."""

    start: int
    end: int

    def shifted(self, distance: int) -> Span:
        """The same range in a text that has `distance` more characters before it."""
        return Span(self.start + distance, self.end + distance)


class Lines:
    """Finds line and column of offsets in one text; only LF ends a line."""

    __slots__ = ("_starts",)

    def __init__(self, text: str) -> None:
        lines = text.split("\n")
        del lines[-1]
        self._starts = list(accumulate([len(line) + 1 for line in lines], initial=0))

    def position(self, offset: int) -> Position:
        """Line and column of `offset`."""
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1, offset)

    def offset(self, line: int, column: int) -> int:
        """Offset of a line and column; a line past the end counts as the last one."""
        return self._starts[min(line, len(self._starts)) - 1] + column - 1
