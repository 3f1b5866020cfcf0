"""The decision in one big word, with the reason in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from sealwright.desktop import theme
from sealwright.desktop.messages import quoted
from sealwright.desktop.policies.words import tr
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.painting import rounded
from sealwright.desktop.widgets.surfaces import Picture

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QWidget

    from sealwright.services.policies.dry_run import DryRun

_ICON = 28


class _Look(NamedTuple):
    word: str
    tone: Tone
    icon: str


def look_of(verdict: str) -> _Look:
    """Word, colour and icon of a verdict."""
    return {
        "permitted": _Look(tr("Permitted"), Tone.OK, "ok"),
        "denied": _Look(tr("Denied"), Tone.ERR, "denied"),
        "not-permitted": _Look(tr("Not permitted"), Tone.ERR, "denied"),
        "failed": _Look(tr("Fails"), Tone.ERR, "err"),
        "unreadable": _Look(tr("Has errors"), Tone.WARN, "warn"),
    }[verdict]


class VerdictBox(QFrame):
    """Ground and icon in the colour of the decision."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tone = Tone.NEU
        self._picture = Picture("play", "text3", size=_ICON)
        self.word = Label(role=Role.DECISION)
        self.reason = Label(wrap=True)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self.word)
        texts.addWidget(self.reason)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(14), theme.px(10), theme.px(14), theme.px(12))
        row.setSpacing(theme.px(12))
        row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(texts, 1)
        self.tell_nothing(tr("Not tried yet"), "")

    def tell_nothing(self, word: str, reason: str) -> None:
        """There is no decision."""
        self._tell(word, reason, Tone.NEU, "play")

    def show_run(self, run: DryRun) -> None:
        """Show a decision."""
        look = look_of(run.verdict.value)
        self._tell(look.word, quoted(run.reason), look.tone, look.icon)

    def _tell(self, word: str, reason: str, tone: Tone, icon: str) -> None:
        self._tone = tone
        self._picture.set_icon(icon, "text3" if tone is Tone.NEU else f"{tone.value}.mark")
        self.word.setText(word)
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason))
        self.setAccessibleName(f"{word}. {reason}".strip())
        colors = {Tone.OK: "ok", Tone.ERR: "err", Tone.WARN: "warn"}
        self.word.set_color(colors.get(tone, "text2"))
        self.update()

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.palette().tone(self._tone)
        rounded(QPainter(self), self.rect(), theme.px(8), colors.ground, colors.border)
