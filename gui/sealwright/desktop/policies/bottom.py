"""The pane under the text: problems, difference, history of the document in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.policies.history import HistoryPane
from sealwright.desktop.policies.problems import Problems
from sealwright.desktop.policies.tests_tab import TestsTab
from sealwright.desktop.policies.words import Counts, local_date_time, short_hash
from sealwright.desktop.theme import Role
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.buttons import Button, Kind, ToolButton
from sealwright.desktop.widgets.diff import DiffView
from sealwright.desktop.widgets.labels import ElidingLabel, KeyCaps, Label
from sealwright.desktop.widgets.surfaces import Picture
from sealwright.desktop.widgets.tabs import CountTabs

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from sealwright.desktop.policies.analysis import Analysis
    from sealwright.services.model import HistoryEntry
    from sealwright.services.textdiff import TextDiff

PROBLEMS, DIFF, HISTORY, TESTS = range(4)


class _Note(QWidget):
    """One sentence where a list would be empty."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(16), theme.px(12), theme.px(16), theme.px(12))
        row.setSpacing(theme.px(8))
        self._icon = Picture("info", "text3")
        self._text = Label(color="text2", wrap=True)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1, Qt.AlignmentFlag.AlignTop)

    def tell(self, text: str, icon: str = "info", color: str = "text3") -> None:
        """Show a sentence."""
        self._text.setText(text)
        self._icon.set_icon(icon, color)


class _DiffPane(QWidget):
    """What is compared, and the difference."""

    back_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = DiffView(self.tr("Difference"))
        self.note = _Note()
        self.caption = ElidingLabel(role=Role.SMALL, color="text3")
        self.back = Button(self.tr("Compare with deployed"), kind=Kind.LINK)
        self.back.clicked.connect(self.back_wanted)
        self.back.hide()
        head = QHBoxLayout()
        head.setContentsMargins(theme.px(16), theme.px(6), theme.px(12), theme.px(6))
        head.addWidget(self.caption, 1)
        head.addWidget(self.back)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.note)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._stack, 1)

    def show_diff(self, diff: TextDiff | None, caption: str, nothing: str) -> None:
        """Show a difference, or the sentence that says why there is none to show."""
        self.caption.setText(caption)
        differs = diff is not None and not diff.equal
        self.view.set_diff(diff if differs else None)
        if diff is not None and diff.equal:
            self.note.tell(self.tr("Both texts are equal, byte by byte."), "ok", "ok.mark")
        elif diff is None:
            self.note.tell(nothing)
        self._stack.setCurrentWidget(self.view if differs else self.note)


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
        self._analysis: Analysis | None = None
        self._compared: tuple[HistoryEntry, TextDiff] | None = None
        self.tabs = CountTabs(self.tr("Views of the document"), height=36)
        for title in (self.tr("Problems"), self.tr("Diff"), self.tr("History"), self.tr("Tests")):
            self.tabs.add(title)
        self.problems = Problems()
        self.no_problems = _Note()
        self.diff = _DiffPane()
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
        self.diff.back_wanted.connect(self._on_back)
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
        self._analysis = analysis
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
        self._show_diff()

    def compare_with(self, entry: HistoryEntry, diff: TextDiff) -> None:
        """Show the difference from an earlier text to the one in the editor."""
        self._compared = (entry, diff)
        self._show_diff()
        self.tabs.setCurrentIndex(DIFF)

    def compare_with_deployed(self) -> None:
        """Show the difference to what is deployed again."""
        self._compared = None
        self._show_diff()

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

    def _show_diff(self) -> None:
        nothing = self.tr("There is nothing to compare with: the deployed policy is not known.")
        if self._compared is not None:
            entry, diff = self._compared
            caption = self.tr("{0} of {1} compared with this text").format(
                short_hash(entry.policy_hash), local_date_time(entry.time)
            )
        else:
            diff_now = self._analysis.diff if self._analysis is not None else None
            caption = self.tr("Deployed policy compared with this text") if diff_now else ""
            self.diff.back.hide()
            self.diff.show_diff(diff_now, caption, nothing)
            changed = diff_now.added + diff_now.removed if diff_now is not None else 0
            self.tabs.set_count(DIFF, changed)
            return
        self.diff.back.show()
        self.diff.show_diff(diff, caption, nothing)

    @Slot()
    def _on_back(self) -> None:
        self.compare_with_deployed()

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
