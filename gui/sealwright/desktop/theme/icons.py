"""Icons: SVG strokes put into the colour of a token, for the pixel ratio of the screen.

Invariants
- An icon names a token, not a colour: the pixmap is looked up while painting, so that a change of
  theme needs no new icon.
- The cache is keyed by name, size, colour and ratio; `forget` empties it.
"""

from __future__ import annotations

import re
from functools import cache

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from sealwright.desktop.theme.look import LOOK, color_of
from sealwright.desktop.virtual import virtual

DEFAULT_SIZE = 16
_STROKE = re.compile(rb'stroke-width="[0-9.]+"')
# Optical weight by size; the upper bound of each step in logical pixels.
_WEIGHTS = ((14.5, "1.9"), (19.0, "1.75"), (23.0, "1.6"), (999.0, "1.5"))


def pixmap(
    name: str, size: int = DEFAULT_SIZE, color: str = "text2", ratio: float = 1.0
) -> QPixmap:
    """The icon as a square pixmap; `color` is a token such as `text2`, or `ok.mark`."""
    return _pixmap(name, size, color_of(color).name(), ratio)


def paint(
    painter: QPainter, x: float, y: float, name: str, *, size: int = DEFAULT_SIZE, color: str
) -> None:
    """Paint an icon with its upper left corner at whole logical pixels."""
    ratio = painter.device().devicePixelRatioF()
    painter.drawPixmap(round(x), round(y), pixmap(name, size, color, ratio))


def icon(name: str, color: str = "text2") -> QIcon:
    """An icon that follows the theme and turns `textoff` when its button is disabled."""
    return QIcon(_Engine(name, color))


def forget() -> None:
    """Drop every rendered pixmap."""
    _pixmap.cache_clear()


@cache
def _pixmap(name: str, size: int, color: str, ratio: float) -> QPixmap:
    made = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    source = LOOK.icons.get(name)
    if source is None:
        return made
    weight = next(value for limit, value in _WEIGHTS if size <= limit)
    source = _STROKE.sub(f'stroke-width="{weight}"'.encode(), source, count=1)
    # QtSvg takes currentColor from the root's color attribute and draws black without it.
    source = source.replace(b"<svg ", f'<svg color="{color}" '.encode(), 1)
    painter = QPainter(made)
    QSvgRenderer(QByteArray(source)).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return made


class _Engine(QIconEngine):
    """Draws on demand; holds two words and no pixmap."""

    def __init__(self, name: str, color: str) -> None:
        super().__init__()
        self._name = name
        self._color = color

    def _shade(self, mode: QIcon.Mode) -> str:
        return "textoff" if mode == QIcon.Mode.Disabled else self._color

    @virtual
    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        size = min(rect.width(), rect.height())
        left = rect.x() + (rect.width() - size) // 2
        top = rect.y() + (rect.height() - size) // 2
        paint(painter, left, top, self._name, size=size, color=self._shade(mode))

    @virtual
    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    @virtual
    def scaledPixmap(
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        # `size` is in logical pixels (since Qt 6.8), `scale` the ratio of the screen.
        side = min(size.width(), size.height())
        return pixmap(self._name, side, self._shade(mode), scale)

    @virtual
    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._color)
