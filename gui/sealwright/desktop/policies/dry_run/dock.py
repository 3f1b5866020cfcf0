"""The dry run dock: claims, verdict, rules, claim sets and token."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.policies.dry_run.readings import readings_words
from sealwright.desktop.policies.dry_run.tables import (
    claim_rows,
    claims_table,
    member_rows,
    token_table,
)
from sealwright.desktop.policies.dry_run.trace import TraceView
from sealwright.desktop.policies.dry_run.verdict import VerdictBox
from sealwright.desktop.policies.words import tr
from sealwright.desktop.theme import Role
from sealwright.desktop.turns import Turns
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.buttons import ToolButton
from sealwright.desktop.widgets.fields import ComboBox
from sealwright.desktop.widgets.labels import ElidingLabel, KeyCaps, Label
from sealwright.desktop.widgets.surfaces import PaneHead
from sealwright.desktop.widgets.tabs import CountTabs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

    from sealwright.services.policies.dry_run import DryRun

RULES, BEFORE, AFTER, TOKEN = range(4)
FORM, JSON, FROM_TOKEN, FROM_EVIDENCE = "form", "json", "token", "evidence"
ADD_FILES = "files"
_WAYS = (FORM, JSON, FROM_TOKEN, FROM_EVIDENCE, ADD_FILES)
_MINIMUM = 320


class DryRunDock(QWidget):
    """Shows runs, and asks for claims, runs and steps by signals."""

    run_wanted = Signal()
    closed = Signal()
    source_wanted = Signal(str)
    """A case's id, `sample`, `own`, FORM, JSON, FROM_TOKEN, FROM_EVIDENCE, ADD_FILES."""
    save_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Dry run"))
        self.setMinimumWidth(theme.px(_MINIMUM))
        self._shown: DryRun | None = None
        self._turns = Turns(self)
        self._source = ""
        self.elapsed = Label(role=Role.SMALL, color="text3")
        self.verdict = VerdictBox()
        self.readings = ElidingLabel(role=Role.SMALL, color="text3")
        self.trace = TraceView()
        self.looked_at = claims_table(tr("Incoming claims it looked at"))
        self.looked_count = Label(role=Role.SMALL, color="text2")
        self.before = claims_table(tr("Claims before"))
        self.after = claims_table(tr("Claims after"))
        self.token = token_table(tr("Token that would be issued"))
        self.token_words = Label(role=Role.SMALL, color="text2", wrap=True)
        self.tabs = CountTabs(tr("Parts of the dry run"), height=34)
        for title in (tr("Rules"), tr("Before"), tr("After"), tr("Token")):
            self.tabs.add(title)
        self.stack = QStackedWidget()
        self.tabs.currentChanged.connect(self.stack.setCurrentIndex)
        self._make_sources()
        self._lay_out()

    # --- building -----------------------------------------------------------------------------

    def _make_sources(self) -> None:
        self.sources = ComboBox(tr("Claims from"))
        self.sources.view().setAccessibleName(self.sources.accessibleName())
        self.sources.activated.connect(self._on_source)
        self.edit = ToolButton("pencil", tr("Edit claims"), tip=tr("Edit the claims in a form"))
        self.edit.clicked.connect(self._on_edit)
        self.save = ToolButton(
            "flag", tr("Save as test case"), tip=tr("Keep these claims as a test case")
        )
        self.save.clicked.connect(self.save_wanted)

    def _make_head(self) -> PaneHead:
        head = PaneHead(tr("Dry run"))
        self.run_button = ToolButton(
            "play", tr("Run"), tip=tr("Try the text on these claims again"), color="accent_text"
        )
        self.run_button.clicked.connect(self.run_wanted)
        self.step_button = ToolButton(
            "step", tr("Next rule"), tip=tr("Go to the next rule, in the text too (F10)")
        )
        self.step_button.clicked.connect(self.step)
        hide = ToolButton(
            "close", tr("Close dry run"), tip=tr("Close (Ctrl+Shift+D)"), icon_size=14
        )
        hide.clicked.connect(self.closed)
        for widget in (self.elapsed, self.run_button, self.step_button, KeyCaps("F10"), hide):
            head.row.addWidget(widget)
        return head

    def _lay_out(self) -> None:
        pad = theme.px(12)
        row = QHBoxLayout()
        row.setSpacing(theme.px(6))
        row.addWidget(Label(tr("Claims from"), color="text2"))
        row.addWidget(self.sources, 1)
        row.addWidget(self.edit)
        row.addWidget(self.save)
        for page in (self._rules_page(), self.before, self.after, self._token_page()):
            self.stack.addWidget(page)
        inner = QVBoxLayout()
        inner.setContentsMargins(pad, theme.px(10), pad, pad)
        inner.setSpacing(theme.px(8))
        inner.addLayout(row)
        inner.addWidget(self.verdict)
        inner.addWidget(self.readings)
        inner.addWidget(self.tabs)
        inner.addWidget(self.stack, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 0, 0)
        column.setSpacing(0)
        self.head = self._make_head()
        column.addWidget(self.head)
        column.addLayout(inner, 1)

    def _rules_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, theme.px(4), 0, 0)
        column.setSpacing(theme.px(6))
        column.addWidget(self.trace, 3)
        head = QHBoxLayout()
        title = ElidingLabel(tr("Incoming claims it looked at"), role=Role.SECTION, color="text2")
        head.addWidget(title, 1)
        head.addWidget(self.looked_count)
        column.addLayout(head)
        column.addWidget(self.looked_at, 2)
        return page

    def _token_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, theme.px(4), 0, 0)
        column.setSpacing(theme.px(6))
        column.addWidget(self.token_words)
        column.addWidget(self.token, 1)
        return page

    # --- claims -------------------------------------------------------------------------------

    def show_sources(
        self, given: Sequence[tuple[str, str, str]], chosen: str, *, of_evidence: bool = False
    ) -> None:
        """Fill the choice of claims: key, icon and words of each; the ways to make some follow.

        Evidence, when that is what was chosen, may have more files beside it.
        """
        self._source = chosen
        self.sources.clear()
        for key, icon, words in given:
            self.sources.addItem(theme.icon(icon), words, key)
        self.sources.insertSeparator(self.sources.count())
        for key, icon, words in (
            (FORM, "rows", tr("Edit in a form…")),
            (JSON, "braces", tr("Claims as JSON…")),
            (FROM_TOKEN, "tokens", tr("From a token…")),
            (FROM_EVIDENCE, "chip", tr("From an evidence file…")),
        ):
            self.sources.addItem(theme.icon(icon), words, key)
        if of_evidence:
            self.sources.addItem(theme.icon("plus"), tr("Add files to this evidence…"), ADD_FILES)
        self.sources.setCurrentIndex(max(0, self.sources.findData(chosen)))

    @Slot(int)
    def _on_source(self, index: int) -> None:
        wanted = str(self.sources.itemData(index))
        if wanted in _WAYS:
            self.sources.setCurrentIndex(max(0, self.sources.findData(self._source)))
        self.source_wanted.emit(wanted)

    @Slot()
    def _on_edit(self) -> None:
        self.source_wanted.emit(FORM)

    # --- runs ---------------------------------------------------------------------------------

    def show_run(self, run: DryRun) -> None:
        """Show what a run found: the rules of a long policy have a turn of their own."""
        self._turns.begin(
            [partial(part, run) for part in (self._show_claims, self._show_rules, self._show_end)]
        )

    def _show_claims(self, run: DryRun) -> None:
        before, looked, after = run.before, run.looked_at, run.after
        self.looked_at.set_rows(claim_rows(looked))
        self.looked_count.setText(tr("{0} of {1}").format(len(looked), len(before)))
        self.before.set_rows(claim_rows(before))
        self.after.set_rows(claim_rows(after))
        self.token.set_rows(member_rows(run.token))
        self.token_words.setText(_token_words(run))

    def _show_rules(self, run: DryRun) -> None:
        self.trace.show_rows(run.rules)

    def _show_end(self, run: DryRun) -> None:
        self._shown = run
        self.verdict.show_run(run)
        self._show_readings(readings_words(run.choices))
        self.elapsed.setText(_duration(run.seconds))
        # The narrow dock has no room for a fourth count.
        counts = (len(run.rules), len(run.before), len(run.after))
        for place, number in enumerate(counts):
            self.tabs.set_count(place, number)
        self.step_button.set_available("" if run.rules else tr("There is no rule to go to"))
        expected = "" if run.decision else tr("The text has errors: there is nothing to expect")
        self.save.set_available(expected)

    def show_nothing(self, reason: str) -> None:
        """There is nothing to try."""
        self._turns.stop()
        self._shown = None
        self.verdict.tell_nothing(tr("Not tried"), reason)
        self._show_readings("")
        self.elapsed.setText("")
        self.trace.show_rows(())
        for table in (self.looked_at, self.before, self.after, self.token):
            table.set_rows([])
        for place in range(3):
            self.tabs.set_count(place, 0)
        self.looked_count.setText("")
        self.token_words.setText("")
        self.step_button.set_available(tr("There is no rule to go to"))
        self.save.set_available(tr("There is nothing to keep"))

    def _show_readings(self, words: str) -> None:
        self.readings.setText(words)
        self.readings.setVisible(bool(words))

    @property
    def shown(self) -> DryRun | None:
        """The run that is shown."""
        return self._shown

    @Slot()
    def step(self) -> None:
        """Go to the next rule."""
        self.tabs.setCurrentIndex(RULES)
        self.trace.step()

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colors = theme.palette()
        painter.fillRect(self.rect(), colors.surface)
        painter.fillRect(0, 0, 1, self.height(), colors.border)


def _duration(seconds: float) -> str:
    if not seconds:
        return ""
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _token_words(run: DryRun) -> str:
    if not run.token:
        return tr("No token would be issued.")
    hours, minutes = divmod(run.validity_minutes, 60)
    life = tr("{0} h").format(hours) if not minutes else tr("{0} min").format(run.validity_minutes)
    words = tr("Valid for {0}. The service adds iss, jti, iat, nbf, exp and what else it found.")
    return words.format(life)
