"""Steps on a line: short ones with their result, and running ones with their proof."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.labels import ElidingLabel, Label
from sealwright.desktop.widgets.progress import Spinner
from sealwright.desktop.widgets.surfaces import Picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

_ICON = 20
_ICON_SMALL = 18
_LABEL = 184
"""Of the same width in every step, so that the values of all steps line up."""


class StepState(StrEnum):
    """Where a step stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    WARNED = "warned"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class ProofLine:
    """One fact of a step: what was compared, and what came of it.

    `holds` is None where a fact is shown and compared with nothing.
    """

    label: str
    value: str
    verdict: str = ""
    holds: bool | None = None
    mono: bool = True
    tip: str = ""


@dataclass(frozen=True, slots=True)
class StepView:
    """What one step shows."""

    key: str
    title: str
    state: StepState
    time: str = ""
    proof: tuple[ProofLine, ...] = ()
    reason: str = ""
    hint: str = ""
    details: bool = False
    """Whether there is more to read behind Details."""


_MARKS = {
    StepState.DONE: ("ok", "ok.mark"),
    StepState.WARNED: ("warn", "warn.mark"),
    StepState.FAILED: ("err", "err.mark"),
    StepState.SKIPPED: ("minus", "text3"),
}


class _StepMark(QWidget):
    """The sign of a step with the line down to the next one."""

    def __init__(self, size: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size = theme.px(size)
        self._state = StepState.WAITING
        self._last = False
        self._spinner = Spinner(size, parent=self)
        self._spinner.hide()
        self._spinner.move(0, theme.px(1))
        self.setFixedWidth(self._size)

    def show_state(self, state: StepState, *, last: bool) -> None:
        """Show where the step stands."""
        self._state, self._last = state, last
        self._spinner.setVisible(state == StepState.RUNNING)
        self.update()

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colors = theme.palette()
        top = theme.px(1)
        mark = _MARKS.get(self._state)
        if mark is not None:
            theme.paint(painter, 0, top, mark[0], size=self._size, color=mark[1])
        elif self._state == StepState.WAITING:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(colors.border2, 1.6))
            painter.drawEllipse(QRectF(2, top + 2, self._size - 4, self._size - 4))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        if not self._last:
            done = self._state == StepState.DONE
            line = colors.tone(theme.Tone.OK).border if done else colors.border
            left = self._size // 2 - 1
            start = top + self._size + theme.px(3)
            painter.fillRect(left, start, 2, self.height() - start - theme.px(3), line)


