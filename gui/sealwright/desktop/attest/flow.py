"""The attestation as a picture: five cards from evidence to token, with arrows between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.keyboard_ring import KeyboardRing, choose_neighbour, keyboard_focus
from sealwright.desktop.widgets.painting import arrow, focus_ring, rounded, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent, QPaintEvent, QResizeEvent

_CARD, _STRIP = 108, 140
_ARROW, _NARROW_ARROW = 42, 22
_ROOMY = 150
"""Width of a card from which its icon has a place."""
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


@dataclass(frozen=True, slots=True)
class FlowStep:
    """What one card says; `tone` is that of the arrow which leads to it and of its icon."""

    key: str
    role: str
    name: str
    icon: str
    facts: tuple[str, str]
    tone: Tone = Tone.NEU
    verb: str = ""
    """What the arrow before it does."""
    reached: bool = True

    @property
    def spoken(self) -> str:
        """For screen readers."""
        return f"{self.role}: {self.name}"


class FlowCard(KeyboardRing, QAbstractButton):
    """One stage; choosing it shows what belongs to it below."""

    def __init__(self, step: FlowStep, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._step = step
        self.setCheckable(True)
        self.setFixedHeight(theme.px(_CARD))
        self.setMinimumWidth(theme.px(84))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_step(step)

    @property
    def step(self) -> FlowStep:
        """What it shows."""
        return self._step

    def show_step(self, step: FlowStep) -> None:
        """Show other facts."""
        self._step = step
        self.setAccessibleName(step.spoken)
        self.setAccessibleDescription(". ".join(fact for fact in step.facts if fact))
        self.setToolTip("\n".join((step.spoken, *(fact for fact in step.facts if fact))))
        self.update()

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """Box, icon, role, name, facts."""
        painter = QPainter(self)
        colors = theme.palette()
        box = self.rect()
        ground = colors.hover if self.underMouse() and not self.isChecked() else colors.surface
        if self.isChecked():
            edge = colors.focus if colors.dark else colors.accent
            rounded(painter, box, theme.px(8), edge, None)
            inset = box.adjusted(2, 2, -2, -2)
            rounded(painter, inset, theme.px(7), ground, None)
        else:
            rounded(painter, box, theme.px(8), ground, colors.border2)
        self._paint_words(painter)
        if keyboard_focus(self):
            focus_ring(painter, box.adjusted(2, 2, -2, -2), theme.px(6))

    def _paint_words(self, painter: QPainter) -> None:
        colors, step = theme.palette(), self._step
        pad = theme.px(12)
        left = pad
        if self.width() >= theme.px(_ROOMY):
            self._paint_tile(painter, pad)
            left = pad + theme.px(38)
        room = self.width() - left - theme.px(8)
        faint = not step.reached
        role = QRect(left, theme.px(11), room, theme.px(15))
        words(painter, role, step.role, theme.font(Role.MICRO), colors.text3)
        name = QRect(left, theme.px(26), room, theme.px(19))
        shade = colors.text3 if faint else colors.text
        strong = theme.font(Role.STRONG)
        fits = QFontMetrics(strong).horizontalAdvance(step.name) <= room
        words(painter, name, step.name, strong if fits else theme.font(Role.NAME), shade)
        font = theme.font(Role.SMALL)
        for line, fact in enumerate(step.facts):
            place = QRect(pad, theme.px(54 + 19 * line), self.width() - 2 * pad + 4, theme.px(18))
            words(painter, place, fact, font, colors.text3 if faint else colors.text2)

    def _paint_tile(self, painter: QPainter, pad: int) -> None:
        tone = theme.palette().tone(self._step.tone)
        side = theme.px(30)
        tile = QRect(pad, theme.px(12), side, side)
        rounded(painter, tile, theme.px(7), tone.ground, None)
        size = theme.px(16)
        inset = (side - size) // 2
        color = f"{self._step.tone.value}.mark"
        left, top = tile.x() + inset, tile.y() + inset
        theme.paint(painter, left, top, self._step.icon, size=size, color=color)

    @virtual_value(QSize(170, 108))
    def sizeHint(self) -> QSize:
        """All cards share the width."""
        return QSize(theme.px(170), theme.px(_CARD))


class FlowArrow(QWidget):
    """What happens between two cards."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._verb, self._tone, self._reached = "", Tone.NEU, True
        self.set_narrow(narrow=False)
        self.setFixedHeight(theme.px(_CARD))

    def set_narrow(self, *, narrow: bool) -> None:
        """Without its word where there is no room."""
        self.setFixedWidth(theme.px(_NARROW_ARROW if narrow else _ARROW))

    def show_step(self, step: FlowStep) -> None:
        """The arrow that leads to a step."""
        self._verb, self._tone, self._reached = step.verb, step.tone, step.reached
        self.setToolTip(step.verb)
        self.update()

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """The verb over a line with a head; dashed where nothing came through."""
        painter = QPainter(self)
        colors = theme.palette()
        middle, width = self.height() / 2, self.width()
        if width >= theme.px(_ARROW):
            box = QRect(0, round(middle) - theme.px(20), width, theme.px(16))
            center = Qt.AlignmentFlag.AlignHCenter
            words(painter, box, self._verb, theme.font(Role.SMALL), colors.text2, align=center)
        color = colors.tone(self._tone).mark if self._reached else colors.edge
        level = middle + 4
        start, tip = QPointF(theme.px(5), level), QPointF(width - theme.px(6), level)
        arrow(painter, start, tip, color, dashed=not self._reached)


