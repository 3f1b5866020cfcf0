"""The strip above the text: what is deployed, what this is, and whether they are equal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.policies.words import short_hash
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.buttons import Button, Kind, ToolButton
from sealwright.desktop.widgets.chip import Chip
from sealwright.desktop.widgets.labels import ElidingLabel, Label
from sealwright.desktop.widgets.surfaces import Picture

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent
    from PySide6.QtWidgets import QMenu


@dataclass(frozen=True, slots=True)
class Standing:
    """Deployed and edited text against each other. `verdict` is one of the keys below."""

    verdict: str
    deployed_hash: str = ""
    text_hash: str = ""
    reason: str = ""


class DeployedStrip(QWidget):
    """Chip, both hashes, and the primary action of the panel."""

    format_wanted = Signal()
    review_wanted = Signal()
    target_wanted = Signal()

    def __init__(self, menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._standing = Standing("unknown")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("k", "raised")
        self.setFixedHeight(theme.px(44))
        self.setAccessibleName(self.tr("Deployed state"))
        self.chip = Chip()
        self._deployed_word = Label(self.tr("Deployed"), role=Role.SMALL, color="text3")
        self._deployed = ElidingLabel(role=Role.CODE_SMALL)
        self._arrow = Picture("right", "text3", size=13)
        self._text_word = Label(self.tr("This text"), role=Role.SMALL, color="text3")
        self._text = ElidingLabel(role=Role.CODE_SMALL)
        self.target = Button(
            self.tr("Choose a provider…"),
            icon="providers",
            kind=Kind.GHOST,
            tip=self.tr("Which provider and attestation type this text is for"),
        )
        self.target.clicked.connect(self.target_wanted)
        self.target.hide()
        self.more = ToolButton("more", self.tr("More actions"), size=30)
        self.more.setMenu(menu)
        self.format = Button(
            self.tr("Format"),
            icon="braces",
            kind=Kind.GHOST,
            tip=self.tr("Put the text into the canonical layout (Ctrl+Shift+F)"),
        )
        self.format.clicked.connect(self.format_wanted)
        self.review = Button(
            self.tr("Review and upload…"),
            icon="upload",
            kind=Kind.PRIMARY,
            tip=self.tr(
                "See what changes, choose who signs, then upload and prove it (Ctrl+Shift+U)"
            ),
        )
        self.review.clicked.connect(self.review_wanted)
        self._lay_out()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), 0, theme.px(12), 1)
        row.setSpacing(theme.px(8))
        row.addWidget(self.chip)
        row.addSpacing(theme.px(4))
        for widget in (
            self._deployed_word,
            self._deployed,
            self._arrow,
            self._text_word,
            self._text,
            self.target,
        ):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.format)
        row.addWidget(self.more)
        row.addWidget(self.review)

    def show_standing(self, standing: Standing) -> None:
        """Show how the deployed policy and this text stand."""
        self._standing = standing
        words, tone, icon, tip = self._verdicts()[standing.verdict]
        self.chip.set_state(words, tone, icon, standing.reason or tip)
        self._deployed.setText(short_hash(standing.deployed_hash))
        self._deployed.setToolTip(standing.deployed_hash)
        self._deployed.setAccessibleName(standing.deployed_hash)
        self._text.setText(short_hash(standing.text_hash))
        self._text.setToolTip(standing.text_hash)
        self._text.setAccessibleName(standing.text_hash)
        self._fit()

    @property
    def standing(self) -> Standing:
        """What it shows."""
        return self._standing

    def show_target(self, words: str, *, shown: bool) -> None:
        """The button that chooses provider and type, for a text that came from a file."""
        self.target.setText(words or self.tr("Choose a provider…"))
        self.target.setAccessibleName(self.target.text())
        self.target.setVisible(shown)
        self._fit()

    def _verdicts(self) -> dict[str, tuple[str, Tone, str, str]]:
        return {
            "equal": (
                self.tr("Equal"),
                Tone.OK,
                "ok",
                self.tr("The provider has exactly this text"),
            ),
            "differs": (
                self.tr("Differs"),
                Tone.WARN,
                "drift",
                self.tr("The provider has another text"),
            ),
            "none": (
                self.tr("None set"),
                Tone.NEU,
                "none",
                self.tr("The provider has no policy for this type"),
            ),
            "unreadable": (self.tr("Cannot read"), Tone.NEU, "lock", ""),
            "untrusted": (
                self.tr("Not proven"),
                Tone.ERR,
                "err",
                self.tr("The provider's answer did not verify"),
            ),
            "reading": (
                self.tr("Reading"),
                Tone.INFO,
                "clock",
                self.tr("The provider is being asked"),
            ),
            "unknown": (
                self.tr("Not compared"),
                Tone.NEU,
                "file",
                self.tr("Choose a provider to compare this text with"),
            ),
        }

    def _fit(self) -> None:
        """Show what has room whole, most telling first: a hash cut twice tells nothing."""
        free = self.width() - theme.px(28)
        for kept in (self.chip, self.more, self.review, self.target):
            if kept is not self.target or not kept.isHidden():
                free -= kept.sizeHint().width() + theme.px(8)
        deployed, text = bool(self._standing.deployed_hash), bool(self._standing.text_hash)
        for widgets, wanted in (
            ((self._deployed,), deployed),
            ((self._arrow, self._text) if deployed else (self._text,), text),
            ((self.format,), True),
            ((self._deployed_word,), deployed),
            ((self._text_word,), text),
        ):
            needed = sum(widget.sizeHint().width() + theme.px(8) for widget in widgets)
            fits = wanted and needed <= free
            free -= needed if fits else 0
            for widget in widgets:
                widget.setVisible(fits)
        if not deployed:
            self._arrow.hide()

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    @virtual_value(QSize(300, 44))
    def minimumSizeHint(self) -> QSize:
        wanted = self.chip.sizeHint().width() + self.review.sizeHint().width()
        return QSize(wanted + theme.px(90), theme.px(44))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.palette().raised)
        line = QRect(0, self.height() - 1, self.width(), 1)
        painter.fillRect(line, theme.palette().border)
