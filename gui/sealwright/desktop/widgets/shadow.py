"""Shadows as nine patches: drawn once, then stretched. No graphics effect (it blurs text)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from sealwright.desktop import theme
from sealwright.desktop.widgets.painting import rounded


@dataclass(frozen=True, slots=True)
class Shadow:
    """How a shadow falls, in logical pixels."""

    drop: int
    blur: int
    radius: int
    small: bool

    @property
    def reach(self) -> int:
        """How far it goes beyond the box at most."""
        return self.blur + self.drop


SMALL = Shadow(drop=4, blur=14, radius=8, small=True)
LARGE = Shadow(drop=10, blur=26, radius=12, small=False)


def paint_shadow(painter: QPainter, box: QRect, shadow: Shadow) -> None:
    """Draw the shadow of `box` around it; the box itself is left to the caller."""
    colors = theme.palette()
    edge = colors.shadow_small if shadow.small else colors.shadow
    ratio = painter.device().devicePixelRatioF()
    patch = _patch(shadow, edge.alpha(), ratio)
    reach = shadow.reach
    corner = reach + shadow.radius
    place = box.adjusted(-reach, -reach, reach, reach)
    side = 2 * (reach + shadow.radius) + 4
    for x, width, from_x, from_width in _thirds(place.left(), place.width(), corner, side):
        for y, height, from_y, from_height in _thirds(place.top(), place.height(), corner, side):
            source = QRectF(from_x * ratio, from_y * ratio, from_width * ratio, from_height * ratio)
            painter.drawPixmap(QRectF(x, y, width, height), patch, source)


def _thirds(
    start: int, length: int, corner: int, side: int
) -> tuple[tuple[int, int, int, int], ...]:
    """Start and length of the three stripes, on the target and in the patch."""
    return (
        (start, corner, 0, corner),
        (start + corner, length - 2 * corner, corner, side - 2 * corner),
        (start + length - corner, corner, side - corner, corner),
    )


@cache
def _patch(shadow: Shadow, alpha: int, ratio: float) -> QPixmap:
    side = 2 * (shadow.reach + shadow.radius) + 4
    made = QPixmap(QSize(round(side * ratio), round(side * ratio)))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    reach = shadow.reach
    inner = QRectF(reach, reach, side - 2 * reach, side - 2 * reach)
    # Rings from the outside in: each adds what the fall to the power 1.5 still lacks.
    before = 0.0
    for step in range(shadow.blur, 0, -1):
        wanted = alpha * (1 - step / shadow.blur) ** 1.5
        ring = inner.adjusted(-step, shadow.drop - step, step, shadow.drop + step)
        painter.setBrush(QColor(0, 0, 0, max(round(wanted - before), 0)))
        painter.drawRoundedRect(ring, shadow.radius + step, shadow.radius + step)
        before = wanted
    painter.end()
    return made


def paint_card(painter: QPainter, rect: QRect) -> None:
    """A small card, with room for its shadow around it."""
    reach = SMALL.reach
    card = rect.adjusted(reach, reach, -reach, -reach)
    paint_shadow(painter, card, SMALL)
    colors = theme.palette()
    rounded(painter, card, theme.px(8), colors.overlay, colors.border2)
