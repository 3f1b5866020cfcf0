"""The command palette: one search box for providers, policies, keys, tokens and commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.finds import Find, Results, ranked
from sealwright.desktop.widgets.labels import KeyCaps, keys_width, paint_keys
from sealwright.desktop.widgets.overlay import Overlay
from sealwright.desktop.widgets.painting import rounded, words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QPaintEvent

_WIDTH, _TOP, _QUERY, _FOOT = 680, 84, 54, 38


class _Query(QLineEdit):
    """The field of the palette; list keys go to the list."""

    moved = Signal(int)
    opened = Signal()
    left = Signal()

    @virtual
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up, Down, Enter and Esc are not typed."""
        key = event.key()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.moved.emit(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class Finder(Overlay):
    """The palette over the window. `open_with` shows it; choosing closes it, then runs."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAccessibleName(self.tr("Command palette"))
        self._finds: Sequence[Find] = ()
        self._collect: Callable[[], Sequence[Find]] = tuple
        self._before: QWidget | None = None
        self._query = _Query(self)
        self._query.setAccessibleName(self.tr("Search or run a command"))
        self._query.setPlaceholderText(self.tr("Search or run a command"))
        self._query.setProperty("bare", True)  # noqa: FBT003 - Qt's signature
        font = theme.font(Role.BODY)
        font.setPixelSize(theme.px(17))
        self._query.setFont(font)
        self._results = Results(self)
        self._esc = KeyCaps("Esc", self)
        self._query.textChanged.connect(self._on_text)
        self._query.moved.connect(self._on_moved)
        self._query.opened.connect(self._on_opened)
        self._query.left.connect(self.leave)
        self._results.chosen.connect(self._open)
        window.installEventFilter(self)
        self.hide()

    def open_with(self, collect: Callable[[], Sequence[Find]], text: str = "") -> None:
        """Show the palette over what can be found; `renew` asks again while it is open."""
        self._collect = collect
        self._finds = collect()
        self._before = QApplication.focusWidget()
        self._query.setText(text)
        self._on_text(text)
        self.take_picture()
        self.show()
        self.raise_()
        self._query.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def renew(self) -> None:
        """Something was read or changed: what is listed shall be true now."""
        if self.isVisible():
            self._finds = self._collect()
            chosen = self._results.chosen_text
            self._on_text(self._query.text())
            self._results.choose(chosen)

    @property
    def hits(self) -> list[str]:
        """What is listed now."""
        return [line.find.text for line in self._results.lines if line.find]

    @Slot()
    def leave(self) -> None:
        """Close and give the focus back."""
        self.hide()
        self.drop_picture()
        if self._before is not None and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str)
    def _on_text(self, text: str) -> None:
        self._results.set_lines(ranked(self._finds, text))
        self._place()

    @Slot(int)
    def _on_moved(self, step: int) -> None:
        self._results.move_by(step)

    @Slot()
    def _on_opened(self) -> None:
        at = self._results.current
        if 0 <= at < len(self._results.lines):
            self._open(self._results.lines[at].find)

    @Slot(object)
    def _open(self, find: Find | None) -> None:
        if find is not None:
            self.leave()
            find.run()

    def _card(self) -> QRect:
        window = self.rect()
        width = min(theme.px(_WIDTH), window.width() - theme.px(32))
        fixed = theme.px(_QUERY) + theme.px(_FOOT)
        room = window.height() - theme.px(_TOP) - theme.px(24)
        height = min(fixed + max(self._results.wanted_height(), theme.px(60)), room)
        return QRect((window.width() - width) // 2, theme.px(_TOP), width, height)

    def _place(self) -> None:
        window = self.parentWidget()
        if window is not None:
            self.setGeometry(window.rect())
        card = self._card()
        left, query = card.left() + theme.px(52), theme.px(_QUERY)
        esc = self._esc.sizeHint()
        self._query.setGeometry(left, card.top(), card.right() - left - theme.px(60), query)
        self._esc.setGeometry(
            card.right() - theme.px(18) - esc.width(),
            card.top() + (query - esc.height()) // 2,
            esc.width(),
            esc.height(),
        )
        foot = theme.px(_FOOT)
        self._results.setGeometry(
            card.left() + 1, card.top() + query, card.width() - 2, card.height() - query - foot
        )
        self.update()

    @virtual_value(fallback=False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window's size."""
        if (
            event.type() == QEvent.Type.Resize
            and watched is self.parentWidget()
            and self.isVisible()
        ):
            self.drop_picture()
            self._place()
        return False

    @virtual_value(fallback=True)
    def focusNextPrevChild(self, next_: bool) -> bool:  # noqa: FBT001 - Qt's signature
        """The focus stays inside."""
        return True

    @virtual
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the card closes."""
        if not self._card().contains(event.position().toPoint()):
            self.leave()

    @virtual_value(QSize(0, 0))
    def minimumSizeHint(self) -> QSize:
        """Never widens the window."""
        return QSize(0, 0)

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """Scrim, shadow, card, lens, footer."""
        painter = QPainter(self)
        colors = theme.palette()
        card = self._card()
        self.paint_ground(painter, card)
        rounded(painter, card, theme.px(12), colors.overlay, colors.border2)
        size, query, foot = theme.px(18), theme.px(_QUERY), theme.px(_FOOT)
        lens = card.top() + (query - size) // 2
        theme.paint(painter, card.left() + theme.px(22), lens, "search", size=size, color="text3")
        painter.fillRect(card.left() + 1, card.top() + query, card.width() - 2, 1, colors.border)
        footer = QRect(card.left() + 1, card.bottom() - foot, card.width() - 2, foot)
        painter.fillRect(footer.left(), footer.top(), footer.width(), 1, colors.border)
        self._draw_footer(painter, footer.adjusted(theme.px(20), 1, -theme.px(20), 0))

    def _draw_footer(self, painter: QPainter, box: QRect) -> None:
        colors, font = theme.palette(), theme.font(Role.SMALL)
        left = box.left()
        for keys, text in (
            (("↑", "↓"), self.tr("move")),
            (("Enter",), self.tr("open")),
            (("Esc",), self.tr("close")),
        ):
            width = keys_width(keys)
            paint_keys(painter, QRect(left, box.top(), width, box.height()), keys)
            left += width + theme.px(6)
            span = QFontMetrics(font).horizontalAdvance(text) + theme.px(16)
            words(painter, QRect(left, box.top(), span, box.height()), text, font, colors.text3)
            left += span
        hint = self.tr("> commands")
        right = Qt.AlignmentFlag.AlignRight
        words(painter, box, hint, font, colors.text3, align=right)
