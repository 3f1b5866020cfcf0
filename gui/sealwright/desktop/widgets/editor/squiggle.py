"""Underlines drawn by hand: the style's wave follows the desktop, and ours must not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from sealwright.desktop import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QTextBlock

    from sealwright.desktop.theme import Tone

_PERIOD = 6.0
_HEIGHT = 2.4
_DOT_PITCH = 4.0


def paint_underline(
    painter: QPainter, left: float, right: float, y: float, tone: Tone, *, faint: bool
) -> None:
    """A wave from `left` to `right`, or dots when `faint`."""
    color = theme.palette().tone(tone).mark
    right = max(right, left + _PERIOD)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if faint:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        at = left + 1
        while at < right:
            painter.drawEllipse(QPointF(at, y), 0.95, 0.95)
            at += _DOT_PITCH
    else:
        painter.setPen(QPen(color, 1.3))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(_wave(left, right, y))
    painter.restore()


def _wave(left: float, right: float, y: float) -> QPainterPath:
    path = QPainterPath(QPointF(left, y + _HEIGHT / 2))
    at, up = left, True
    while at < right:
        half = min(_PERIOD / 2, right - at)
        end = y - _HEIGHT / 2 if up else y + _HEIGHT / 2
        path.quadTo(QPointF(at + half / 2, end), QPointF(at + half, y))
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
