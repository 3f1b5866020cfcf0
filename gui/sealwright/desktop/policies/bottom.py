"""The pane under the text: problems, difference, history of the document in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Signal, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.policies.diffing.pane import DiffPane
from sealwright.desktop.policies.history import HistoryPane
from sealwright.desktop.policies.note import Note
from sealwright.desktop.policies.problems import Problems
from sealwright.desktop.policies.tests_tab import TestsTab
from sealwright.desktop.policies.words import Counts
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.buttons import Button, Kind, ToolButton
from sealwright.desktop.widgets.labels import KeyCaps
from sealwright.desktop.widgets.tabs import CountTabs

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from sealwright.desktop.policies.analysis import Analysis

PROBLEMS, DIFF, HISTORY, TESTS = range(4)


class BottomPane(QWidget):
    """Tabs over one document. `went_to(start, end)` comes from the problems."""

    went_to = Signal(int, int)
    fix_wanted = Signal()
    closed = Signal()
    history_wanted = Signal()
    """The history tab came to the front."""

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
        for page in (self._problems_stack, self.diff, self.history, self.tests):
            self.stack.addWidget(page)
        self.close_button = ToolButton(
            "close",
            self.tr("Close this pane"),
            tip=self.tr("Close this pane (Ctrl+J)"),
            icon_size=14,
        )
        self.fix = Button(
            self.tr("Quick fix"),
            icon="bulb",
            kind=Kind.GHOST,
            tip=self.tr("What can be done about the finding at the cursor (Ctrl+.)"),
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
        for actions in (self.history.actions_row, self.tests.actions_row):
            row.addWidget(actions)
            actions.hide()
        row.addWidget(self.fix)
        row.addWidget(self.fix_keys)
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
        if analysis is None:
            self.no_problems.tell(self.tr("No document is open."))
        elif not analysis.policy_hash or not analysis.document.policy_text.strip():
            self.no_problems.tell(self.tr("The policy is empty."))
        else:
            self.no_problems.tell(self.tr("No problems found."), "ok", "ok.mark")
        front = self.problems if counts.total else self.no_problems
        self._problems_stack.setCurrentWidget(front)
        self._show_fix()

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

    def _show_fix(self) -> None:
        shown = self.tabs.currentIndex() == PROBLEMS and self.problems.total > 0
        self.fix.setVisible(shown)
        self.fix_keys.setVisible(shown)

    @Slot(int)
    def _on_tab(self, index: int) -> None:
        self._show_fix()
        self.stack.setCurrentIndex(index)
        self.history.actions_row.setVisible(index == HISTORY)
        self.tests.actions_row.setVisible(index == TESTS)
        if index == HISTORY:
            self.history_wanted.emit()

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
