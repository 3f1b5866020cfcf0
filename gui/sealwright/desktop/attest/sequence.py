"""Who sends what to whom: three lanes, one row a message, in the words of RFC 9334."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QSizePolicy, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.attest.words import tr
from sealwright.desktop.theme import Role as TextRole
from sealwright.desktop.theme import Tone
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.keyboard_ring import KeyboardRing, choose_neighbour, keyboard_focus
from sealwright.desktop.widgets.painting import arrow, focus_ring, rounded, words
from sealwright.services.conversation import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QColor, QKeyEvent, QPaintEvent

    from sealwright.services.conversation import Planned, Sent

LANES = (Role.ATTESTER, Role.RELYING_PARTY, Role.VERIFIER)
"""From left to right: the relying party stands between the two in the background check."""
_ICONS = {Role.ATTESTER: "chip", Role.RELYING_PARTY: "building", Role.VERIFIER: "shield"}
_ROW, _HEAD = 62, 64
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_CENTER = Qt.AlignmentFlag.AlignHCenter


def lane_x(width: int, role: Role) -> float:
    """The middle of a lane in a picture of this width."""
    return width * (2 * LANES.index(role) + 1) / (2 * len(LANES))


def role_words(role: Role) -> str:
    """A role in the user's language."""
    return {
        Role.ATTESTER: tr("Attester"),
        Role.RELYING_PARTY: tr("Relying party"),
        Role.VERIFIER: tr("Verifier"),
    }[role]


class LaneHeads(QWidget):
    """The three roles with who plays them here."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._who = dict.fromkeys(LANES, "")
        self.setFixedHeight(theme.px(_HEAD))

    def show_players(self, who: dict[Role, str]) -> None:
        """Say who plays the roles."""
        self._who = who
        told = [f"{role_words(role)}: {name}" for role, name in who.items()]
        self.setAccessibleName(", ".join(told))
        self.update()

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """Three boxes."""
        painter = QPainter(self)
        colors = theme.palette()
        width = min(theme.px(180), self.width() // len(LANES) - theme.px(12))
        for role in LANES:
            left = round(lane_x(self.width(), role)) - width // 2
            box = QRect(left, theme.px(8), width, theme.px(48))
            rounded(painter, box, theme.px(8), colors.surface, colors.border2)
            size = theme.px(18)
            top = box.center().y() - size // 2
            icon = _ICONS[role]
            theme.paint(painter, left + theme.px(12), top, icon, size=size, color="accent_text")
            text = box.adjusted(theme.px(40), theme.px(6), -theme.px(8), -theme.px(22))
            words(painter, text, role_words(role), theme.font(TextRole.STRONG), colors.text)
            below = box.adjusted(theme.px(40), theme.px(24), -theme.px(8), -theme.px(4))
            words(painter, below, self._who[role], theme.font(TextRole.SMALL), colors.text3)


class MessageRow(KeyboardRing, QAbstractButton):
    """One message as an arrow between two lanes."""

    def __init__(self, planned: Planned, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.planned = planned
        self.sent: Sent | None = None
        self._next = False
        self.setCheckable(True)
        self.setFixedHeight(theme.px(_ROW))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._tell()

    def show_state(self, sent: Sent | None, *, following: bool) -> None:
        """How far it is: sent, the next one, or later."""
        self.sent, self._next = sent, following
        self._tell()
        self.update()

    def _tell(self) -> None:
        sender, receiver = role_words(self.planned.sender), role_words(self.planned.receiver)
        words_ = tr("{0}. {1} from {2} to {3}").format(
            self.planned.number, self.planned.conveys, sender, receiver
        )
        self.setAccessibleName(words_)
        state = tr("not sent yet") if self.sent is None else self.sent.sentence
        self.setAccessibleDescription(state)
        self.setToolTip(self.planned.why)

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """Lanes, arrow, number and name."""
        painter = QPainter(self)
        colors = theme.palette()
        if self.isChecked():
            painter.fillRect(self.rect(), colors.sel)
        elif self.underMouse():
            painter.fillRect(self.rect(), colors.hover)
        for role in LANES:
            x = round(lane_x(self.width(), role))
            painter.fillRect(QRect(x, 0, 1, self.height()), colors.border2)
        self._paint_arrow(painter)
        if keyboard_focus(self):
            focus_ring(painter, self.rect(), theme.px(6))

    def _color(self) -> QColor:
        colors = theme.palette()
        if self.sent is None:
            return colors.focus if self._next else colors.edge
        return colors.tone(Tone.OK if self.sent.holds else Tone.ERR).mark

    def _paint_arrow(self, painter: QPainter) -> None:
        start = lane_x(self.width(), self.planned.sender)
        end = lane_x(self.width(), self.planned.receiver)
        middle = self.height() * 0.62
        gap = theme.px(4) if end > start else -theme.px(4)
        line = QPointF(start + gap, middle), QPointF(end - gap, middle)
        arrow(painter, *line, self._color(), dashed=self.sent is None)
        self._paint_words(painter, min(start, end), abs(end - start), middle)

    def _paint_words(self, painter: QPainter, left: float, width: float, middle: float) -> None:
        colors = theme.palette()
        faint = self.sent is None and not self._next
        text = f"{self.planned.number}  {self.planned.conveys}"
        height = theme.px(20)
        box = QRect(round(left), round(middle) - height - theme.px(3), round(width), height)
        shade = colors.text3 if faint else colors.text
        words(painter, box, text, theme.font(TextRole.STRONG), shade, align=_CENTER)

    @virtual_value(QSize(420, 62))
    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(theme.px(420), theme.px(_ROW))


class SequencePicture(QWidget):
    """All messages of a model; a sent one can be looked at."""

    chosen = Signal(int)
    """Number of the message."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Who sends what to whom"))
        self.heads = LaneHeads()
        self._group = QButtonGroup(self)
        self.rows: list[MessageRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.heads)
        self._column.addStretch(1)
        self._group.buttonClicked.connect(self._on_clicked)

    def show_plan(self, messages: Sequence[Planned]) -> None:
        """Show other messages, none of them sent."""
        for row in self.rows:
            self._group.removeButton(row)
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [MessageRow(planned) for planned in messages]
        for number, row in enumerate(self.rows):
            self._group.addButton(row)
            self._column.insertWidget(1 + number, row)
        self.show_sent(())

    def show_sent(self, sent: Sequence[Sent]) -> None:
        """How far the conversation is; the newest message is chosen."""
        for number, row in enumerate(self.rows):
            held = sent[number] if number < len(sent) else None
            row.show_state(held, following=number == len(sent))
        at = max(len(sent) - 1, 0)
        if self.rows:
            self.rows[at].setChecked(True)
            self.chosen.emit(self.rows[at].planned.number)

    @Slot(QAbstractButton)
    def _on_clicked(self, button: QAbstractButton) -> None:
        if isinstance(button, MessageRow):
            self.chosen.emit(button.planned.number)

    @virtual
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down choose the neighbour."""
        if not choose_neighbour(self.rows, event, _STEPS):
            super().keyPressEvent(event)

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground of pictures."""
        QPainter(self).fillRect(self.rect(), theme.palette().canvas)