class _RunStep(QWidget):
    """One running step: title, time, proof rows, and the reason when it failed."""

    details_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: StepView | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(14))
        self._mark = _StepMark(_ICON)
        row.addWidget(self._mark)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, theme.px(12))
        column.setSpacing(theme.px(3))
        head = QHBoxLayout()
        self._title = ElidingLabel(role=theme.Role.CARD)
        self._time = Label(role=theme.Role.SMALL, color="text3")
        head.addWidget(self._title, 1)
        head.addWidget(self._time)
        column.addLayout(head)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.px(8))
        self._grid.setVerticalSpacing(theme.px(2))
        self._grid.setColumnStretch(1, 1)
        column.addLayout(self._grid)
        column.addWidget(self._make_reason())
        row.addLayout(column, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def _make_reason(self) -> QWidget:
        self._reason_box = QWidget()
        box = QVBoxLayout(self._reason_box)
        box.setContentsMargins(0, theme.px(2), 0, 0)
        box.setSpacing(theme.px(3))
        self._reason = Label(color="err", wrap=True)
        self._hint = Label(color="text2", wrap=True)
        self._details = Button(self.tr("Details"), kind=Kind.LINK)
        self._details.clicked.connect(self._on_details)
        box.addWidget(self._reason)
        box.addWidget(self._hint)
        box.addWidget(self._details, 0, Qt.AlignmentFlag.AlignLeft)
        return self._reason_box

    @property
    def key(self) -> str:
        """Which step it shows."""
        return self._view.key if self._view is not None else ""

    def show_step(self, view: StepView, *, last: bool) -> None:
        """Show a step as it stands now."""
        self._mark.show_state(view.state, last=last)
        if view == self._view:
            return
        before, self._view = self._view, view
        off = view.state in (StepState.WAITING, StepState.SKIPPED)
        self._title.setText(view.title)
        self._title.set_color("text3" if off else "text")
        self._time.setText(view.time)
        if before is None or before.proof != view.proof:
            self._fill(view.proof)
        self._reason_box.setVisible(bool(view.reason))
        self._reason.setText(view.reason)
        self._hint.setText(view.hint)
        self._hint.setVisible(bool(view.hint))
        self._details.setVisible(view.details)
        self._details.setAccessibleName(self.tr("Details of {0}").format(view.title))
        self.setAccessibleName(f"{view.title}, {self._state_word(view.state)}")

    def _fill(self, proof: Sequence[ProofLine]) -> None:
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for number, line in enumerate(proof):
            label = ElidingLabel(line.label, role=theme.Role.SMALL, color="text3")
            label.setFixedWidth(theme.px(_LABEL))
            self._grid.addWidget(label, number, 0)
            role = theme.Role.CODE_SMALL if line.mono else theme.Role.BODY
            value = ElidingLabel(line.value, role=role, elide=Qt.TextElideMode.ElideMiddle)
            if line.tip:
                value.setToolTip(line.tip)
            value.setMinimumHeight(theme.px(20))
            self._grid.addWidget(value, number, 1)
            if line.verdict:
                self._grid.addWidget(_Verdict(line.verdict, line.holds), number, 2)

    def _on_details(self) -> None:
        if self._view is not None:
            self.details_wanted.emit(self._view.key)

    def _state_word(self, state: StepState) -> str:
        return {
            StepState.WAITING: self.tr("not run"),
            StepState.RUNNING: self.tr("running"),
            StepState.DONE: self.tr("done"),
            StepState.WARNED: self.tr("done with a warning"),
            StepState.FAILED: self.tr("failed"),
            StepState.SKIPPED: self.tr("skipped"),
        }[state]


class _Verdict(QWidget):
    """The word of a comparison with its check or cross."""

    def __init__(self, word: str, holds: bool | None, parent: QWidget | None = None) -> None:  # noqa: FBT001 - three values
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(4))
        tone = "text3" if holds is None else ("ok.text" if holds else "err.text")
        row.addStretch(1)
        if holds is not None:
            row.addWidget(Picture("check" if holds else "close", tone, size=14))
        label = ElidingLabel(word, role=theme.Role.HEAD, color=tone)
        row.addWidget(label)
        self.setAccessibleName(word)


class RunSteps(QWidget):
    """Steps that run one after another, each with its proof. `details_wanted(key)`."""

    details_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[_RunStep] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def row(self, key: str) -> QWidget | None:
        """The row of a step, to scroll to."""
        return next((row for row in self._rows if row.key == key), None)

    def show_steps(self, steps: Sequence[StepView]) -> None:
        """Show the steps as they stand now; unchanged ones are left alone."""
        while len(self._rows) < len(steps):
            row = _RunStep()
            row.details_wanted.connect(self.details_wanted)
            self._rows.append(row)
            self._column.addWidget(row)
        for number, row in enumerate(self._rows):
            row.setVisible(number < len(steps))
            if number < len(steps):
                row.show_step(steps[number], last=number == len(steps) - 1)


class _ShortStep(QWidget):
    """A step with its result in one line; a click goes to what it stands for."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(12))
        self._mark = _StepMark(_ICON_SMALL)
        row.addWidget(self._mark)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, theme.px(18))
        column.setSpacing(theme.px(2))
        self._title = Label(role=theme.Role.STRONG)
        self._result = Label(role=theme.Role.SMALL, color="text2", wrap=True)
        column.addWidget(self._title)
        column.addWidget(self._result)
        row.addLayout(column, 1)

    def show_step(self, view: StepView, *, last: bool) -> None:
        """Show the step as it stands now."""
        self._key = view.key
        self._mark.show_state(view.state, last=last)
        self._title.setText(view.title)
        off = view.state == StepState.WAITING
        self._title.set_color("text3" if off else "text")
        self._result.setText(view.reason)
        self._result.set_color("err" if view.state == StepState.FAILED else "text2")
        self.setAccessibleName(f"{view.title}: {view.reason}")

    @virtual_value(QSize(160, 44))
    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(140), super().minimumSizeHint().height())


class ReviewSteps(QWidget):
    """The steps of a review with their results, upright in a side list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[_ShortStep] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def show_steps(self, steps: Sequence[StepView]) -> None:
        """Show the steps; the result goes into `reason`."""
        while len(self._rows) < len(steps):
            row = _ShortStep()
            self._rows.append(row)
            self._column.addWidget(row)
        for number, row in enumerate(self._rows):
            row.setVisible(number < len(steps))
            if number < len(steps):
                row.show_step(steps[number], last=number == len(steps) - 1)