class FlowPicture(QWidget):
    """Cards in a row, one of them chosen; arrow keys go along."""

    chosen = Signal(str)
    """Key of the step that shall be shown."""

    def __init__(self, steps: Sequence[FlowStep], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("From evidence to token"))
        self.setFixedHeight(theme.px(_STRIP))
        self._group = QButtonGroup(self)
        self._cards: list[FlowCard] = []
        self._arrows: list[FlowArrow] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(16), 0, theme.px(16), 0)
        row.setSpacing(0)
        for number, step in enumerate(steps):
            if number:
                self._arrows.append(FlowArrow())
                row.addWidget(self._arrows[-1])
            card = FlowCard(step)
            self._cards.append(card)
            self._group.addButton(card)
            row.addWidget(card, 1)
        self._group.buttonClicked.connect(self._on_clicked)
        self.show_steps(steps)

    def show_steps(self, steps: Sequence[FlowStep]) -> None:
        """Show other facts on the same cards."""
        for number, step in enumerate(steps):
            self._cards[number].show_step(step)
            if number:
                self._arrows[number - 1].show_step(step)

    @property
    def steps(self) -> tuple[FlowStep, ...]:
        """What the cards show."""
        return tuple(card.step for card in self._cards)

    @property
    def current(self) -> str:
        """Key of the chosen card; empty when none is."""
        card = self._group.checkedButton()
        return card.step.key if isinstance(card, FlowCard) else ""

    def choose(self, key: str) -> None:
        """Choose a card and say so."""
        card = next((each for each in self._cards if each.step.key == key), None)
        if card is not None:
            card.setChecked(True)
            self.chosen.emit(key)

    @Slot(QAbstractButton)
    def _on_clicked(self, button: QAbstractButton) -> None:
        if isinstance(button, FlowCard):
            self.chosen.emit(button.step.key)

    @virtual
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right choose the neighbour."""
        if not choose_neighbour(self._cards, event, _STEPS):
            super().keyPressEvent(event)

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Narrow arrows before narrow cards."""
        super().resizeEvent(event)
        narrow = self.width() < theme.px(840)
        for each in self._arrows:
            each.set_narrow(narrow=narrow)

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground of pictures, and the line below."""
        painter = QPainter(self)
        colors = theme.palette()
        painter.fillRect(self.rect(), colors.canvas)
        painter.fillRect(QRect(0, self.height() - 1, self.width(), 1), colors.border)
