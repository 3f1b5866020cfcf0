"""Workers stand still while a key is dealt with, and end when nobody waits for them."""

from __future__ import annotations

import threading
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QObject, Signal

from sealwright.desktop import right_of_way
from sealwright.desktop.policies.newest import Newest
from sealwright.desktop.right_of_way import KEY_SECONDS, Errand, RightOfWay
from sealwright.desktop.tasks import TaskRunner
from sealwright.pace import CalledOffError, paced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot


class Clock:
    """Time that passes by sleeping only."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []
        self.meanwhile: Callable[[], None] | None = None

    def perf_counter(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        if self.meanwhile is not None:
            self.meanwhile()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(right_of_way, "time", made)
    return made


def test_a_step_waits_until_the_key_is_dealt_with(clock: Clock) -> None:
    way = RightOfWay()
    errand = Errand(way)
    errand()
    assert clock.slept == []
    way.take()
    clock.now += KEY_SECONDS / 4
    errand()
    assert clock.slept == [pytest.approx(KEY_SECONDS * 3 / 4)]
    errand()
    assert len(clock.slept) == 1


def test_keys_that_repeat_leave_a_worker_half_of_the_time(clock: Clock) -> None:
    way = RightOfWay()
    errand = Errand(way)
    worked = 0.0
    for _ in range(1_000):
        way.take()
        errand()
        clock.now += KEY_SECONDS / 20
        worked += KEY_SECONDS / 20
    assert worked == pytest.approx(sum(clock.slept), rel=0.1)


def test_a_step_that_waits_hears_that_it_is_called_off(clock: Clock) -> None:
    way = RightOfWay()
    errand = Errand(way)
    way.take()
    clock.meanwhile = errand.call_off
    with pytest.raises(CalledOffError):
        errand()


class Endless:
    """A computation without an end."""

    def __init__(self) -> None:
        self.running = threading.Event()
        self.ended = threading.Event()

    def compute(self) -> None:
        try:
            for _ in paced(count()):
                self.running.set()
        finally:
            self.ended.set()

    async def call(self) -> None:
        from anyio import to_thread  # noqa: PLC0415 - runs on the worker's loop

        await to_thread.run_sync(self.compute)


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[TaskRunner]:  # noqa: ARG001 - an application must exist
    made = TaskRunner()
    yield made
    made.close()


def test_what_is_cancelled_computes_no_further(runner: TaskRunner, qtbot: QtBot) -> None:
    endless = Endless()
    task = runner.start(endless.call)
    qtbot.waitUntil(endless.running.is_set)
    with qtbot.waitSignal(task.cancelled):
        task.cancel()
    qtbot.waitUntil(endless.ended.is_set)


def test_what_still_computes_at_the_end_is_called_off(qtbot: QtBot) -> None:
    runner = TaskRunner()
    endless = Endless()
    runner.start(endless.call)
    qtbot.waitUntil(endless.running.is_set)
    runner.close()
    qtbot.waitUntil(endless.ended.is_set)


class Reporter(QObject):
    """As much of the host as asks for calls."""

    failed = Signal(object)

    def __init__(self, runner: TaskRunner) -> None:
        super().__init__()
        self.runner = runner
        self.errors: list[object] = []
        self.answers: list[object] = []

    def fail(self, error: object) -> None:
        self.errors.append(error)

    def answer(self, about: str, result: object) -> None:
        self.answers.append((about, result))


async def _given(value: object) -> object:
    return value


def test_only_the_newest_call_answers(runner: TaskRunner, qtbot: QtBot) -> None:
    host = Reporter(runner)
    newest = Newest(host, host)  # type: ignore[arg-type]  # as much of it as is asked
    endless = Endless()
    newest.ask(endless.call, host.answer, "old")
    qtbot.waitUntil(endless.running.is_set)
    newest.ask(partial(_given, 1), host.answer, "new")
    qtbot.waitUntil(lambda: bool(host.answers))
    qtbot.waitUntil(endless.ended.is_set)
    assert host.answers == [("new", 1)]
    assert host.errors == []


def test_a_call_that_is_called_off_never_answers(runner: TaskRunner, qtbot: QtBot) -> None:
    host = Reporter(runner)
    newest = Newest(host, host)  # type: ignore[arg-type]  # as much of it as is asked
    newest.ask(partial(_given, 1), host.answer, "old")
    newest.call_off()
    other = runner.start(partial(_given, 2))
    with qtbot.waitSignal(other.finished):
        pass
    assert host.answers == []
    assert host.errors == []
