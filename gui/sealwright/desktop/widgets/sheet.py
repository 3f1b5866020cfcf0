"""A sheet over the window: scrim, shadow, rounded card; holds the focus until it closes.

The card has a head (icon, title, subtitle, cross), a `body` layout, and a footer whose `buttons`
layout takes the buttons. A sheet never blocks the event loop: connect `closed`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEvent,
    QObject,
    QRect,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from sealwright.desktop import theme
from sealwright.desktop.messages import quoted
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.buttons import ToolButton
from sealwright.desktop.widgets.labels import ElidingLabel, Hairline
from sealwright.desktop.widgets.overlay import CardFade, Overlay
from sealwright.desktop.widgets.painting import rounded
from sealwright.desktop.widgets.progress import ProgressLine
from sealwright.desktop.widgets.surfaces import Picture

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent, QMouseEvent, QPaintEvent


class _Card(QFrame):
    """The card itself; its children stay off its rounded corners."""

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.palette()
        rounded(QPainter(self), self.rect(), theme.px(12), colors.overlay, colors.border2)


class SheetFooter(QFrame):
    """A raised strip which paints the card's lower corners itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(theme.px(56))
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(theme.px(20), 1, theme.px(16), 0)
        self.row.setSpacing(theme.px(8))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.palette()
        painter = QPainter(self)
        painter.setClipRect(self.rect())
        radius = theme.px(12) - 1
        box = self.rect().adjusted(0, -2 * radius, 0, 0)
        rounded(painter, box, radius, colors.raised, None)
        painter.fillRect(QRect(0, 0, self.width(), 1), colors.border)


