"""The first-run card: three steps to try, and the way to Azure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt, Signal, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.buttons import Button, Kind, ToolButton
from sealwright.desktop.widgets.chip import Chip
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.painting import rounded, words

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from sealwright.services.first_start.first_start import TryCard

STEPS = ("look", "upload", "token")


class _StepMark(QWidget):
    """The number of a step, or its check."""

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._number = number
        self.state = "later"
        self.setFixedSize(theme.px(26), theme.px(26))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """A ring with the number; filled when it is next; a check when done."""
        painter = QPainter(self)
        colors = theme.palette()
        if self.state == "done":
            size = theme.px(20)
            at = (self.width() - size) // 2
            theme.paint(painter, at, at, "ok", size=size, color="ok.mark")
            return
        box = QRect(1, 1, self.width() - 2, self.height() - 2)
        following = self.state == "next"
        fill = colors.accent if following else None
        rounded(painter, box, box.height() / 2, fill, colors.accent if following else colors.edge)
        color = colors.on_accent if following else colors.text2
        center = Qt.AlignmentFlag.AlignHCenter
        words(painter, box, str(self._number), theme.font(Role.STRONG), color, align=center)


class StepBox(QFrame):
    """One step: what to do, why, and the button that does it."""

    def __init__(
        self,
        number: int,
        title: str,
        sentence: str,
        button: Button,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self._mark = _StepMark(number)
        self._done = Chip(self.tr("Done"), Tone.OK, "check")
        self.button = button
        pad = theme.px(14)
        column = QVBoxLayout(self)
        column.setContentsMargins(pad, theme.px(12), pad, theme.px(12))
        column.setSpacing(theme.px(4))
        top = QHBoxLayout()
        top.addWidget(self._mark)
        top.addStretch(1)
        top.addWidget(self._done)
        column.addLayout(top)
        column.addSpacing(theme.px(2))
        column.addWidget(Label(title, role=Role.STRONG))
        column.addWidget(Label(sentence, color="text2", wrap=True))
        column.addStretch(1)
        column.addSpacing(theme.px(6))
        column.addWidget(button)

    def set_state(self, state: str) -> None:
        """`done`, `next` or `later`."""
        self._mark.state = state
        self._done.setVisible(state == "done")
        self.button.set_kind(Kind.PRIMARY if state == "next" else Kind.SECONDARY)
        self.update()

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """A card, outlined in the accent while it is the next one."""
        colors = theme.palette()
        line = colors.accent if self._mark.state == "next" else colors.border2
        rounded(QPainter(self), self.rect(), theme.px(8), colors.surface, line)


class FirstRunCard(QFrame):
    """Look at a policy, change and upload it, check the result token."""

    step_wanted = Signal(str)
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Try it in three steps"))
        self._count = Label(role=Role.SMALL, color="text2")
        close = ToolButton("close", self.tr("Put the card away"), size=24, icon_size=14)
        close.clicked.connect(self.dismissed)
        pad = theme.px(16)
        column = QVBoxLayout(self)
        column.setContentsMargins(pad, theme.px(12), pad, pad)
        column.setSpacing(theme.px(12))
        top = QHBoxLayout()
        texts = QVBoxLayout()
        texts.setSpacing(theme.px(1))
        texts.addWidget(Label(self.tr("Try it in three steps"), role=Role.SHEET))
        sentence = self.tr("Everything here runs on this computer. Nothing is sent to Azure.")
        texts.addWidget(Label(sentence, color="text2"))
        top.addLayout(texts)
        top.addStretch(1)
        top.addWidget(self._count)
        top.addWidget(close)
        column.addLayout(top)
        self._boxes = self._make_boxes()
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        for box in self._boxes.values():
            row.addWidget(box, 1)
        column.addLayout(row)
        self.hide()

    def _make_boxes(self) -> dict[str, StepBox]:
        made = {}
        for number, (key, title, sentence, verb, icon) in enumerate(
            (
                (
                    "look",
                    self.tr("Look at a policy"),
                    self.tr("See what the Isolated provider of the sandbox permits, rule by rule."),
                    self.tr("Show it"),
                    "eye",
                ),
                (
                    "upload",
                    self.tr("Change and upload it"),
                    self.tr("Edit a line, review the difference, sign it, and see it proven."),
                    self.tr("Edit it"),
                    "pencil",
                ),
                (
                    "token",
                    self.tr("Check the result token"),
                    self.tr("Open what the provider answered, and check who signed it."),
                    self.tr("Open it"),
                    "tokens",
                ),
            ),
            1,
        ):
            button = Button(verb, icon=icon, name=f"{verb}: {title}", kind=Kind.SECONDARY)
            button.setProperty("step", key)
            button.clicked.connect(self._on_step)
            made[key] = StepBox(number, title, sentence, button)
        return made

    def show_card(self, card: TryCard) -> None:
        """Mark what is done; the first open step is the next one."""
        done = {
            "look": card.looked_at_policy,
            "upload": card.uploaded,
            "token": card.checked_token,
        }
        following = next((key for key in STEPS if not done[key]), "")
        for key, box in self._boxes.items():
            box.set_state("done" if done[key] else ("next" if key == following else "later"))
        self._count.setText(self.tr("{0} of 3").format(sum(done.values())))

    @Slot()
    def _on_step(self) -> None:
        button = self.sender()
        if button is not None:
            self.step_wanted.emit(str(button.property("step")))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """The tinted ground."""
        colors = theme.palette()
        border = colors.tone(Tone.INFO).border
        rounded(QPainter(self), self.rect(), theme.px(12), colors.wash, border)


class _Tile(QWidget):
    """An icon on a tinted square."""

    def __init__(self, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self.setFixedSize(theme.px(40), theme.px(40))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """Square and icon."""
        painter = QPainter(self)
        rounded(painter, self.rect(), theme.px(8), theme.palette().accent_tint, None)
        size = theme.px(20)
        at = (self.width() - size) // 2
        theme.paint(painter, at, at, self._icon, size=size, color="accent_text")


class AzureCard(QFrame):
    """The way from the sandbox to real providers."""

    connect_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Your providers in Azure"))
        row = QHBoxLayout(self)
        pad = theme.px(14)
        row.setContentsMargins(pad, theme.px(12), pad, theme.px(12))
        row.setSpacing(theme.px(12))
        row.addWidget(_Tile("cloud"))
        texts = QVBoxLayout()
        texts.setSpacing(theme.px(1))
        texts.addWidget(Label(self.tr("Your providers in Azure"), role=Role.STRONG))
        sentence = self.tr(
            "Sign in with the browser or an application. Sealwright reads what it may read and "
            "changes nothing until you upload."
        )
        texts.addWidget(Label(sentence, color="text2", wrap=True))
        row.addLayout(texts, 1)
        button = Button(self.tr("Connect to Azure"), icon="cloud")
        button.clicked.connect(self.connect_wanted)
        row.addWidget(button)
        self.button = button

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """A card."""
        colors = theme.palette()
        rounded(QPainter(self), self.rect(), theme.px(8), colors.surface, colors.border2)
