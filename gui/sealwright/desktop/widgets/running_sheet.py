"""A sheet that runs one service call at a time and stays open over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Slot

from sealwright.desktop import theme
from sealwright.desktop.messages import message
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.buttons import Button
from sealwright.desktop.widgets.sheet import Sheet
from sealwright.desktop.widgets.surfaces import Banner

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from PySide6.QtWidgets import QWidget

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
        self.leave.clicked.connect(self._on_leave)
        self.close_wanted.connect(self._on_leave)

    @property
    def busy(self) -> str:
        """Why nothing else can be started now; empty when it can."""
        return self.tr("Running") if self._task is not None else ""

    def show_state(self) -> None:
        """What can be done has changed: show it."""

    def run(self, call: Callable[[], Awaitable[object]], title: str) -> Task:
        """Start a call; connect to its outcome in the same turn."""
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
        shown = message(error)
        self.banner.tell(Tone.ERR, shown.title, shown.text)

    @Slot()
    def _on_ended(self) -> None:
        if self.sender() is not self._task:
            return
        self._task = None
        self.set_closable(closable=True)
        self.show_progress(shown=False)
        self._show_leave()
        self.show_state()

    def _show_leave(self) -> None:
        self.leave.setText(self.tr("Cancel") if self.busy else self.tr("Close"))

    @Slot()
    def _on_leave(self) -> None:
        if self._task is not None:
            self._task.cancel()
        else:
            self.request_close()
