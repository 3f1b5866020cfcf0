"""The chain of trust as a picture: cards from the token to the root, and what links them.

Invariants
- Every card and link is a control: it can be reached by keyboard, clicked, and read aloud.
- State is icon, word and colour together.
- Why a part fails or is open is told in whole sentences: the part grows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.messages import quoted
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.tokens.chain.check_rows import STATUS, status_word
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.keyboard_ring import KeyboardRing, keyboard_focus
from sealwright.desktop.widgets.painting import (
    focus_ring,
    rounded,
    words,
)
from sealwright.desktop.wording import breakable

if TYPE_CHECKING:
    from PySide6.QtGui import QColor

    from sealwright.tokens.chain import Chain, ChainLink, Stop

_ICONS = {
    "token": "tokens",
    "key": "key",
    "certificate": "cert",
    "evidence": "chip",
    "root": "shield",
}
_CARD, _LINK, _TILE, _LINE = 76, 40, 40, 33
_ROW, _PAD = 19, 9
"""From one line of words to the next, and above and below them."""
_MOST = 5
"""Lines of a reason at most."""
_TOLD = (Tone.ERR, Tone.WARN)
"""What must be understood from the picture alone."""
_MONO = frozenset({"token", "key", "root"})
"""Cards whose second line is an id."""


def _paragraph_height(text: str, font: QFont, width: int) -> int:
    metrics, wrap = QFontMetrics(font), Qt.TextFlag.TextWordWrap
    box = metrics.boundingRect(QRect(0, 0, max(width, 1), 10_000), wrap, breakable(text))
    return min(box.height(), _MOST * metrics.lineSpacing())


def _paragraph(painter: QPainter, box: QRect, text: str, font: QFont, color: QColor) -> None:
    painter.setFont(font)
    painter.setPen(color)
    painter.drawText(box, Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap, breakable(text))


class ChainPart(KeyboardRing, QAbstractButton):
    """A card or a link: pressed, it asks for its details."""

    def __init__(self, part: Stop | ChainLink, height: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.part = part
        self.reason = quoted(part.reason)
        _, _, self._tone = STATUS[part.status.value]
        self._height = theme.px(height)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedHeight(self._height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def room(self) -> int:
        """The width that its words have."""
        return self.width() - self.words_left - theme.px(12)

    @property
    def words_left(self) -> int:
        """Where its words begin."""
        return theme.px(12 + _TILE + 13)

    @property
    def growth(self) -> int:
        """How much higher it is than others, for the whole reason."""
        return 0

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        """As high as its words need in the width there is."""
        super().resizeEvent(event)
        self.setFixedHeight(self._height + self.growth)

    def tell(self, name: str, description: str) -> None:
        """Words for who does not see the picture, and for the tooltip."""
        self.setAccessibleName(name)
        self.setAccessibleDescription(description)
        advice = f"\n{quoted(self.part.advice)}" if self.part.advice else ""
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
        self.tell(f"{stop.title}: {word}", " · ".join((*stop.lines, self.reason)).strip(" ·"))

    @property
    def growth(self) -> int:
        """For more lines than the one that others have for it."""
        if self._tone not in _TOLD or not self.reason:
            return 0
        small = theme.font(Role.SMALL)
        whole = _paragraph_height(self.reason, small, self.room)
        return max(0, whole - QFontMetrics(small).lineSpacing())

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
        self._paint_words(painter)
        if keyboard_focus(self):
            focus_ring(painter, self.rect(), theme.px(8))

    def _paint_words(self, painter: QPainter) -> None:
        colors = theme.palette()
        left, width = self.words_left, self.room
        lines = self._stop.lines
        top = theme.px(10) if len(lines) > 1 or self.reason else theme.px(18)
        line = theme.px(_ROW)
        title = QRect(left, top, width, line)
        words(painter, title, self._stop.title, theme.font(Role.STRONG), colors.text)
        reason = self.reason
        shown = (*lines[:1], reason) if reason else lines[:2]
        for number, text in enumerate(shown, 1):
            if number > 1 and reason:
                place = QRect(left, top + number * line, width, line)
                tone, small = colors.tone(self._tone).text, theme.font(Role.SMALL)
                if self.growth:
                    # As where one line is centred in its row.
                    begin = place.top() + (line - QFontMetrics(small).height()) // 2
                    box = QRect(left, begin, width, self.height() - begin)
                    _paragraph(painter, box, reason, small, tone)
                else:
                    words(painter, place, reason, small, tone)
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
        self.tell(f"{link.word}: {word}", self.reason)

    @property
    def _word_width(self) -> int:
        return QFontMetrics(theme.font(Role.SECTION)).horizontalAdvance(self._link.word) + 2

    @property
    def growth(self) -> int:
        """For a reason below the word, where there is no room beside it."""
        small = theme.font(Role.SMALL)
        beside = self.room - self._word_width - theme.px(8)
        fits = QFontMetrics(small).horizontalAdvance(self.reason) <= beside
        if self._tone not in _TOLD or fits:
            return 0
        whole = theme.px(2 * _PAD + _ROW) + _paragraph_height(self.reason, small, self.room)
        return max(1, whole - theme.px(_LINK))

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
        left, room = self.words_left, self.room
        font, small = theme.font(Role.SECTION), theme.font(Role.SMALL)
        width = min(self._word_width, room)
        tone = colors.tone(self._tone)
        if self.growth:
            pad, line = theme.px(_PAD), theme.px(_ROW)
            words(painter, QRect(left, pad, room, line), self._link.word, font, tone.text)
            box = QRect(left, pad + line, room, self.height() - pad - line)
            _paragraph(painter, box, self.reason, small, colors.text2)
            return
        words(painter, QRect(left, 0, width, self.height()), self._link.word, font, tone.text)
        rest = QRect(left + width + theme.px(8), 0, room - width - theme.px(8), self.height())
        if rest.width() > theme.px(20):
            words(painter, rest, self.reason, small, colors.text2)


class ChainPicture(QWidget):
    """Cards and links, from the token down to the vendor's root."""

    chosen = Signal(object)
    """Stop or ChainLink: somebody wants its details."""
    grew = Signal()
    """It takes another height than before."""

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

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Its parts have other heights, in the width that it got or with other words."""
        super().resizeEvent(event)
        self.grew.emit()

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
