"""The verdict about a token: one word, one sentence, and how many checks hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.messages import quoted
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.chip import Chip
from sealwright.desktop.widgets.labels import ElidingLabel, Label
from sealwright.desktop.widgets.painting import rounded
from sealwright.desktop.widgets.surfaces import Picture
from sealwright.desktop.wording import breakable, counted

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from sealwright.services.tokens.tokens import Examination

_ROOMY = 620
_TOLD = frozenset({"unsecured", "shared-secret", "critical"})
"""Remarks that a check makes as well, which is told already."""
_TONES = {
    "valid": (Tone.OK, "shield"),
    "valid but expired": (Tone.WARN, "clock"),
    "untrusted": (Tone.WARN, "warn"),
    "unsecured": (Tone.WARN, "unlock"),
    "invalid": (Tone.ERR, "err"),
}


class VerdictBox(QFrame):
    """Says what the checks came to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tone = Tone.NEU
        self._holding = False
        self._icon = Picture("none", "neu.mark", size=18)
        self._title = ElidingLabel(role=Role.STRONG)
        self._sentence = Label(color="text2", wrap=True)
        self._told = ""
        self._all, self._held = Chip(), Chip()
        self._open, self._failed = Chip(), Chip()
        self._build()

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8))
        row.setSpacing(theme.px(10))
        row.addWidget(self._icon)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self._title)
        texts.addWidget(self._sentence)
        row.addLayout(texts, 1)
        for chip in (self._all, self._held, self._open, self._failed):
            row.addWidget(chip, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def title(self) -> str:
        """The verdict in a word or two."""
        return self._title.text()

    @property
    def sentence(self) -> str:
        """What follows the verdict."""
        return self._told

    def tell(self, tone: Tone, title: str, sentence: str, icon: str) -> None:
        """Show a state without any checks."""
        self._tone = tone
        self._icon.set_icon(icon, f"{tone.value}.mark")
        self._title.set_color(f"{tone.value}.text")
        self._title.setText(title)
        self._told = quoted(sentence)
        self._sentence.setText(breakable(self._told))
        self.setAccessibleName(title)
        self.setAccessibleDescription(self._told)
        self._holding = False
        for chip in (self._all, self._held, self._open, self._failed):
            chip.set_state("", Tone.NEU)
            chip.hide()
        self.update()

    def show_found(self, found: Examination, who: str) -> None:
        """Show what the checks of a token came to; `who` names whose keys were used."""
        tone, icon = _TONES[found.report.verdict.value]
        title = {
            "valid": self.tr("Valid"),
            "valid but expired": self.tr("Valid but expired"),
            "untrusted": self.tr("Untrusted"),
            "unsecured": self.tr("Unsecured"),
            "invalid": self.tr("Invalid"),
        }[found.report.verdict.value]
        self.tell(tone, title, self._words(found, who), icon)
        rows = [check.status.value for check in found.report.checks if "." not in check.id]
        held, failed = rows.count("pass"), rows.count("fail")
        undone = len(rows) - held - failed
        self._holding = held > 0
        self._all.set_state(self.tr("{0} checks").format(len(rows)), Tone.NEU)
        self._all.show()
        holds = counted(held, self.tr("1 holds"), self.tr("{0} hold"))
        fails = counted(failed, self.tr("1 fails"), self.tr("{0} fail"))
        for chip, count, words, tone_, mark in (
            (self._held, held, holds, Tone.OK, "ok"),
            (self._open, undone, self.tr("{0} open").format(undone), Tone.WARN, "warn"),
            (self._failed, failed, fails, Tone.ERR, "err"),
        ):
            chip.set_state(words, tone_, mark)
            chip.setVisible(count > 0)
        self._fit()

    def _fit(self) -> None:
        """Where there is no room, the chips that say least leave first."""
        roomy = self.width() >= theme.px(_ROOMY)
        self._all.setVisible(roomy and bool(self._all.text))
        self._held.setVisible(roomy and self._holding)

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        """See `_fit`."""
        super().resizeEvent(event)
        self._fit()

    def _words(self, found: Examination, who: str) -> str:
        problem = found.chain.first_problem
        remarks = found.inspection.warnings if found.inspection is not None else ()
        extra = " ".join(remark.message for remark in remarks if remark.code not in _TOLD)
        if found.inspection is not None and found.inspection.kind == "other":
            extra = f"{self.tr('It is no token of Azure Attestation.')} {extra}"
        if found.report.valid:
            first = self.tr("Signed by {0}.").format(who)
            if problem is not None:
                word = getattr(problem, "word", "") or problem.title  # type: ignore[union-attr] # a stop has no word
                first = self.tr("Signed by {0}. One link is not judged fully: {1}.").format(
                    who, word
                )
        elif problem is not None and problem.reason:
            first = f"{problem.reason[:1].upper()}{problem.reason[1:]}"
            first = first if first.endswith(".") else f"{first}."
        elif not found.keys.keys.entries:
            first = self.tr("No keys of its issuer are known here, so nothing is proven.")
        else:
            first = self.tr("Checked with keys {0}.").format(found.keys.words)
        return f"{first} {extra}".strip()

    @virtual_value(QSize(300, 66))
    def minimumSizeHint(self) -> QSize:
        """Never narrower than its chips."""
        return QSize(theme.px(300), theme.px(66))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground in the colour of the state."""
        colors = theme.palette().tone(self._tone)
        rounded(QPainter(self), self.rect(), theme.px(8), colors.ground, colors.border)
