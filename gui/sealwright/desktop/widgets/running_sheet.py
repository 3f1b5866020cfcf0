"""A sheet that runs one service call at a time and stays open over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QVBoxLayout, QWidget
from shiboken6 import isValid

from sealwright.desktop import theme
from sealwright.desktop.messages import message
from sealwright.desktop.widgets.buttons import Button
from sealwright.desktop.widgets.fields import ComboBox
from sealwright.desktop.widgets.sheet import Sheet
from sealwright.desktop.widgets.surfaces import Banner

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from sealwright.desktop.host import Host
    from sealwright.desktop.tasks import Task


class RunningSheet(Sheet):
    """Progress while a call runs, its error in a banner, and one button to cancel or close."""

    def __init__(
        self, host: Host, window: QWidget, title: str, *, icon: str, size: tuple[int, int]
    ) -> None:
        super().__init__(window, title, icon=icon, size=QSize(theme.px(size[0]), theme.px(size[1])))
        self.host = host
        self.banner = Banner(closable=False)
        self.leave = Button(self.tr("Close"))
        self._task: Task | None = None
        self._had_focus: QWidget | None = None
        self._reads = False
        self.leave.clicked.connect(self._on_leave)
        self.close_wanted.connect(self._on_leave)

    def add_head(self, *lines: Sequence[QWidget]) -> None:
        """What is asked for, line by line, with the banner below; the first of each line grows."""
        top = QWidget()
        column = QVBoxLayout(top)
        pad = theme.px(16)
        column.setContentsMargins(pad, theme.px(12), pad, theme.px(12))
        column.setSpacing(theme.px(10))
        for widgets in lines:
            row = QHBoxLayout()
            row.setSpacing(theme.px(8))
            for number, widget in enumerate(widgets):
                first = number == 0 and not isinstance(widget, QLabel)
                grows = first or isinstance(widget, ComboBox)
                row.addWidget(widget, 1 if grows else 0)
            column.addLayout(row)
        column.addWidget(self.banner)
        self.body.addWidget(top)

    @property
    def busy(self) -> str:
        """Why nothing else can be started now; empty when it can."""
        return self.tr("Running") if self._task is not None else ""

    def show_state(self) -> None:
        """What can be done has changed: show it."""

    def run(
        self, call: Callable[[], Awaitable[object]], title: str, *, reads: bool = False
    ) -> Task:
        """Start a call; connect to its outcome in the same turn.

        A call that only `reads` holds nobody: leaving the sheet calls it off.
        """
        self._reads = reads
        self._hold_focus()
        task = self._task = self.host.runner.start(call, title=title)
        task.failed.connect(self._on_failed)
        task.finished.connect(self._on_ended)
        self.banner.hide()
        self.set_closable(closable=False)
        self.show_progress(shown=True)
        self.progress.set_value(None)
        self._show_leave()
        self.show_state()
        return task

    @Slot(object)
    def _on_failed(self, error: BaseException) -> None:
        self.banner.tell_error(message(error))

    @Slot()
    def _on_ended(self) -> None:
        if self.sender() is not self._task:
            return
        self._task = None
        self.set_closable(closable=True)
        self.show_progress(shown=False)
        self._show_leave()
        self.show_state()
        self._give_focus_back()

    def _hold_focus(self) -> None:
        """What has it may be disabled now, and Qt would hand it on to the cross.

        No button gets it: the Return that started the call would press that one as well.
        """
        here = QApplication.focusWidget()
        if here is not None and self.card.isAncestorOf(here):
            self._had_focus = here
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _give_focus_back(self) -> None:
        had, self._had_focus = self._had_focus, None
        if had is None or not self.hasFocus():
            return
        fit = had if isValid(had) and had.isEnabled() else self.leave
        fit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_leave(self) -> None:
        held = self.busy and not self._reads
        self.leave.setText(self.tr("Cancel") if held else self.tr("Close"))

    @Slot()
    def _on_leave(self) -> None:
        if self._task is not None:
            self._task.cancel()
        if self._task is None or self._reads:
            self.close()
