"""Where the bytes of a hex view stand: offsets, bytes in two halves, and their letters."""

from __future__ import annotations

from dataclasses import dataclass

_HALF = 8
_GAP = 2
"""Characters between the columns."""


@dataclass(frozen=True, slots=True)
class HexGrid:
    """The places of one width. Lengths are pixels; columns count bytes of a row."""

    advance: float
    """Width of one character."""
    row: int
    """Height of a row."""
    left: int
    top: int
    digits: int
    """How many the offsets have."""
    across: int
    """Bytes in a row: 16, or 8 where it is narrow."""

    @property
    def bytes_left(self) -> float:
        """Where the first byte of a row begins."""
        return self.left + (self.digits + _GAP) * self.advance

    @property
    def letters_left(self) -> float:
        """Where the first letter of a row begins."""
        return self.bytes_left + (self._slots + _GAP) * self.advance

    @property
    def width(self) -> float:
        """Of everything, without the right margin."""
        return self.letters_left + self.across * self.advance

    @property
    def _slots(self) -> int:
        """Characters that the bytes of a row take."""
        return 3 * self.across - 1 + (1 if self.across > _HALF else 0)

    def byte_x(self, column: int) -> float:
        """Left edge of a byte."""
        return self.bytes_left + (3 * column + (1 if column >= _HALF else 0)) * self.advance

    def letter_x(self, column: int) -> float:
        """Left edge of a letter."""
        return self.letters_left + column * self.advance

    def column_at(self, x: float) -> int:
        """The column under `x`, in the bytes or in the letters; the nearest one beside them."""
        if x >= self.letters_left - self.advance:
            return self._inside(int((x - self.letters_left) // self.advance))
        slot = (x - self.bytes_left) / self.advance
        if self.across > _HALF and slot >= 3 * _HALF:
            slot -= 1
        return self._inside(int(slot // 3))

    def _inside(self, column: int) -> int:
        return min(max(column, 0), self.across - 1)


def grid_for(width: int, advance: float, *, row: int, pad: int, size: int) -> HexGrid:
    """The grid for `size` bytes in `width` pixels."""
    digits = max(4, len(f"{max(size - 1, 0):x}"))
    wide = HexGrid(advance, row, pad, pad // 2, digits, 2 * _HALF)
    if wide.width + pad <= width:
        return wide
    return HexGrid(advance, row, pad, pad // 2, digits, _HALF)
