"""The navigation rail: an icon and a word for each panel, badges, settings at the bottom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.keyboard_ring import KeyboardRing, keyboard_focus
from sealwright.desktop.widgets.painting import focus_ring, rounded, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

_WIDTH = 76
_ITEM = QSize(62, 54)
_PITCH = 58


@dataclass(frozen=True, slots=True)
class RailEntry:
    """A place to go to."""

    key: str
    title: str
    icon: str
    keys: str


class RailButton(KeyboardRing, QAbstractButton):
    """One entry, painted whole."""

    def __init__(self, entry: RailEntry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = entry
        self._badge = 0
        self._urgent = False
        self.setText(entry.title)
        self.setAccessibleName(entry.title)
        self.setToolTip(f"{entry.title} ({entry.keys})")
        self.setCheckable(True)
        self.setFixedSize(theme.px(_ITEM.width()), theme.px(_ITEM.height()))
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def set_badge(self, count: int, *, urgent: bool = False, hint: str = "") -> None:
        """How many things to look at; `hint` says what they are."""
        self._badge, self._urgent = count, urgent
        base = f"{self.entry.title} ({self.entry.keys})"
        self.setToolTip(f"{base}\n{hint}" if hint else base)
        self.setAccessibleDescription(hint)
        self.update()

    @Slot(int, bool, str)
    def set_badge_from(self, count: int, urgent: bool, hint: str) -> None:  # noqa: FBT001 - a slot
        """`set_badge` as a slot."""
        self.set_badge(count, urgent=urgent, hint=hint)

    @virtual_value(QSize(62, 54))
    def sizeHint(self) -> QSize:
        """Fixed by the design."""
        return QSize(theme.px(_ITEM.width()), theme.px(_ITEM.height()))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, icon, word, badge, ring."""
        painter = QPainter(self)
        colors = theme.palette()
        chosen = self.isChecked()
        if chosen:
            tint = colors.accent_tint if colors.dark else colors.accent_tint2
            rounded(painter, self.rect(), theme.px(9), tint, None)
        elif self.underMouse():
            rounded(painter, self.rect(), theme.px(9), colors.hover, None)
        size = theme.px(22)
        left, top = (self.width() - size) // 2, theme.px(8)
        color = "accent_text" if chosen else "text2"
        theme.paint(painter, left, top, self.entry.icon, size=size, color=color)
        font = theme.font(Role.MICRO)
        if chosen:
            font.setWeight(font.weight().DemiBold)
        box = QRect(0, top + size, self.width(), self.height() - top - size - theme.px(4))
        tone = colors.accent_text if chosen else colors.text2
        words(painter, box, self.text(), font, tone, align=Qt.AlignmentFlag.AlignHCenter)
        if self._badge:
            self._draw_badge(painter, left + size)
        if keyboard_focus(self):
            focus_ring(painter, self.rect(), theme.px(9))

    def _draw_badge(self, painter: QPainter, x: int) -> None:
        colors = theme.palette()
        font = theme.font(Role.BADGE)
        text = str(self._badge) if self._badge < 100 else "99+"  # noqa: PLR2004 - two digits fit
        side = theme.px(16)
        width = max(side, QFontMetrics(font).horizontalAdvance(text) + theme.px(8))
        box = QRectF(x - theme.px(6), theme.px(2), width, side)
        ground = colors.badge_red if self._urgent else colors.badge_amber
        rounded(painter, box, side / 2, ground, None)
        words(painter, box, text, font, colors.badge_text, align=Qt.AlignmentFlag.AlignHCenter)


class Rail(QWidget):
    """All entries from top to bottom, the last one apart."""

    chosen = Signal(str)

    def __init__(
        self,
        entries: Sequence[RailEntry],
        bottom: RailEntry,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Panels"))
        self.setFixedWidth(theme.px(_WIDTH))
        self._group = QButtonGroup(self)
        self._buttons: dict[str, RailButton] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(7), theme.px(60), theme.px(7), theme.px(8))
        layout.setSpacing(theme.px(_PITCH) - theme.px(_ITEM.height()))
        for entry in entries:
            layout.addWidget(self._button(entry))
        layout.addStretch(1)
        layout.addWidget(self._button(bottom))
        self._group.buttonClicked.connect(self._on_clicked)

    def _button(self, entry: RailEntry) -> RailButton:
        button = RailButton(entry, self)
        self._buttons[entry.key] = button
        self._group.addButton(button)
        return button

    def button(self, key: str) -> RailButton:
        """The entry of a panel."""
        return self._buttons[key]

    def show_chosen(self, key: str) -> None:
        """Mark the entry of the panel that is shown."""
        self._buttons[key].setChecked(True)
        self.update()

    @property
    def current(self) -> RailButton | None:
        """The marked entry."""
        button = self._group.checkedButton()
        return button if isinstance(button, RailButton) else None

    @Slot(QAbstractButton)
    def _on_clicked(self, button: QAbstractButton) -> None:
        if isinstance(button, RailButton):
            self.update()
            self.chosen.emit(button.entry.key)

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, the application mark, the mark of the chosen entry, the edge."""
        painter = QPainter(self)
        colors = theme.palette()
        painter.fillRect(self.rect(), colors.rail)
        painter.fillRect(self.width() - 1, 0, 1, self.height(), colors.border)
        size = theme.px(34)
        theme.paint(
            painter, (self.width() - size) // 2, theme.px(9), "mark", size=size, color="accent"
        )
        current = self.current
        if current is not None:
            mark = QRectF(0, current.y() + current.height() / 2 - 13, theme.px(3), theme.px(26))
            rounded(painter, mark, 1.5, colors.focus if colors.dark else colors.accent, None)