class Sheet(Overlay):
    """The scrim with a card in the middle, over a whole window.

    Args:
        window: what it covers and follows in size.
        title: what is about to happen.
        icon: beside the title.
        size: of the card; it shrinks with the window.
    """

    closed = Signal()
    close_wanted = Signal()
    """Emitted instead of closing while `set_closable(False)` holds."""

    def __init__(
        self, window: QWidget, title: str, *, icon: str = "", size: QSize | None = None
    ) -> None:
        super().__init__(window)
        self._wanted = size or QSize(theme.px(560), theme.px(420))
        self._before: QWidget | None = None
        self._closable = True
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(title)
        self.card = _Card(self)
        column = QVBoxLayout(self.card)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self._make_head(title, icon))
        self.progress = ProgressLine(3)
        self.progress.hide()
        self._head_line = Hairline()
        column.addWidget(self.progress)
        column.addWidget(self._head_line)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        column.addLayout(self.body, 1)
        self._make_footer()
        column.addWidget(self.footer)
        self.hide()

    def _make_head(self, title: str, icon: str) -> QWidget:
        head = QWidget()
        head.setFixedHeight(theme.px(62))
        self.head = QHBoxLayout(head)
        self.head.setContentsMargins(theme.px(22), 0, theme.px(14), 0)
        self.head.setSpacing(theme.px(12))
        if icon:
            self.head.addWidget(Picture(icon, "accent_text", size=18))
        texts = QVBoxLayout()
        texts.setSpacing(1)
        self.title = ElidingLabel(title, role=theme.Role.SHEET)
        self.subtitle = ElidingLabel(role=theme.Role.SMALL, color="text3")
        self.subtitle.hide()
        texts.addStretch()
        texts.addWidget(self.title)
        texts.addWidget(self.subtitle)
        texts.addStretch()
        self.head.addLayout(texts, 1)
        self._close = ToolButton("close", self.tr("Close"), tip=self.tr("Close (Esc)"))
        self._close.clicked.connect(self.request_close)
        self.head.addWidget(self._close)
        return head

    def _make_footer(self) -> None:
        self.footer = SheetFooter()
        self.footer_icon = Picture("info", "text2")
        self.footer_icon.hide()
        self.footer_text = ElidingLabel(color="text2")
        self.footer.row.addWidget(self.footer_icon)
        self.footer.row.addWidget(self.footer_text, 1)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(theme.px(8))
        self.footer.row.addLayout(self.buttons)

    def insert_head(self, widget: QWidget) -> None:
        """Put a widget before the cross."""
        self.head.insertWidget(self.head.count() - 1, widget)

    def set_subtitle(self, text: str) -> None:
        """One line under the title."""
        self.subtitle.setText(text)
        self.subtitle.setVisible(bool(text))

    def set_footer(self, text: str, icon: str = "info", color: str = "text2") -> None:
        """One sentence: what is true now."""
        self.footer_text.setText(quoted(text))
        self.footer_icon.set_icon(icon, color)
        self.footer_icon.setVisible(bool(text))

    def show_progress(self, *, shown: bool) -> None:
        """The line under the head carries progress."""
        self.progress.setVisible(shown)
        self._head_line.setVisible(not shown)

    def set_closable(self, *, closable: bool) -> None:
        """Whether Esc, the cross and the scrim close it; else they ask by `close_wanted`."""
        self._closable = closable
        if closable:
            # What ran is over; the status bar below would go on showing it.
            self.renew_soon()

    def open_sheet(self) -> None:
        """Cover the window and take the focus."""
        self._before = QApplication.focusWidget()
        window = self.parentWidget()
        if window is not None:
            self.setGeometry(window.rect())
            window.installEventFilter(self)
        self.take_picture()
        self._place()
        self.show()
        self.raise_()
        first = self.first_focus()
        (first or self).setFocus(Qt.FocusReason.OtherFocusReason)
        if theme.motion() and self.picture is not None:
            CardFade(self, self.card).start()

    def first_focus(self) -> QWidget | None:
        """Which control gets the focus first."""
        chain = self._chain()
        return next((stop for stop in chain if stop is not self._close), None)

    def panes(self) -> tuple[QWidget, ...]:
        """Where F6 stops; by itself a sheet has no panes."""
        return ()

    @Slot()
    def request_close(self) -> None:
        """Close, or ask whoever holds it whether it may."""
        if self._closable:
            self.close()
        else:
            self.close_wanted.emit()

    def _place(self) -> None:
        margin = theme.px(16)
        width = min(self._wanted.width(), self.width() - 2 * margin)
        height = min(self._wanted.height(), self.height() - 2 * margin)
        left = (self.width() - width) // 2
        top = (self.height() - height) // 2
        self.card.setGeometry(left, top, width, height)
        self.update()

    def _stops(self) -> list[QWidget]:
        return [
            child
            for child in self.card.findChildren(QWidget)
            if child.focusPolicy() & Qt.FocusPolicy.TabFocus
            # The field inside a spin box hands the focus back to it: Tab would never get past.
            and child.focusProxy() is None
            and child.isVisibleTo(self)
            and child.isEnabled()
        ]

    @virtual_value(fallback=False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        window = self.parentWidget()
        if window is None or watched is not window:
            return False
        if event.type() == QEvent.Type.Resize:
            self.drop_picture()
            self.setGeometry(window.rect())
            self._place()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            # Nothing has the focus, as after the list of a combo box on some platforms: the window
            # gets the key, and the sheet in front is what it was meant for.
            self.keyPressEvent(event)
            return True
        return False

    @virtual_value(fallback=True)
    def focusNextPrevChild(self, next_: bool) -> bool:  # noqa: FBT001 - Qt's signature
        here = QApplication.focusWidget()
        chain = self._chain()
        if not chain:
            return True
        step = 1 if next_ else -1
        at = chain.index(here) if here in chain else (-1 if next_ else 0)
        reason = Qt.FocusReason.TabFocusReason if next_ else Qt.FocusReason.BacktabFocusReason
        chain[(at + step) % len(chain)].setFocus(reason)
        return True

    def _chain(self) -> list[QWidget]:
        """The stops in the window's own tab order; the footer's, made first, come last."""
        stops = set(self._stops())
        chain: list[QWidget] = []
        here = self.nextInFocusChain()
        # The rest of the window comes after the sheet's own, a thousand widgets for nothing.
        while here is not None and here is not self and len(chain) < len(stops):
            if here in stops:
                chain.append(here)
            here = here.nextInFocusChain()
        return sorted(chain, key=self.footer.isAncestorOf)

    @virtual
    def keyPressEvent(self, event: QKeyEvent) -> None:
        here = QApplication.focusWidget()
        if event.key() == Qt.Key.Key_Escape:
            self.request_close()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(here, QPushButton):
            here.click()
        # Nothing under the scrim gets a key.
        event.accept()

    @virtual
    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    @virtual
    def wheelEvent(self, event: QEvent) -> None:
        event.accept()

    @virtual
    def closeEvent(self, event: QCloseEvent) -> None:
        window = self.parentWidget()
        if window is not None:
            window.removeEventFilter(self)
        super().closeEvent(event)
        before = self._before
        # What had the focus may be gone by now: a file dialog, a row that was made anew.
        if before is not None and isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.OtherFocusReason)
        self.closed.emit()
        self.deleteLater()

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        self.paint_ground(QPainter(self), self.card.geometry())

    @virtual_value(QSize(100, 100))
    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)


def grow(widget: QWidget) -> QWidget:
    """Let a widget of a sheet take the height that is left."""
    widget.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
    return widget
