"""The chain of trust as a picture: cards from the token to the root, and what links them.

Invariants
- Every card and link is a control: it can be reached by keyboard, clicked, and read aloud.
- State is icon, word and colour together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.tokens.check_rows import STATUS, status_word
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.keyboard_ring import KeyboardRing, keyboard_focus
from sealwright.desktop.widgets.painting import (
    focus_ring,
    rounded,
    words,
)

if TYPE_CHECKING:
    from sealwright.tokens.chain import Chain, ChainLink, Stop

_ICONS = {
    "token": "tokens",
    "key": "key",
    "certificate": "cert",
    "evidence": "chip",
    "root": "shield",
}
_CARD, _LINK, _TILE, _LINE = 76, 40, 40, 33
_MONO = frozenset({"token", "key", "root"})
"""Cards whose second line is an id."""


class ChainPart(KeyboardRing, QAbstractButton):
    """A card or a link: pressed, it asks for its details."""

    def __init__(self, part: Stop | ChainLink, height: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.part = part
        _, _, self._tone = STATUS[part.status.value]
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedHeight(theme.px(height))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def tell(self, name: str, description: str) -> None:
        """Words for who does not see the picture, and for the tooltip."""
        self.setAccessibleName(name)
        self.setAccessibleDescription(description)
        advice = f"\n{self.part.advice}" if self.part.advice else ""
        self.setToolTip(f"{description}{advice}\n{self.tr('Press for details')}".strip())

    @virtual_value(QSize(300, 76))
    def sizeHint(self) -> QSize:
        """Takes the width there is."""
        return QSize(theme.px(300), self.height())

    @virtual_value(QSize(200, 40))
    def minimumSizeHint(self) -> QSize:
        """Shortens its words."""
        return QSize(theme.px(200), self.height())

    @virtual
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down walk along the chain; Enter asks for details like the space bar."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        picture = self.parentWidget()
        if event.key() in steps and isinstance(picture, ChainPicture):
            picture.walk(self, steps[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class StopCard(ChainPart):
    """One thing in the chain."""

    def __init__(self, stop: Stop, parent: QWidget | None = None) -> None:
        super().__init__(stop, _CARD, parent)
        self._stop = stop
        word = status_word(stop.status.value)
        self.tell(f"{stop.title}: {word}", " · ".join((*stop.lines, stop.reason)).strip(" ·"))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """Tile, title, two lines."""
        painter = QPainter(self)
        colors = theme.palette()
        tone = colors.tone(self._tone)
        bad = self._tone is Tone.ERR
        ground = colors.hover if self.underMouse() else colors.surface
        rounded(painter, self.rect(), theme.px(8), ground, tone.border if bad else colors.border2)
        tile = theme.px(_TILE)
        top = (self.height() - tile) // 2
        box = QRect(theme.px(12), top, tile, tile)
        rounded(painter, box, theme.px(8), tone.ground, None)
        size = theme.px(18)
        inset = (tile - size) // 2
        icon = _ICONS[self._stop.place]
        color = f"{self._tone.value}.mark"
        theme.paint(painter, box.x() + inset, top + inset, icon, size=size, color=color)
        self._paint_words(painter, box.right() + theme.px(13))
        if keyboard_focus(self):
            focus_ring(painter, self.rect(), theme.px(8))

    def _paint_words(self, painter: QPainter, left: int) -> None:
        colors = theme.palette()
        width = self.width() - left - theme.px(12)
        lines = self._stop.lines
        top = theme.px(10) if len(lines) > 1 or self._stop.reason else theme.px(18)
        line = theme.px(19)
        title = QRect(left, top, width, line)
        words(painter, title, self._stop.title, theme.font(Role.STRONG), colors.text)
        reason = self._stop.reason
        shown = (*lines[:1], reason) if reason else lines[:2]
        for number, text in enumerate(shown, 1):
            if number > 1 and reason:
                place = QRect(left, top + number * line, width, line)
                tone = colors.tone(self._tone).text
                words(painter, place, reason, theme.font(Role.SMALL), tone)
                continue
            mono = number > 1 and self._stop.place in _MONO
            font = theme.font(Role.CODE_SMALL if mono else Role.SMALL)
            elide = Qt.TextElideMode.ElideMiddle if mono else Qt.TextElideMode.ElideRight
            place = QRect(left, top + number * line, width, line)
            words(painter, place, text, font, colors.text2, elide=elide)


class LinkRow(ChainPart):
    """What holds two cards together."""

    def __init__(self, link: ChainLink, parent: QWidget | None = None) -> None:
        super().__init__(link, _LINK, parent)
        self._link = link
        word = status_word(link.status.value)
        self.tell(f"{link.word}: {word}", link.reason)

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """The line, broken unless it holds, the state's icon, the word and the reason."""
        painter = QPainter(self)
        colors = theme.palette()
        tone = colors.tone(self._tone)
        if self.underMouse():
            rounded(painter, self.rect(), theme.px(6), colors.hover, None)
        x, middle = theme.px(_LINE), self.height() // 2
        gap = theme.px(11)
        pen = QPen(tone.mark, 2)
        if self._tone is not Tone.OK:
            pen.setDashPattern([1.5, 1.5])
        painter.setPen(pen)
        painter.drawLine(x, 0, x, middle - gap)
        painter.drawLine(x, middle + gap, x, self.height())
        size = theme.px(17)
        icon, color, _ = STATUS[self._link.status.value]
        theme.paint(painter, x - size // 2, middle - size // 2, icon, size=size, color=color)
        self._paint_words(painter)
        if keyboard_focus(self):
            focus_ring(painter, self.rect(), theme.px(6))

    def _paint_words(self, painter: QPainter) -> None:
        colors = theme.palette()
        left = theme.px(12 + _TILE + 13)
        font = theme.font(Role.SECTION)
        room = self.width() - left - theme.px(12)
        width = min(QFontMetrics(font).horizontalAdvance(self._link.word) + 2, room)
        tone = colors.tone(self._tone)
        words(painter, QRect(left, 0, width, self.height()), self._link.word, font, tone.text)
        rest = QRect(left + width + theme.px(8), 0, room - width - theme.px(8), self.height())
        if rest.width() > theme.px(20):
            small = theme.font(Role.SMALL)
            words(painter, rest, self._link.reason, small, colors.text2)


class ChainPicture(QWidget):
    """Cards and links, from the token down to the vendor's root."""

    chosen = Signal(object)
    """Stop or ChainLink: somebody wants its details."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Chain of trust"))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.parts: list[ChainPart] = []

    def clear(self) -> None:
        """Nothing to draw."""
        for part in self.parts:
            part.hide()
            part.deleteLater()
        self.parts = []

    def show_chain(self, chain: Chain) -> None:
        """Draw another chain."""
        self.clear()
        for number, stop in enumerate(chain.stops):
            self._add(StopCard(stop, self))
            for link in chain.links[number : number + 1]:
                self._add(LinkRow(link, self))

    def _add(self, part: ChainPart) -> None:
        part.clicked.connect(self._on_clicked)
        self._column.addWidget(part)
        self.parts.append(part)
        part.show()

    def walk(self, part: ChainPart, step: int) -> None:
        """Give the focus to the next part up or down."""
        at = self.parts.index(part) + step
        if 0 <= at < len(self.parts):
            self.parts[at].setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _on_clicked(self) -> None:
        sender = self.sender()
        if isinstance(sender, ChainPart):
            self.chosen.emit(sender.part)
