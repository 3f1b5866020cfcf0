"""The newest of the calls about one thing: an older one is called off, and never answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.desktop.host import Host
    from sealwright.desktop.tasks import Task


class Newest(QObject):
    """What a dock works out about a text that may change at any moment."""

    def __init__(self, host: Host, parent: QObject) -> None:
        super().__init__(parent)
        self._host = host
        self._task: Task | None = None
        self._number = 0

    def ask(
        self, call: Callable[[], Awaitable[object]], answer: Callable[..., None], *about: object
    ) -> None:
        """Have `answer(*about, result)` called, unless something else is asked before."""
        self.call_off()
        self._task = self._host.runner.start(call)
        self._task.then(self._on_answer, self._number, answer, about)
        self._task.failed.connect(self._host.fail)

    @Slot()
    def call_off(self) -> None:
        """Nobody waits for the answer any more."""
        self._number += 1
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    def _on_answer(
        self, number: int, answer: Callable[..., None], about: tuple[object, ...], result: object
    ) -> None:
        if number == self._number:
            self._task = None
            # Other docks may be computing: they wait until this is laid out and painted.
            self._host.runner.show_first()
            answer(*about, result)
