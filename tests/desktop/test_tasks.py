"""Background calls reach the Qt thread in exactly one of three ways."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel
import pytest
import shiboken6
from PySide6.QtCore import QObject, QTimer, Slot

from sealwright.desktop.tasks import Relay, TaskRunner

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from pytestqt.qtbot import QtBot


class Outcome(QObject):
    """Collects what a task reports, and on which thread."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[tuple[str, object]] = []
        self.threads: set[int] = set()

    @Slot(object)
    def on_success(self, value: object) -> None:
        self.threads.add(threading.get_ident())
        self.events.append(("succeeded", value))

    @Slot(object)
    def on_failure(self, error: object) -> None:
        self.events.append(("failed", error))

    @Slot()
    def on_cancel(self) -> None:
        self.events.append(("cancelled", None))


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[TaskRunner]:  # noqa: ARG001 - an application must exist
    runner = TaskRunner()
    yield runner
    runner.close()


def watch(runner: TaskRunner, call: Callable[[], Awaitable[object]]) -> Outcome:
    outcome = Outcome()
    task = runner.start(call)
    task.succeeded.connect(outcome.on_success)
    task.failed.connect(outcome.on_failure)
    task.cancelled.connect(outcome.on_cancel)
    return outcome


def test_a_result_arrives_whole_on_the_qt_thread(runner: TaskRunner, qtbot: QtBot) -> None:
    async def call() -> dict[int, int]:
        await anyio.lowlevel.checkpoint()
        return {1: 2**40}

    outcome = watch(runner, call)
    qtbot.waitUntil(lambda: bool(outcome.events))
    assert outcome.events == [("succeeded", {1: 2**40})]
    assert outcome.threads == {threading.get_ident()}


def test_a_result_goes_with_the_last_who_holds_it(runner: TaskRunner, qtbot: QtBot) -> None:
    """A dry run of a long policy is megabytes; collecting garbage for it would be felt."""

    class Result:
        pass

    async def call() -> Result:
        await anyio.lowlevel.checkpoint()
        return Result()

    outcome = watch(runner, call)
    qtbot.waitUntil(lambda: bool(outcome.events))
    (_, result) = outcome.events.pop()
    kept = weakref.ref(result)
    del result
    # Nothing is collected while tests run, and by the program only once a second.
    assert kept() is None


def test_an_error_arrives_as_itself(runner: TaskRunner, qtbot: QtBot) -> None:
    error = ValueError("no")

    async def call() -> None:
        raise error

    outcome = watch(runner, call)
    qtbot.waitUntil(lambda: bool(outcome.events))
    assert outcome.events == [("failed", error)]


def test_cancelling_stops_the_call_and_says_only_that(runner: TaskRunner, qtbot: QtBot) -> None:
    stopped = threading.Event()
    running = threading.Event()

    async def call() -> None:
        try:
            running.set()
            await anyio.sleep(60)
        finally:
            stopped.set()

    outcome = Outcome()
    task = runner.start(call)
    task.cancelled.connect(outcome.on_cancel)
    qtbot.waitUntil(running.is_set)
    task.cancel()
    qtbot.waitUntil(lambda: bool(outcome.events))
    assert outcome.events == [("cancelled", None)]
    assert stopped.is_set()


def test_cancelling_before_the_loop_is_up_is_honoured(runner: TaskRunner, qtbot: QtBot) -> None:
    async def call() -> str:
        await anyio.sleep(60)
        return "ran"

    outcome = Outcome()
    task = runner.start(call)
    task.cancelled.connect(outcome.on_cancel)
    task.cancel()
    qtbot.waitUntil(lambda: bool(outcome.events))
    assert outcome.events == [("cancelled", None)]


def test_closing_ends_a_call_in_flight_and_the_thread(qtbot: QtBot) -> None:
    runner = TaskRunner()
    running = threading.Event()
    stopped = threading.Event()

    async def call() -> None:
        running.set()
        try:
            await anyio.sleep(60)
        finally:
            stopped.set()

    before = set(threading.enumerate())
    runner.start(call)
    qtbot.waitUntil(running.is_set)
    runner.close()
    assert stopped.is_set()
    assert set(threading.enumerate()) <= before


