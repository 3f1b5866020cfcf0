"""The status bar: what runs, with progress and cancel; what was read; keyring and network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QHBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.buttons import ToolButton
from sealwright.desktop.widgets.labels import ElidingLabel
from sealwright.desktop.widgets.progress import ProgressLine, Spinner

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

    from sealwright.desktop.policies.document.facts import StatusFact
    from sealwright.desktop.tasks import Task

_HEIGHT = 28


class Mark(QWidget):
    """An icon with words in the status bar."""

    clicked = Signal()

    def __init__(self, icon: str, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon, self._tone = icon, Tone.NEU
        self._said: object = None
        self._label = ElidingLabel(text, role=Role.SMALL, color="text2", parent=self)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(theme.px(19), 0, 0, 0)
        self._row.addWidget(self._label)
        self.setAccessibleName(text)
        self.setVisible(bool(text))

    @property
    def text(self) -> str:
        """The words."""
        return self._label.text()

    def set_state(self, text: str, icon: str, tone: Tone, hint: str = "") -> None:
        """Say something else; without text the mark goes."""
        if (text, icon, tone, hint) == self._said:
            return
        self._said = text, icon, tone, hint
        self._icon, self._tone = icon, tone
        self._row.setContentsMargins(theme.px(19) if icon else 0, 0, 0, 0)
        self._label.setText(text)
        self.setAccessibleName(text)
        self.setToolTip(hint)
        self._label.setToolTip(hint)
        self.setVisible(bool(text))
        self.update()

    @virtual
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click asks for more."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """The icon; the words are a label."""
        if not self._icon:
            return
        size = theme.px(13)
        color = "text3" if self._tone == Tone.NEU else f"{self._tone}.mark"
        painter = QPainter(self)
        theme.paint(painter, 0, (self.height() - size) // 2, self._icon, size=size, color=color)


class StatusBar(QWidget):
    """The line below every panel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Status"))
        self.setFixedHeight(theme.px(_HEIGHT))
        self._tasks: list[Task] = []
        self._fact_marks: list[Mark] = []
        self._shown_facts: Sequence[StatusFact] = ()
        self._shown: Task | None = None
        self.state = Mark("ok", parent=self)
        self.chain = Mark("database", parent=self)
        self.vault = Mark("lock", parent=self)
        self.network = Mark("wifi", parent=self)
        self._facts = QWidget(self)
        self._facts_row = QHBoxLayout(self._facts)
        self._facts_row.setContentsMargins(0, 0, 0, 0)
        self._facts_row.setSpacing(theme.px(14))
        self._spinner = Spinner(13, parent=self)
        self._title = ElidingLabel(role=Role.SMALL, color="text2", parent=self)
        self._progress = ProgressLine(name=self.tr("Progress"), parent=self)
        self._progress.setFixedWidth(theme.px(120))
        self._cancel = ToolButton("close", self.tr("Cancel"), size=20, icon_size=13)
        self._cancel.clicked.connect(self._on_cancel)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.px(15), 0, theme.px(16), 0)
        layout.setSpacing(theme.px(6))
        for widget in (
            self._spinner,
            self._title,
            self._progress,
            self._cancel,
            self.state,
            self._facts,
        ):
            layout.addWidget(widget)
        layout.addStretch(1)
        for mark in (self.chain, self.vault, self.network):
            layout.addSpacing(theme.px(8))
            layout.addWidget(mark)
        self._show_tasks()

    def set_facts(self, facts: Sequence[StatusFact]) -> None:
        """What the panel that is shown says about its document; instead of the general state."""
        if facts == self._shown_facts:
            return
        self._shown_facts = facts
        marks = self._fact_marks
        while len(marks) < len(facts):
            mark = Mark("", "", self._facts)
            marks.append(mark)
            self._facts_row.addWidget(mark)
        for number, mark in enumerate(marks):
            mark.setVisible(number < len(facts))
            if number < len(facts):
                fact = facts[number]
                mark.set_state(fact.text, fact.icon, fact.tone, fact.tip)
        self._facts.setVisible(bool(facts))
        self._show_tasks()

    @property
    def tasks(self) -> tuple[Task, ...]:
        """What runs now, oldest first."""
        return tuple(self._tasks)

    @Slot(object)
    def add_task(self, task: Task) -> None:
        """Show a task until it has ended."""
        self._tasks.append(task)
        # Before anybody opens a sheet over it, which keeps a picture of this bar.
        for ended in (task.succeeded, task.failed, task.cancelled):
            ended.connect(self._on_finished)
        task.progressed.connect(self._on_progress)
        self._show_tasks()

    @Slot()
    def _on_finished(self) -> None:
        self._drop(self.sender())

    def _drop(self, ended: QObject | None) -> None:
        self._tasks = [task for task in self._tasks if task is not ended]
        self._show_tasks()

    @Slot(object)
    def _on_progress(self, part: object) -> None:
        if self.sender() is self._shown:
            self._progress.set_value(part if isinstance(part, float | int) else None)

    @Slot()
    def _on_cancel(self) -> None:
        if self._shown is not None:
            self._cancel.set_available(self.tr("Being cancelled"))
            self._shown.cancel()

    def _show_tasks(self) -> None:
        self._shown = self._tasks[-1] if self._tasks else None
        running = self._shown is not None
        for widget in (self._spinner, self._title, self._progress, self._cancel):
            widget.setVisible(running)
        quiet = not running and not self._shown_facts
        self.state.setVisible(quiet and bool(self.state.text))
        if self._shown is None:
            return
        more = len(self._tasks) - 1
        text = self._shown.title
        self._title.setText(text if not more else self.tr("{0}, {1} more").format(text, more))
        self._progress.set_value(None)
        self._cancel.set_available()
        self._cancel.setAccessibleName(self.tr("Cancel: {0}").format(self._shown.title))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """Canvas and the line above."""
        painter = QPainter(self)
        colors = theme.palette()
        painter.fillRect(self.rect(), colors.canvas)
        painter.fillRect(0, 0, self.width(), 1, colors.border)
