"""The pane under the text: problems, difference, history of the document in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Signal, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.policies.cases.tests_tab import TestsTab
from sealwright.desktop.policies.diffing.pane import DiffPane
from sealwright.desktop.policies.layout.lent_view import LentView
from sealwright.desktop.policies.layout.surroundings import HISTORY, PROBLEMS, TESTS
from sealwright.desktop.policies.note import Note
from sealwright.desktop.policies.review.history import HistoryPane
from sealwright.desktop.policies.words import Counts
from sealwright.desktop.policies.writing.problems import Problems
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.buttons import Button, Kind, ToolButton
from sealwright.desktop.widgets.labels import KeyCaps
from sealwright.desktop.widgets.tabs import CountTabs

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from sealwright.desktop.policies.writing.analysis import Analysis

_ROOMY = 780
"""Width from which the tabs and the words of all buttons stand side by side."""


class BottomPane(QWidget):
    """Tabs over one document. `went_to(start, end)` comes from the problems."""

    went_to = Signal(int, int)
    fix_wanted = Signal()
    closed = Signal()
    history_wanted = Signal()
    """The history came into sight."""
    lend_wanted = Signal(int)
    """The index of a view that is to stand beside the text."""
    lent_wanted = Signal(object)
    """LentView: it is to come to the front."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Problems, difference, history and tests"))
        self.tabs = CountTabs(self.tr("Views of the document"), height=36)
        for title in (self.tr("Problems"), self.tr("Diff"), self.tr("History"), self.tr("Tests")):
            self.tabs.add(title)
        self.problems = Problems()
        self.no_problems = Note()
        self.diff = DiffPane()
        self.history = HistoryPane()
        self.tests = TestsTab()
        self._problems_stack = QStackedWidget()
        self._problems_stack.addWidget(self.problems)
        self._problems_stack.addWidget(self.no_problems)
        self.stack = QStackedWidget()
        self._own = (self._problems_stack, self.diff, self.history, self.tests)
        self._notes: dict[int, Note] = {}
        for page in self._own:
            self.stack.addWidget(page)
        self.close_button = ToolButton(
            "close",
            self.tr("Close this pane"),
            tip=self.tr("Close this pane (Ctrl+J)"),
            icon_size=14,
        )
        self._lent: dict[int, LentView] = {}
        self._no_move = ""
        self.mover = ToolButton("right", self.tr("Move beside the text"), icon_size=14)
        self.mover.clicked.connect(self._on_move)
        self.fix = Button(
            self.tr("Quick fix"),
            icon="bulb",
            kind=Kind.GHOST,
            tip=self.tr("Mend the finding at the cursor, or choose how (Ctrl+.)"),
        )
        self.fix.clicked.connect(self.fix_wanted)
        self.fix_keys = KeyCaps("Ctrl+.")
        self._lay_out()
        self.tabs.currentChanged.connect(self._on_tab)
        self.problems.went_to.connect(self.went_to)
        self.close_button.clicked.connect(self.closed)
        self.show_analysis(None)

    def _lay_out(self) -> None:
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(theme.px(4), 1, theme.px(8), 0)
        row.addWidget(self.tabs)
        row.addStretch(1)
        self._actions = QHBoxLayout()
        for actions in (self.history.actions_row, self.tests.actions_row):
            self._actions.addWidget(actions)
            actions.hide()
        row.addLayout(self._actions)
        row.addWidget(self.fix)
        row.addWidget(self.fix_keys)
        row.addWidget(self.mover)
        row.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 1, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addSpacing(1)
        column.addWidget(self.stack, 1)
        self._head = head

    def show_analysis(self, analysis: Analysis | None) -> None:
        """Show what is known about the document in front; None while there is none."""
        placed = analysis.placed if analysis is not None else None
        counts = placed.counts if placed is not None else Counts(0, 0, 0)
        self.tabs.set_count(PROBLEMS, counts.total, counts.tone)
        self.problems.show_findings(placed)
        if not counts.total:
            self._say_why_none(analysis)
        front = self.problems if counts.total else self.no_problems
        self._problems_stack.setCurrentWidget(front)
        self._show_fix()

    def _say_why_none(self, analysis: Analysis | None) -> None:
        if analysis is None:
            self.no_problems.tell(self.tr("No document is open."))
        elif not analysis.text or analysis.text.isspace():
            self.no_problems.tell(self.tr("The policy is empty."))
        else:
            self.no_problems.tell(self.tr("No problems found."), "ok", "ok.mark")

    def holds(self, pane: QWidget) -> bool:
        """Whether a further view stands here."""
        return self.stack.indexOf(pane) >= 0

    def add_pane(self, title: str, pane: QWidget) -> None:
        """Another view at the end."""
        self.stack.addWidget(pane)
        self.tabs.add(title)

    def take_pane(self, pane: QWidget) -> None:
        """Let go of a view that was added."""
        place = self.stack.indexOf(pane)
        self.tabs.removeTab(place)
        self.stack.removeWidget(pane)
        self.stack.setCurrentIndex(self.tabs.currentIndex())

    def bring_pane(self, pane: QWidget) -> None:
        """Bring a view that was added to the front."""
        self.tabs.setCurrentIndex(self.stack.indexOf(pane))

    # --- views beside the text ----------------------------------------------------------------

    def shows(self, index: int) -> bool:
        """Whether one of the own views is in sight here, or stands beside the text."""
        return index in self._lent or self.tabs.currentIndex() == index

    def bring(self, index: int) -> None:
        """Bring one of the own views to the front, wherever it stands."""
        if index in self._lent:
            self.lent_wanted.emit(self._lent[index])
        else:
            self.tabs.setCurrentIndex(index)

    @property
    def lent(self) -> list[int]:
        """Which of the own views stand beside the text."""
        return sorted(self._lent)

    @property
    def lent_views(self) -> list[LentView]:
        """Those views, in their holders."""
        return list(self._lent.values())

    def lend(self, index: int) -> LentView:
        """Give a view away; a sentence stands in its place."""
        actions = {HISTORY: self.history.actions_row, TESTS: self.tests.actions_row}.get(index)
        view = self._own[index]
        note = Note()
        note.tell(self.tr("This view stands beside the text."))
        self._notes[index] = note
        self.stack.removeWidget(view)
        self.stack.insertWidget(index, note)
        self.stack.setCurrentIndex(self.tabs.currentIndex())
        self._lent[index] = LentView(self.tabs.tabText(index), view, actions)
        self._on_tab(self.tabs.currentIndex())
        if index == HISTORY:
            self.history_wanted.emit()
        return self._lent[index]

    def take_back(self, lent: LentView) -> None:
        """Take a view back to its place."""
        index = next(index for index, each in self._lent.items() if each is lent)
        del self._lent[index]
        note = self._notes.pop(index)
        self.stack.removeWidget(note)
        note.deleteLater()
        self.stack.insertWidget(index, lent.view)
        if lent.actions_row is not None:
            self._actions.addWidget(lent.actions_row)
        lent.deleteLater()
        self.tabs.setCurrentIndex(index)
        self._on_tab(index)

    @Slot()
    def _on_move(self) -> None:
        self.lend_wanted.emit(self.tabs.currentIndex())

    def allow_moves(self, reason: str) -> None:
        """Let views move beside the text, or say why not."""
        self._no_move = reason
        self._on_tab(self.tabs.currentIndex())

    def _show_fix(self) -> None:
        index = self.tabs.currentIndex()
        shown = index == PROBLEMS and self.problems.total > 0 and index not in self._lent
        self.fix.setVisible(shown)
        self.fix_keys.setVisible(shown)

    @Slot(int)
    def _on_tab(self, index: int) -> None:
        self._show_fix()
        self.stack.setCurrentIndex(index)
        for own, pane in ((HISTORY, self.history), (TESTS, self.tests)):
            if own not in self._lent:
                pane.actions_row.setVisible(index == own)
        # The docks that were added have their own button.
        self.mover.setVisible(index <= TESTS and index not in self._lent)
        self.mover.set_available(self._no_move)
        if index == HISTORY:
            self.history_wanted.emit()

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if TESTS not in self._lent:
            self.tests.give_up_words(narrow=self.width() < theme.px(_ROOMY))

    @virtual_value(QSize(200, 120))
    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(260), theme.px(110))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colors = theme.palette()
        painter.fillRect(self.rect(), colors.surface)
        head = QRect(0, 0, self.width(), self._head.geometry().bottom() + 1)
        painter.fillRect(head, colors.raised)
        painter.fillRect(QRect(0, 0, self.width(), 1), colors.border)
        painter.fillRect(QRect(0, head.bottom() + 1, self.width(), 1), colors.border)
