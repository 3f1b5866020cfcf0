"""Notices in the corner of the window: quiet, stacked, errors stay until they are closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from sealwright.desktop import theme
from sealwright.desktop.messages import quoted
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.buttons import Button, Kind, ToolButton
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.shadow import SMALL, paint_card
from sealwright.desktop.widgets.surfaces import TONE_ICONS, Picture

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QPaintEvent

    from sealwright.desktop.host import Notice

WIDTH = 340
MOST = 3
STAY_MS = 6000


class NoticeCard(QFrame):
    """One notice. Everything but an error leaves by itself, unless it is hovered or focused."""

    gone = Signal(object)

    def __init__(self, notice: Notice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notice = notice
        self.setAccessibleName(notice.title)
        self.setAccessibleDescription(notice.text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        reach = SMALL.reach
        self.setFixedWidth(theme.px(WIDTH) + 2 * reach)
        row = QHBoxLayout(self)
        pad = theme.px(12)
        row.setContentsMargins(reach + pad, reach + pad, reach + theme.px(8), reach + pad)
        row.setSpacing(theme.px(10))
        icon = Picture(TONE_ICONS[notice.tone], f"{notice.tone}.mark", size=18)
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        self._column = QVBoxLayout()
        self._column.setSpacing(theme.px(3))
        row.addLayout(self._column, 1)
        self._fill(notice)
        close = ToolButton("close", self.tr("Close this notice"), size=24, icon_size=14)
        close.clicked.connect(self._on_close)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(STAY_MS)
        self._timer.timeout.connect(self._on_late)
        if notice.tone != Tone.ERR:
            self._timer.start()

    def _fill(self, notice: Notice) -> None:
        self._column.addWidget(Label(quoted(notice.title), role=Role.STRONG, wrap=True))
        if notice.text:
            self._column.addWidget(Label(quoted(notice.text), color="text2", wrap=True))
        self._details: QLabel | None = None
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(12))
        if notice.action is not None:
            act = Button(notice.action.text, kind=Kind.LINK)
            act.clicked.connect(self._on_action)
            buttons.addWidget(act)
        if notice.details:
            show = Button(self.tr("Details"), kind=Kind.LINK)
            show.clicked.connect(self._on_details)
            copy = Button(self.tr("Copy details"), kind=Kind.LINK)
            copy.clicked.connect(self._on_copy)
            buttons.addWidget(show)
            buttons.addWidget(copy)
        buttons.addStretch(1)
        if buttons.count() > 1:
            self._column.addLayout(buttons)

    @Slot()
    def _on_action(self) -> None:
        if self.notice.action is not None:
            self.notice.action.run()
        self.gone.emit(self)

    @Slot()
    def _on_details(self) -> None:
        if self._details is None:
            self._details = Label(
                self.notice.details, role=Role.CODE_SMALL, color="text2", wrap=True
            )
            flags = Qt.TextInteractionFlag
            self._details.setTextInteractionFlags(
                flags.TextSelectableByMouse | flags.TextSelectableByKeyboard
            )
            self._column.addWidget(self._details)
        else:
            self._details.setVisible(not self._details.isVisible())
        stack = self.parentWidget()
        if isinstance(stack, NoticeStack):
            stack.place()

    @Slot()
    def _on_copy(self) -> None:
        words = f"{self.notice.title}\n{self.notice.text}\n{self.notice.details}"
        QGuiApplication.clipboard().setText(words)

    @Slot()
    def _on_close(self) -> None:
        self.gone.emit(self)

    @Slot()
    def _on_late(self) -> None:
        focus = QApplication.focusWidget()
        inside = focus is not None and (focus is self or self.isAncestorOf(focus))
        if self.underMouse() or inside:
            self._timer.start()
        else:
            self.gone.emit(self)

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """A small card with its shadow."""
        paint_card(QPainter(self), self.rect())


class NoticeStack(QWidget):
    """At most three cards above the bottom right corner, the newest below; knows the older ones.

    `bottom` says how high that is which they must not cover there.
    """

    changed = Signal()

    def __init__(self, window: QWidget, bottom: Callable[[], int]) -> None:
        super().__init__(window)
        self.setAccessibleName(self.tr("Notices"))
        self._bottom = bottom
        self._cards: list[NoticeCard] = []
        self.past: list[Notice] = []
        self._more = Label(role=Role.SMALL, color="text3", parent=self)
        self._more.hide()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        window.installEventFilter(self)
        self.hide()

    @property
    def shown(self) -> tuple[Notice, ...]:
        """What stands there now, newest last."""
        return tuple(card.notice for card in self._cards)

    def add(self, notice: Notice) -> None:
        """Show a notice; one with the same key gives way."""
        if notice.key:
            for card in [card for card in self._cards if card.notice.key == notice.key]:
                self._remove(card)
        card = NoticeCard(notice, self)
        card.gone.connect(self._on_gone)
        self._cards.append(card)
        self.past.append(notice)
        del self.past[:-50]
        self.place()
        self.changed.emit()

    @Slot(object)
    def _on_gone(self, card: NoticeCard) -> None:
        self._remove(card)
        self.place()
        self.changed.emit()

    def _remove(self, card: NoticeCard) -> None:
        if card in self._cards:
            self._cards.remove(card)
            card.hide()
            card.deleteLater()

    def place(self) -> None:
        """Stack the cards upwards from the corner."""
        window = self.parentWidget()
        if window is None or not self._cards:
            self.hide()
            return
        reach = SMALL.reach
        width = theme.px(WIDTH) + 2 * reach
        shown, hidden = self._cards[-MOST:], self._cards[:-MOST]
        heights = [self._height(card, width) for card in shown]
        more = theme.px(20) if hidden else 0
        gap = theme.px(8) - 2 * reach
        total = sum(heights) + gap * (len(shown) - 1) + more
        top = window.height() - self._bottom() - theme.px(16) + reach - total
        self.setGeometry(window.width() - width - theme.px(16) + reach, top, width, total)
        self._more.setVisible(bool(hidden))
        self._more.setText(self.tr("{0} more").format(len(hidden)))
        self._more.setGeometry(reach, 0, theme.px(WIDTH), more)
        y = more
        for card in hidden:
            card.hide()
        for card, height in zip(shown, heights, strict=True):
            card.setGeometry(0, y, width, height)
            card.show()
            y += height + gap
        self.show()
        self.raise_()

    @staticmethod
    def _height(card: NoticeCard, width: int) -> int:
        layout = card.layout()
        if layout is None:
            return 0
        layout.activate()
        if layout.hasHeightForWidth():
            return layout.totalHeightForWidth(width)
        return layout.sizeHint().height()

    @virtual_value(fallback=False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner."""
        if event.type() == QEvent.Type.Resize and watched is self.parentWidget():
            self.place()
        return False

    @virtual_value(QSize(0, 0))
    def minimumSizeHint(self) -> QSize:
        """Never widens the window."""
        return QSize(0, 0)
