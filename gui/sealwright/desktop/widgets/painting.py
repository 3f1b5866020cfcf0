"""Shapes that several widgets draw the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap

from sealwright.desktop import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QFont


def rounded(
    painter: QPainter, rect: QRect | QRectF, radius: float, fill: QColor | None, line: QColor | None
) -> None:
    """A rounded box whose one-pixel outline lies inside `rect`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(line, 1.0) if line is not None else Qt.PenStyle.NoPen)
    if fill is None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        painter.setBrush(fill)
    inset = 0.5 if line is not None else 0.0
    painter.drawRoundedRect(QRectF(rect).adjusted(inset, inset, -inset, -inset), radius, radius)
    painter.restore()


def blank(width: int, height: int, ratio: float) -> QPixmap:
    """A picture with nothing on it yet, of logical pixels."""
    made = QPixmap(max(round(width * ratio), 1), max(round(height * ratio), 1))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    return made


def focus_ring(painter: QPainter, rect: QRect | QRectF, radius: float) -> None:
    """The two-pixel ring of keyboard focus, inside `rect`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.palette().focus, 2.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), radius, radius)
    painter.restore()


def arrow(painter: QPainter, start: QPointF, tip: QPointF, color: QColor, *, dashed: bool) -> None:
    """A level arrow to either side; dashed where nothing came through."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(color, 2.0)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    head = theme.px(5)
    back = -head if tip.x() > start.x() else head
    for side in (-head, head):
        painter.drawLine(tip, tip + QPointF(back, side))
    if dashed:
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
    painter.drawLine(start, tip)
    painter.restore()


def words(
    painter: QPainter,
    rect: QRect | QRectF,
    text: str,
    font: QFont,
    color: QColor,
    *,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> None:
    """One line, centred upright, shortened to fit."""
    painter.setFont(font)
    painter.setPen(color)
    box = rect.toRect() if isinstance(rect, QRectF) else rect
    shown = painter.fontMetrics().elidedText(theme.one_line(text), elide, box.width())
    painter.drawText(box, align | Qt.AlignmentFlag.AlignVCenter, shown)
