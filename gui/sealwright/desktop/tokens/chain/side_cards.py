"""Small cards below the chain: a question about the token, and its answer."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.chip import chip_size, paint_chip
from sealwright.desktop.widgets.keyboard_ring import KeyboardRing, keyboard_focus
from sealwright.desktop.widgets.painting import (
    focus_ring,
    rounded,
    words,
)

_HEIGHT = 52


class SideCard(KeyboardRing, QAbstractButton):
    """Icon, title, one line, and a chip with the answer; pressed, it opens what is behind it."""

    def __init__(self, icon: str, title: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._title = title
        self._tip = tip
        self._line = ""
        self._word, self._tone, self._mark = "", Tone.NEU, ""
        self.setFixedHeight(theme.px(_HEIGHT))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)
        self.setToolTip(tip)

    @property
    def word(self) -> str:
        """The answer in a word."""
        return self._word

    @property
    def line(self) -> str:
        """The answer in a line."""
        return self._line

    def tell(self, line: str, word: str = "", tone: Tone = Tone.NEU, icon: str = "") -> None:
        """Another answer."""
        self._line, self._word, self._tone, self._mark = line, word, tone, icon
        self.setAccessibleName(f"{self._title}: {word}" if word else self._title)
        self.setAccessibleDescription(line)
        self.setToolTip(f"{line}\n{self._tip}".strip())
        self.update()

    @virtual_value(QSize(300, 52))
    def sizeHint(self) -> QSize:
        """Takes the width there is."""
        return QSize(theme.px(300), theme.px(_HEIGHT))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """The card."""
        painter = QPainter(self)
        colors = theme.palette()
        ground = colors.hover if self.underMouse() else colors.surface
        rounded(painter, self.rect(), theme.px(8), ground, colors.border2)
        size, left = theme.px(16), theme.px(14)
        color = f"{self._tone.value}.mark" if self._word else "text3"
        top = (self.height() - size) // 2
        theme.paint(painter, left, top, self._icon, size=size, color=color)
        left += size + theme.px(10)
        right = self.width() - theme.px(10)
        line = theme.px(18)
        if self._word:
            chip = chip_size(self._word, self._mark)
            box = QRect(right - chip.width(), theme.px(5), chip.width(), chip.height())
            paint_chip(painter, box, self._word, self._tone, self._mark)
            right = box.left() - theme.px(8)
        title = QRect(left, theme.px(6), right - left, line)
        words(painter, title, self._title, theme.font(Role.SECTION), colors.text)
        below = theme.px(9) + line
        rest = QRect(left, below, self.width() - left - theme.px(10), line)
        words(painter, rest, self._line, theme.font(Role.SMALL), colors.text2)
        if keyboard_focus(self):
            focus_ring(painter, self.rect(), theme.px(8))
