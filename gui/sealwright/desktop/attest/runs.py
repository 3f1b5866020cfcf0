"""Sends what the form says, shows how far it is, and keeps or replays exchanges."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from sealwright.desktop.attest.story import Story, story_of
from sealwright.desktop.attest.words import tr
from sealwright.desktop.host import Notice
from sealwright.desktop.tasks import Relay
from sealwright.desktop.theme import Tone
from sealwright.desktop.wording import file_name

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.desktop.host import Host
    from sealwright.desktop.tasks import Task
    from sealwright.evidence.examination import Examination
    from sealwright.services.attestation.flow import Attestation, FlowStep
    from sealwright.services.bundle import Services
    from sealwright.services.evidence.evidence import Evidence
    from sealwright.services.evidence.request import Order
    from sealwright.services.exchanges import SavedExchange

_LARGEST = 64 << 20
Found = tuple["Attestation", "Story", "Examination | None"]


class AttestRuns(QObject):
    """One attestation at a time; it can be called off."""

    began = Signal()
    reached = Signal(str)
    """How far it is, in words."""
    ended = Signal()
    """Whatever came of it."""
    found = Signal(object)
    """(Attestation, Story, Examination or None)"""

    def __init__(self, host: Host, parent: QObject) -> None:
        super().__init__(parent)
        self._host = host
        self._services: Services | None = None
        self._task: Task | None = None
        self._relay = Relay(self)
        self._relay.received.connect(self._on_step)

    def set_services(self, services: Services) -> None:
        """From now on something can be attested."""
        self._services = services

    @property
    def running(self) -> bool:
        """Whether a request is on its way."""
        return self._task is not None

    def attest(self, evidence: Evidence, order: Order) -> None:
        """Attest this evidence."""
        services = self._services
        if services is None:
            return

        async def call() -> Found:
            from anyio import to_thread  # noqa: PLC0415 - after the first paint

            from sealwright.services.evidence.request import request_of  # noqa: PLC0415 - as above

            request = await to_thread.run_sync(request_of, evidence, order)
            found = await services.attest.attest(request, self._relay.post)
            seen = await _examined(services, found, evidence)
            return found, await to_thread.run_sync(story_of, found, seen), seen

        self._start(call, tr("Attesting {0}").format(evidence.title))

    def replay(self, path: str, provider_id: str) -> None:
        """Send the request of a saved exchange again, and say whether its status is as it was."""
        services = self._services
        if services is None:
            return
        before: list[int] = []

        async def call() -> Found:
            from anyio import to_thread  # noqa: PLC0415 - after the first paint

            from sealwright.services.exchanges import read_exchange  # noqa: PLC0415 - as above

            raw = await services.files.read(path, limit=_LARGEST)
            exchange = await to_thread.run_sync(read_exchange, raw)
            before.append(exchange.messages[-1].status)
            found = await services.attest.replay(exchange, provider_id, self._relay.post)
            seen = await _examined(services, found, None)
            return found, await to_thread.run_sync(story_of, found, seen), seen

        task = self._start(call, tr("Replaying {0}").format(file_name(path)))
        if task is not None:
            task.then(self._on_replayed, path, before)

    def _start(self, call: Callable[[], Awaitable[object]], title: str) -> Task | None:
        if self._task is not None:
            return None
        task = self._host.runner.start(call, title=title)
        self._task = task
        task.succeeded.connect(self._on_found)
        task.failed.connect(self._on_failed)
        task.finished.connect(self._on_ended)
        self.began.emit()
        return task

    def _on_replayed(self, path: str, before: list[int], found: Found) -> None:
        then, now = before[0], found[0].exchange.messages[-1].status
        words, tone = tr("The status is as it was: {0}.").format(now), Tone.OK
        if then != now:
            words = tr("The answer was status {0}, and now is {1}.").format(then, now)
            tone = Tone.WARN
        self._host.notify(Notice(tr("{0} was sent again").format(file_name(path)), words, tone))

    @Slot()
    def cancel(self) -> None:
        """Call the running attestation off."""
        if self._task is not None:
            self._task.cancel()

    @Slot(object)
    def _on_step(self, step: FlowStep) -> None:
        """Say how far it is."""
        if step.status.value in {"running", "done"}:
            self.reached.emit(f"{step.title}: {step.detail}" if step.detail else step.title)

    @Slot(object)
    def _on_found(self, found: Found) -> None:
        self.found.emit(found)

    @Slot(object)
    def _on_failed(self, error: BaseException) -> None:
        self._host.fail(error, key="attest")

    @Slot()
    def _on_ended(self) -> None:
        self._task = None
        self.ended.emit()

    # --- exchanges ----------------------------------------------------------------------------

    def save(self, exchange: SavedExchange, path: str) -> None:
        """Write the request with its answer to a file."""
        services = self._services
        if services is None:
            return

        async def call() -> None:
            from anyio import to_thread  # noqa: PLC0415 - after the first paint

            data = await to_thread.run_sync(exchange.to_json)
            await services.files.write(path, data)

        task = self._host.runner.start(call, title=tr("Saving the exchange"))
        task.then(self._on_saved, path)
        task.failed.connect(self._host.fail)

    def _on_saved(self, path: str, _nothing: object) -> None:
        words = tr("Request and response are in {0}; no bearer token is in it.")
        notice = Notice(tr("The exchange was saved"), words.format(file_name(path)), Tone.OK)
        self._host.notify(notice)


async def _examined(
    services: Services, found: Attestation, evidence: Evidence | None
) -> Examination | None:
    """Examine what was sent, with its data; None when it is nothing known.

    A replayed exchange has no more than its request: what else lay beside the evidence is gone.
    """
    from sealwright.errors import AppError  # noqa: PLC0415 - after the first paint
    from sealwright.services.evidence.evidence import Evidence  # noqa: PLC0415 - as above

    request = found.request
    if not request.evidence:
        return None
    title = tr("replayed evidence")
    held = evidence or Evidence(request.evidence, title, collateral=request.collateral)
    runtime, init = request.runtime_data, request.init_data
    bound = replace(
        held,
        runtime_data=runtime.data if runtime is not None else None,
        init_data=init.data if init is not None else None,
    )
    try:
        return await services.evidence.examine(bound)
    except AppError:
        return None
