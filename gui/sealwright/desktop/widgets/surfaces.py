"""Boxes that stand on a panel: banner, empty state, hover card, pane head."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.messages import quoted
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.buttons import Button, Kind, ToolButton
from sealwright.desktop.widgets.labels import ElidingLabel, Label
from sealwright.desktop.widgets.painting import rounded
from sealwright.desktop.widgets.shadow import SMALL, paint_card

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from sealwright.desktop.messages import Message

TONE_ICONS = {
    theme.Tone.OK: "ok",
    theme.Tone.WARN: "warn",
    theme.Tone.ERR: "err",
    theme.Tone.INFO: "info",
    theme.Tone.NEU: "info",
}


class Picture(QLabel):
    """An icon that stands by itself; decoration, so it has no name of its own."""

    def __init__(
        self, icon: str, color: str = "text2", *, size: int = 16, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon = icon
        self._color = color
        self._size = theme.px(size)
        self.setFixedSize(self._size, self._size)

    @property
    def icon(self) -> str:
        """Which icon it shows."""
        return self._icon

    def set_icon(self, icon: str, color: str) -> None:
        """Another icon."""
        self._icon, self._color = icon, color
        self.update()

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        theme.paint(QPainter(self), 0, 0, self._icon, size=self._size, color=self._color)


class Banner(QFrame):
    """A state of the whole panel in one sentence, with one action. Non-modal.

    `acted` follows the action, `closed` the cross.
    """

    acted = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None, *, closable: bool = True) -> None:
        super().__init__(parent)
        self._tone = theme.Tone.INFO
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), theme.px(8), theme.px(8), theme.px(8))
        row.setSpacing(theme.px(10))
        self._icon = Picture("info", "info.mark", size=18)
        self._title = ElidingLabel(role=theme.Role.STRONG)
        self._sentence = Label(color="text2", wrap=True)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self._title)
        texts.addWidget(self._sentence)
        self._add_facts(texts)
        self._action = Button("", small=True, name=self.tr("Do what the message proposes"))
        self._action.clicked.connect(self.acted)
        self._close = ToolButton("close", self.tr("Close this message"), size=24, icon_size=14)
        # `setVisible(True)` before it has a parent would open a window of its own.
        if not closable:
            self._close.hide()
        self._close.clicked.connect(self.hide)
        self._close.clicked.connect(self.closed)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)
        row.addWidget(self._action)
        row.addWidget(self._close)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hide()

    def _add_facts(self, texts: QVBoxLayout) -> None:
        self._more = Button(self.tr("Details"), kind=Kind.LINK)
        self._more.clicked.connect(self._on_more)
        self._facts = Label(role=theme.Role.CODE_SMALL, color="text2", wrap=True)
        self._facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        texts.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        texts.addWidget(self._facts)
        self._more.hide()
        self._facts.hide()

    @property
    def title(self) -> str:
        """What it says in bold."""
        return self._title.text()

    @property
    def facts(self) -> str:
        """The raw text behind Details."""
        return self._facts.text()

    def tell_error(self, shown: Message, *, action: str = "") -> None:
        """Show what failed, with its raw facts one click away."""
        self.tell(theme.Tone.ERR, shown.title, shown.text, action=action)
        self._facts.setText(shown.details_text)
        self._facts.setAccessibleName(self.tr("Details of the failure"))
        self._more.setVisible(bool(shown.details_text))

    @Slot()
    def _on_more(self) -> None:
        self._facts.setVisible(not self._facts.isVisible())

    def tell(
        self, tone: theme.Tone, title: str, sentence: str = "", *, action: str = "", icon: str = ""
    ) -> None:
        """Show itself with a state, a sentence and at most one action."""
        self._tone = tone
        self._icon.set_icon(icon or TONE_ICONS[tone], f"{tone.value}.mark")
        self._title.set_color(f"{tone.value}.text")
        self._title.setText(title)
        self._sentence.setText(quoted(sentence))
        self._sentence.setVisible(bool(sentence))
        self._more.hide()
        self._facts.hide()
        self._action.setText(action)
        if action:
            self._action.setAccessibleName(action)
        self._action.setVisible(bool(action))
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)
        self.show()
        self.update()

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.palette().tone(self._tone)
        rounded(QPainter(self), self.rect(), theme.px(8), colors.ground, colors.border)


class _Cards(QWidget):
    """Three stacked cards with an icon: the picture of nothing here yet."""

    def __init__(self, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self.setFixedSize(theme.px(112), theme.px(88))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colors = theme.palette()
        width, height = self.width(), self.height()
        for step in (2, 1, 0):
            inset = theme.px(8) * step
            box = QRect(inset, theme.px(16) - inset + 8, width - 2 * inset, height - theme.px(28))
            rounded(
                painter,
                box,
                theme.px(8),
                colors.surface if step == 0 else colors.raised,
                colors.border2,
            )
        size = theme.px(32)
        top = theme.px(24) + (height - theme.px(28) - size) // 2
        theme.paint(painter, (width - size) // 2, top, self._icon, size=size, color="accent_text")


class EmptyState(QWidget):
    """One sentence and the action that fills the emptiness. `acted` follows the button."""

    acted = Signal()

    def __init__(
        self,
        icon: str,
        title: str,
        sentence: str = "",
        *,
        action: str = "",
        action_icon: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setSpacing(theme.px(6))
        column.addStretch(2)
        column.addWidget(_Cards(icon), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(theme.px(8))
        self._title = Label(title, role=theme.Role.CARD, wrap=True)
        self._title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._sentence = Label(sentence, color="text2", wrap=True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._title)
        column.addWidget(self._sentence)
        column.addSpacing(theme.px(8))
        self.button = Button(action, icon=action_icon, name=action or title)
        if not action:
            self.button.hide()
        self.button.clicked.connect(self.acted)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    def tell(self, title: str, sentence: str = "", *, action: str = "") -> None:
        """Other words."""
        self._title.setText(title)
        self._sentence.setText(quoted(sentence))
        self.button.setText(action)
        self.button.setAccessibleName(action)
        self.button.setVisible(bool(action))


class HoverCard(QFrame):
    """A card over the window at a place in it: it can be entered by keyboard, unlike a tooltip.

    Fill `body` (a vertical layout), then `open_at`. Esc and `hide` put it away.
    """

    WIDTH = 420

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        margin = SMALL.reach
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(
            margin + theme.px(14),
            margin + theme.px(12),
            margin + theme.px(14),
            margin + theme.px(12),
        )
        self.body.setSpacing(theme.px(8))
        self.hide()

    def open_at(self, anchor: QRect) -> None:
        """Show under `anchor` (in the window's coordinates), or above where there is no room."""
        window = self.parentWidget()
        if window is None:
            return
        width = min(theme.px(self.WIDTH) + 2 * SMALL.reach, window.width())
        self.setFixedWidth(width)
        height = (
            self.heightForWidth(width) if self.hasHeightForWidth() else self.sizeHint().height()
        )
        left = max(0, min(anchor.left() - SMALL.reach, window.width() - width))
        top = anchor.bottom() + 2 - SMALL.reach + theme.px(4)
        if top + height > window.height():
            top = anchor.top() - height + SMALL.reach - theme.px(4)
        self.setGeometry(left, max(0, top), width, height)
        self.show()
        self.raise_()

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        paint_card(QPainter(self), self.rect())


class PaneHead(QWidget):
    """The head of a pane: title, then what is put into `row`."""

    def __init__(self, title: str, *, height: int = 40, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(theme.px(14), 0, theme.px(8), 1)
        self.row.setSpacing(theme.px(2))
        self.title = ElidingLabel(title, role=theme.Role.STRONG)
        self.row.addWidget(self.title, 1)
        self.setFixedHeight(theme.px(height))

    @virtual_value(QSize(100, 40))
    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(80), self.height())

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.palette()
        QPainter(self).fillRect(QRect(0, self.height() - 1, self.width(), 1), colors.border)
