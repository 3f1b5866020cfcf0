"""Reads policies and signers of all providers, a few at a time, and reports each answer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from sealwright.desktop.tasks import Relay
from sealwright.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.desktop.host import Host
    from sealwright.desktop.tasks import Task
    from sealwright.services.bundle import Services

_AT_ONCE = 8


class OverviewReader(QObject):
    """One reading at a time: a newer one cancels the older, whose late answers are dropped."""

    part = Signal(str, object)
    """Provider id, and a `PolicyCell`, `SignerSummary` or `AppError`."""
    ended = Signal()

    def __init__(self, host: Host, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self._task: Task | None = None
        self._relay: Relay | None = None
        self._count = 0
        self._done = 0

    def read(self, services: Services, provider_ids: Sequence[str], title: str) -> None:
        """Begin to read these providers."""
        self.stop()
        relay = Relay(self)
        relay.received.connect(self._on_received)
        self._relay = relay
        self._count, self._done = len(provider_ids), 0
        call = partial(_read_all, services, tuple(provider_ids), relay)
        self._task = self._host.runner.start(call, title=title)
        self._task.finished.connect(self._on_finished)
        self._task.failed.connect(self._host.fail)

    def stop(self) -> None:
        """Cancel what is being read."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self._relay is not None:
            self._relay.received.disconnect(self._on_received)
            self._relay.deleteLater()
            self._relay = None

    @Slot(object)
    def _on_received(self, value: object) -> None:
        if isinstance(value, tuple):
            self.part.emit(*value)
            return
        self._done += 1
        if self._task is not None and self._count:
            self._task.progressed.emit(self._done / self._count)

    @Slot()
    def _on_finished(self) -> None:
        if self.sender() is self._task:
            self._task = None
            self.ended.emit()


async def _read_all(services: Services, provider_ids: tuple[str, ...], relay: Relay) -> None:
    from anyio import CapacityLimiter, create_task_group  # noqa: PLC0415 - start-up stays light

    limit = CapacityLimiter(_AT_ONCE)

    async def read(provider_id: str) -> None:
        async with limit:
            try:
                await services.providers.overview(
                    provider_id, lambda at, part: relay.post((at, part))
                )
            except AppError as error:
                relay.post((provider_id, error))
            relay.post(None)

    async with create_task_group() as group:
        for provider_id in provider_ids:
            group.start_soon(read, provider_id)
