"""The saved cases as tests of the text in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.policies.words import plain_sentence, tr
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.widgets.buttons import Button, ToolButton
from sealwright.desktop.widgets.labels import ElidingLabel, Label
from sealwright.desktop.widgets.tables.cells import Column, Row, State, Text
from sealwright.desktop.widgets.tables.tree import TreeTable

if TYPE_CHECKING:
    from sealwright.services.model import SavedCase
    from sealwright.services.policies.cases import CaseOutcome, CasesReport


_MOST_SAID = 20


def decision_words(decision: str) -> str:
    """A decision as a case expects it."""
    return {
        "permit": tr("Permitted"),
        "deny": tr("Not permitted"),
        "error": tr("Fails"),
    }[decision]


class TestsTab(QWidget):
    """A table of cases; `actions_row` holds what can be done with them."""

    __test__ = False
    run_wanted = Signal()
    try_wanted = Signal(str)
    """A case's id: try it in the dry run."""
    delete_wanted = Signal(object)
    """SavedCase"""
    export_wanted = Signal()
    import_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cases: dict[str, SavedCase] = {}
        self.table = TreeTable(tr("Test cases"), _columns())
        self.table.setRootIsDecorated(False)
        self.table.row_chosen.connect(self._on_chosen)
        self.table.row_opened.connect(self._on_try)
        self._empty = Label(color="text2")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.table.set_placeholder(self._empty)
        self.uncovered = ElidingLabel(role=Role.SMALL, color="text2")
        self.run = Button(tr("Run all"), icon="play", small=True, tip=tr("Try every case again"))
        self.run.clicked.connect(self.run_wanted)
        self.try_it = Button(
            tr("Dry run"), icon="step", small=True, tip=tr("See why the case comes out so")
        )
        self.try_it.clicked.connect(self._on_try)
        self.delete = ToolButton("trash", tr("Delete case"))
        self.delete.clicked.connect(self._on_delete)
        self.export = ToolButton(
            "export", tr("Export cases"), tip=tr("Write the cases as a policy test file")
        )
        self.export.clicked.connect(self.export_wanted)
        self.take_in = ToolButton(
            "import", tr("Import cases"), tip=tr("Take in the cases of a policy test file")
        )
        self.take_in.clicked.connect(self.import_wanted)
        self._words = {button: button.text() for button in (self.run, self.try_it)}
        self._lay_out()
        self.show_nothing()

    def give_up_words(self, *, narrow: bool) -> None:
        """Where there is no room for words beside the tabs, the icons stand alone."""
        for button, words in self._words.items():
            button.setText("" if narrow else words)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.table, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(theme.px(16), 0, theme.px(16), theme.px(2))
        foot.addWidget(self.uncovered)
        column.addLayout(foot)
        self.actions_row = QWidget()
        row = QHBoxLayout(self.actions_row)
        row.setContentsMargins(0, 0, theme.px(8), 0)
        row.setSpacing(theme.px(6))
        for widget in (self.run, self.try_it, self.delete, self.export, self.take_in):
            row.addWidget(widget)

    def show_nothing(self) -> None:
        """No document is open."""
        self._show([], tr("No document is open."))
        self._show_uncovered(())

    def show_report(self, report: CasesReport, cases: tuple[SavedCase, ...]) -> None:
        """Show how the cases came out, or that they could not be tried."""
        by_id = {each.case.id: each for each in report.outcomes}
        self._cases = {case.id: case for case in cases}
        rows = [_row(case, by_id.get(case.id), report.problem) for case in cases]
        self._show(rows, tr("No case is saved for this type. Save one from the dry run."))
        self._show_uncovered(report.uncovered if rows else ())

    def _show_uncovered(self, sentences: tuple[str, ...]) -> None:
        """Say what no case ever tried."""
        words = " ".join(sentences[:_MOST_SAID])
        if len(sentences) > 1:
            words = tr("{0} gaps. {1}").format(len(sentences), words)
        self.uncovered.setText(words)
        self.uncovered.setVisible(bool(words))

    def _show(self, rows: list[Row], nothing: str) -> None:
        self._empty.setText(nothing)
        self.table.set_rows(rows)
        reason = "" if rows else tr("There is no saved case")
        self.run.set_available(reason)
        self.export.set_available(reason)
        self._on_chosen(self.table.current_row)

    @property
    def chosen(self) -> SavedCase | None:
        """The case in the chosen row."""
        return self._cases.get(self.table.current_key)

    @Slot(object)
    def _on_chosen(self, row: object) -> None:
        reason = "" if row is not None else tr("Choose a case first")
        self.try_it.set_available(reason)
        self.delete.set_available(reason)

    @Slot()
    def _on_try(self) -> None:
        if self.chosen is not None:
            self.try_wanted.emit(self.chosen.id)

    @Slot()
    def _on_delete(self) -> None:
        if self.chosen is not None:
            self.delete_wanted.emit(self.chosen)


def _columns() -> list[Column]:
    return [
        Column("case", tr("Case"), "payments release MMMM", stretch=1),
        Column("expected", tr("Expected"), tr("Not permitted")),
        Column("outcome", tr("Outcome"), tr("Not permitted"), icon=True),
        Column("why", tr("Why"), "rule 2 of authorizationrules, line 10", drop=1, stretch=2),
    ]


def _row(case: SavedCase, outcome: CaseOutcome | None, problem: str) -> Row:
    if outcome is None:
        state = State(tr("Not tried"), "minus", Tone.NEU)
        why = problem
    else:
        icon, tone = ("err", Tone.ERR) if outcome.failure else ("ok", Tone.OK)
        state = State(decision_words(outcome.decision), icon, tone)
        why = outcome.turned_at or outcome.failure
    hint = outcome.failure if outcome is not None else problem
    expected = Text(decision_words(case.decision), color="text2")
    reason = Text(plain_sentence(why), color="text2", hint=hint)
    return Row(case.id, (Text(case.name), expected, state, reason))
