"""What stands in a table while its rows are awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.desktop import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPainter

_ROWS = 6
_SHARES = (0.62, 0.48, 0.7)


def draw_skeleton(painter: QPainter, places: Sequence[tuple[int, int]], width: int) -> None:
    """Bars where words will stand; `places` are left edge and width of each column."""
    color = theme.palette().border
    height, bar = theme.px(34), theme.px(10)
    for line in range(_ROWS):
        top = line * height + (height - bar) // 2
        for number, (left, room) in enumerate(places):
            begin = theme.px(16) if number == 0 else left + theme.px(8)
            length = int((room - theme.px(24)) * _SHARES[(line + number) % len(_SHARES)])
            painter.fillRect(begin, top, length, bar, color)
        painter.fillRect(0, (line + 1) * height - 1, width, 1, color)
