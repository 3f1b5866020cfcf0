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

    __slots__ = ("_lengths",)

    def __init__(self, text: str) -> None:
        # Lengths of all lines before each one; its own line ends are added when it is asked for,
        # as an editor makes this anew at every key.
        lines = text.split("\n")
        del lines[-1]
        self._lengths = list(accumulate(map(len, lines), initial=0))

    def position(self, offset: int) -> Position:
        """Line and column of `offset`."""
        line = bisect_right(range(len(self._lengths)), offset, key=self._start)
        return Position(line, offset - self._start(line - 1) + 1, offset)

    def offset(self, line: int, column: int) -> int:
        """Offset of a line and column; a line past the end counts as the last one."""
        return self._start(min(line, len(self._lengths)) - 1) + column - 1

    def _start(self, index: int) -> int:
        """Offset of a line, counted from 0."""
        return self._lengths[index] + index