def test_progress_posted_from_the_loop_arrives_in_order(runner: TaskRunner, qtbot: QtBot) -> None:
    relay = Relay(runner)
    outcome = Outcome()
    relay.received.connect(outcome.on_success)

    async def call() -> None:
        for number in range(20):
            relay.post(number)
        await anyio.lowlevel.checkpoint()

    runner.start(call)
    qtbot.waitUntil(lambda: len(outcome.events) == 20)
    assert [value for _, value in outcome.events] == list(range(20))
    assert outcome.threads == {threading.get_ident()}


def test_only_titled_tasks_are_announced(runner: TaskRunner, qtbot: QtBot) -> None:
    async def call() -> None:
        await anyio.lowlevel.checkpoint()

    with qtbot.waitSignal(runner.started) as blocker:
        runner.start(call)
        runner.start(call, title="Reading providers")
    assert blocker.args[0].title == "Reading providers"


def test_a_view_may_go_while_the_loop_still_posts_to_it(runner: TaskRunner, qtbot: QtBot) -> None:
    stop = threading.Event()
    relays = [Relay(runner)]

    async def call() -> None:
        while not stop.is_set():
            for _ in range(20):
                relays[-1].post(None)
            await anyio.sleep(0.0002)

    outcome = watch(runner, call)
    for _ in range(300):
        late = relays[-1]
        with qtbot.waitSignal(late.received):
            pass
        relays.append(Relay(runner))
        shiboken6.delete(late)
    stop.set()
    qtbot.waitUntil(lambda: bool(outcome.events))
    assert outcome.events == [("succeeded", None)]


def test_a_long_queue_lets_the_window_breathe(runner: TaskRunner, qtbot: QtBot) -> None:
    relay = Relay(runner)
    turns: list[int] = []
    handed: list[object] = []
    relay.received.connect(handed.append)
    ticker = QTimer(runner)
    ticker.timeout.connect(lambda: turns.append(len(handed)))

    for number in range(20_000):
        relay.post(number)
    ticker.start(0)
    qtbot.waitUntil(lambda: len(handed) == 20_000)

    assert handed == list(range(20_000))
    assert any(0 < count < 20_000 for count in turns), "the queue was emptied in one turn"


class Reader(QObject):
    """Hears of outcomes beside what they are about."""

    def __init__(self, heard: list[tuple[object, ...]]) -> None:
        super().__init__()
        self._heard = heard

    def on_read(self, *told: object) -> None:
        self._heard.append(("read", *told))

    def on_failed(self, *told: object) -> None:
        self._heard.append(("failed", *told))

    def on_ended(self, *told: object) -> None:
        self._heard.append(("ended", *told))


def _heard(
    runner: TaskRunner,
    qtbot: QtBot,
    call: Callable[[], Awaitable[object]],
    *,
    gone: bool,
) -> list[tuple[object, ...]]:
    heard: list[tuple[object, ...]] = []
    reader = Reader(heard)
    task = runner.start(call)
    with qtbot.waitSignal(task.destroyed, timeout=60_000):
        task.then(reader.on_read, "file")
        task.otherwise(reader.on_failed, "file")
        task.at_end(reader.on_ended, 7)
        if gone:
            shiboken6.delete(reader)
    return heard


def test_an_outcome_comes_with_what_it_is_about(runner: TaskRunner, qtbot: QtBot) -> None:
    async def read() -> str:
        await anyio.lowlevel.checkpoint()
        return "text"

    async def fail() -> None:
        raise ValueError("no")

    assert _heard(runner, qtbot, read, gone=False) == [("read", "file", "text"), ("ended", 7)]
    failed = _heard(runner, qtbot, fail, gone=False)
    assert [line[:2] for line in failed] == [("failed", "file"), ("ended", 7)]
    assert isinstance(failed[0][2], ValueError)


def test_an_object_that_is_gone_hears_nothing(runner: TaskRunner, qtbot: QtBot) -> None:
    async def read() -> str:
        await anyio.lowlevel.checkpoint()
        return "text"

    assert _heard(runner, qtbot, read, gone=True) == []
