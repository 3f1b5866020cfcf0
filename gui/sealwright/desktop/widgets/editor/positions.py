"""Offsets in code points, as the domain counts, to and from UTF-16 units, as Qt counts."""

from __future__ import annotations

import re
from bisect import bisect_right

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


class Positions:
    """Converts offsets of one text. Characters beyond U+FFFF take two units."""

    __slots__ = ("_points", "_units")

    def __init__(self, text: str) -> None:
        # Sorted offsets just after each character of two units, counted both ways.
        # ASCII is known to the string itself, so that a megabyte of it costs nothing.
        found = () if text.isascii() else _ASTRAL.finditer(text)
        self._points = [match.end() for match in found]
        self._units = [point + index + 1 for index, point in enumerate(self._points)]

    def to_units(self, point: int) -> int:
        """The document position of a code point offset."""
        return point + bisect_right(self._points, point)

    def to_points(self, unit: int) -> int:
        """The code point offset of a document position; inside a pair it counts as before it."""
        passed = bisect_right(self._units, unit)
        if passed < len(self._units) and self._units[passed] - 1 == unit:
            return self._points[passed] - 1
        return unit - passed

    @property
    def plain(self) -> bool:
        """Whether both countings agree everywhere."""
        return not self._points


def units(text: str) -> int:
    """Length of a text in UTF-16 units."""
    return len(text) + (0 if text.isascii() else len(_ASTRAL.findall(text)))
