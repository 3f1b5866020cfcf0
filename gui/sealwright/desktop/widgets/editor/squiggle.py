"""Underlines drawn by hand: the style's wave follows the desktop, and ours must not."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap

from sealwright.desktop import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QTextBlock

    from sealwright.desktop.theme import Tone

_PERIOD = 6
_HEIGHT = 2.4
_DOT_PITCH = 4
_TILE = 6
"""Height of a tile; the line runs through its middle."""


def paint_underline(
    painter: QPainter, left: float, right: float, y: float, tone: Tone, *, faint: bool
) -> None:
    """A wave from `left` to `right`, or dots when `faint`."""
    color = theme.palette().tone(tone).mark.name()
    right = max(right, left + _PERIOD)
    ratio = painter.device().devicePixelRatioF()
    place = QRect(round(left), round(y) - _TILE // 2, round(right - left), _TILE)
    # One period as a picture, laid side by side: stroking the path each time takes milliseconds.
    painter.drawTiledPixmap(place, _tile(color, ratio, faint=faint))


@cache
def _tile(color: str, ratio: float, *, faint: bool) -> QPixmap:
    width = _DOT_PITCH if faint else _PERIOD
    tile = QPixmap(round(width * ratio), round(_TILE * ratio))
    tile.setDevicePixelRatio(ratio)
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    middle = _TILE / 2
    if faint:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(color))
        painter.drawEllipse(QPointF(width / 2, middle), 0.95, 0.95)
    else:
        painter.setPen(QPen(QColor(color), 1.3))
        painter.drawPath(_wave(-_PERIOD, 2 * _PERIOD, middle))
    painter.end()
    return tile


def _wave(left: float, right: float, y: float) -> QPainterPath:
    path = QPainterPath(QPointF(left, y))
    at, up, half = left, True, _PERIOD / 2
    while at < right:
        peak = y - _HEIGHT if up else y + _HEIGHT
        path.quadTo(QPointF(at + half / 2, peak), QPointF(at + half, y))
        at += half
        up = not up
    return path


def underline_extent(block: QTextBlock, start: int, end: int) -> tuple[float, float, float] | None:
    """Left, right and baseline (from the block's top left) of a stretch of its first layout line.

    `start` and `end` are document positions; None where the stretch is not in the block.
    """
    first = max(start - block.position(), 0)
    last = min(end - block.position(), block.length() - 1)
    layout = block.layout()
    if last < first or layout.lineCount() == 0:
        return None
    line = layout.lineForTextPosition(first)
    if not line.isValid():
        return None
    left = _cursor_x(line.cursorToX(first))
    right = _cursor_x(line.cursorToX(min(last, line.textStart() + line.textLength())))
    return left, right, line.y() + line.ascent() + 3.2


def _cursor_x(answer: object) -> float:
    # PySide gives (x, position) where C++ gives x alone.
    value = answer[0] if isinstance(answer, tuple) else answer
    return float(value) if isinstance(value, int | float) else 0.0
