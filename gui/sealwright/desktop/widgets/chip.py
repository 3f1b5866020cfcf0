"""Chips: a state as colour, icon and word."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QFontMetrics, QPainter, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from sealwright.desktop import theme
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.painting import blank, rounded, words

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent


def chip_size(text: str, icon: str = "", *, dense: bool = False) -> QSize:
    """How much room a chip takes; `dense` is the form in table rows."""
    metrics = QFontMetrics(theme.font(theme.Role.MICRO if dense else theme.Role.HEAD))
    picture = theme.px(13) + theme.px(4) if icon else theme.px(2)
    height = theme.px(18 if dense else 20)
    return QSize(theme.px(14) + picture + metrics.horizontalAdvance(text), height)


def paint_chip(
    painter: QPainter,
    rect: QRect,
    text: str,
    tone: theme.Tone,
    icon: str = "",
    *,
    dense: bool = False,
    filled: bool = True,
) -> None:
    """Draw a chip into `rect`; neutral ones in tables are not filled."""
    colors = theme.palette().tone(tone)
    look = _Look(
        (rect.width(), rect.height()),
        text,
        tone,
        icon,
        theme.Role.MICRO if dense else theme.Role.HEAD,
        filled,
        (colors.ground.rgba(), colors.border.rgba(), colors.text.rgba()),
        theme.px(1000),
        painter.device().devicePixelRatioF(),
    )
    painter.drawPixmap(rect.topLeft(), _picture(look))


class _Look(NamedTuple):
    """All that the picture of a chip depends on; a tuple is found in a cache without Python."""

    size: tuple[int, int]
    text: str
    tone: theme.Tone
    icon: str
    role: theme.Role
    filled: bool
    shades: tuple[int, int, int]
    scale: int
    ratio: float


@lru_cache(maxsize=1024)
def _picture(look: _Look) -> QPixmap:
    """A chip, drawn once: a list paints hundreds of them at every turn of the wheel."""
    width, height = look.size
    picture = blank(width, height, look.ratio)
    painter = QPainter(picture)
    _draw(painter, QRect(0, 0, width, height), look)
    painter.end()
    return picture


def _draw(painter: QPainter, rect: QRect, look: _Look) -> None:
    colors = theme.palette().tone(look.tone)
    ground = colors.ground if look.filled else None
    rounded(painter, rect, theme.px(5), ground, colors.border)
    left = rect.left() + theme.px(6)
    if look.icon:
        size = theme.px(13)
        top = rect.top() + (rect.height() - size) // 2
        theme.paint(painter, left, top, look.icon, size=size, color=f"{look.tone.value}.text")
        left += size + theme.px(4)
    else:
        left += theme.px(2)
    box = QRect(left, rect.top(), rect.right() - left, rect.height())
    words(painter, box, look.text, theme.font(look.role), colors.text)


class Chip(QWidget):
    """A chip that stands by itself."""

    def __init__(
        self,
        text: str = "",
        tone: theme.Tone = theme.Tone.NEU,
        icon: str = "",
        *,
        dense: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._text = text
        self._tone = tone
        self._icon = icon
        self._dense = dense
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    @property
    def text(self) -> str:
        """The word."""
        return self._text

    @property
    def tone(self) -> theme.Tone:
        """The state it shows."""
        return self._tone

    def set_state(self, text: str, tone: theme.Tone, icon: str = "", tip: str = "") -> None:
        """Show another state."""
        self._text, self._tone, self._icon = text, tone, icon
        self.setAccessibleName(text)
        self.setToolTip(tip)
        self.updateGeometry()
        self.update()

    @virtual_value(QSize(40, 20))
    def sizeHint(self) -> QSize:
        return chip_size(self._text, self._icon, dense=self._dense)

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_chip(painter, self.rect(), self._text, self._tone, self._icon, dense=self._dense)
