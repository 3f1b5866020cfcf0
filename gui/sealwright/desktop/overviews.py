"""What the window reads of all providers: once for every panel, a few at a time, in small heaps.

Invariants
- One reading at a time. A newer one takes over what the older had not read yet.
- Answers cross to the Qt thread together, some times a second, so that hundreds of providers cost
  the window a few turns and not thousands.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from sealwright.desktop.tasks import Relay
from sealwright.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.desktop.tasks import Task, TaskRunner
    from sealwright.services.bundle import Services
    from sealwright.services.reaching.overview import OverviewPart

    Told = tuple[str, OverviewPart | AppError]
    """Provider id, and what was read of it or why nothing could be."""

_AT_ONCE = 16
_PAUSE = 0.1
"""Seconds between two heaps."""


class _Heap:
    """What came in since the last time."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._told: list[Told] = []
        self._done: list[str] = []

    def tell(self, provider_id: str, part: OverviewPart | AppError) -> None:
        self._told.append((provider_id, part))

    def done(self, provider_id: str) -> None:
        self._done.append(provider_id)

    def hand_over(self) -> None:
        if self._told or self._done:
            told, self._told = self._told, []
            done, self._done = self._done, []
            self._relay.post((told, done))


class Overviews(QObject):
    """Reads policies and signers of providers and tells everybody of each heap of answers."""

    told = Signal(object)
    """A list of `Told`."""
    ended = Signal()
    failed = Signal(object)

    def __init__(self, runner: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._services: Services | None = None
        self._task: Task | None = None
        self._relay: Relay | None = None
        self._left: dict[str, None] = {}
        self._count = 0

    def set_services(self, services: Services) -> None:
        """Providers can be asked from now on."""
        self._services = services

    def read(self, provider_ids: Sequence[str]) -> None:
        """Read these first, then what an earlier reading has not come to."""
        if self._services is None:
            return
        self._left = dict.fromkeys(provider_ids) | self._left
        self._stop()
        if not self._left:
            return
        relay = Relay(self)
        relay.received.connect(self._on_received)
        self._relay, self._count = relay, len(self._left)
        call = partial(_read_all, self._services, tuple(self._left), relay)
        title = self.tr("Reading {0} providers").format(self._count)
        self._task = self._runner.start(call, title=title)
        self._task.cancelled.connect(self._on_cancelled)
        self._task.finished.connect(self._on_finished)
        self._task.failed.connect(self.failed)

    def forget(self, known: Sequence[str]) -> None:
        """Only these are known any more."""
        self._left = {each: None for each in known if each in self._left}

    def _stop(self) -> None:
        if self._task is not None:
            task, self._task = self._task, None
            task.cancel()
        if self._relay is not None:
            self._relay.received.disconnect(self._on_received)
            self._relay.deleteLater()
            self._relay = None

    @Slot(object)
    def _on_received(self, heap: tuple[list[Told], list[str]]) -> None:
        told, done = heap
        for provider_id in done:
            self._left.pop(provider_id, None)
        if told:
            self.told.emit(told)
        if self._task is not None and self._count:
            self._task.progressed.emit(1 - len(self._left) / self._count)

    @Slot()
    def _on_cancelled(self) -> None:
        if self.sender() is self._task:
            # A person called it off: what is left is not taken up by the next reading.
            self._left = {}

    @Slot()
    def _on_finished(self) -> None:
        if self.sender() is self._task:
            self._task = None
            self.ended.emit()


async def _read_all(services: Services, provider_ids: tuple[str, ...], relay: Relay) -> None:
    # Start-up stays light.
    from anyio import create_task_group, sleep  # noqa: PLC0415

    left, heap = iter(provider_ids), _Heap(relay)

    async def read() -> None:
        # Not a task for each provider: thousands would be cancelled when a newer reading begins.
        for provider_id in left:
            try:
                await services.providers.overview(provider_id, heap.tell)
            except AppError as error:
                heap.tell(provider_id, error.kept())
            heap.done(provider_id)

    async def carry() -> None:
        while True:
            heap.hand_over()
            await sleep(_PAUSE)

    async with create_task_group() as carrying:
        carrying.start_soon(carry)
        async with create_task_group() as group:
            for _ in range(_AT_ONCE):
                group.start_soon(read)
        carrying.cancel_scope.cancel()
    heap.hand_over()
