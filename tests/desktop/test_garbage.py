"""Garbage with receivers in it is never collected by a worker: that could stop the window."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from sealwright.desktop.tasks import TaskRunner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot


class Knot:
    """Refers to itself, so that only the collector can free it."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def collecting() -> Iterator[set[int]]:
    """The threads that collected garbage."""
    threads: set[int] = set()

    def note(phase: str, info: object) -> None:
        del phase, info
        threads.add(threading.get_ident())

    gc.callbacks.append(note)
    yield threads
    gc.callbacks.remove(note)


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[TaskRunner]:  # noqa: ARG001 - an application must exist
    was_enabled = gc.isenabled()
    runner = TaskRunner()
    yield runner
    runner.close()
    assert gc.isenabled() is was_enabled


def test_a_busy_worker_leaves_its_garbage_to_the_qt_thread(
    runner: TaskRunner, qtbot: QtBot, collecting: set[int]
) -> None:
    freed: list[weakref.ref[Knot]] = []

    async def call() -> int:
        for _ in range(20_000):
            knot = Knot()
        freed.append(weakref.ref(knot))
        return threading.get_ident()

    with qtbot.waitSignal(runner.start(call).succeeded) as done:
        pass
    worker = done.args[0]
    qtbot.waitUntil(lambda: freed[0]() is None)
    assert worker not in collecting
    assert threading.get_ident() in collecting


def test_what_is_made_while_the_program_starts_is_walked_through_no_more(
    runner: TaskRunner, qtbot: QtBot, collecting: set[int]
) -> None:
    runner.begin_start_up()
    early = Knot()
    kept = weakref.ref(early)
    frozen = gc.get_freeze_count()
    runner.end_start_up()
    assert gc.get_freeze_count() > frozen
    late = Knot()
    freed = weakref.ref(late)
    del early, late
    gc.collect()
    assert freed() is None
    assert kept() is not None
    gc.unfreeze()
    gc.collect()
    assert kept() is None
    gc.freeze()
    assert collecting
    del qtbot


def test_what_outlived_a_look_at_much_is_set_aside(
    runner: TaskRunner, qtbot: QtBot, collecting: set[int]
) -> None:
    runner.begin_start_up()
    runner.end_start_up()
    frozen = gc.get_freeze_count()
    stays = [Knot() for _ in range(16_000)]
    goes = [Knot() for _ in range(1000)]
    freed = weakref.ref(goes[-1])
    del goes
    qtbot.waitUntil(lambda: freed() is None)
    qtbot.waitUntil(lambda: gc.get_freeze_count() >= frozen + len(stays))
    assert collecting == {threading.get_ident()}
    stays.clear()
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def test_of_very_many_at_once_none_is_walked_through(runner: TaskRunner, qtbot: QtBot) -> None:
    runner.begin_start_up()
    runner.end_start_up()
    frozen = gc.get_freeze_count()
    walked: list[int] = []

    def note(phase: str, info: object) -> None:
        del info
        if phase == "start":
            walked.append(gc.get_count()[0])

    gc.callbacks.append(note)
    try:
        stays = [Knot() for _ in range(100_000)]
        qtbot.waitUntil(lambda: gc.get_freeze_count() >= frozen + len(stays))
    finally:
        gc.callbacks.remove(note)
    assert max(walked, default=0) < len(stays)
    stays.clear()
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def test_what_dies_late_goes_once_much_was_set_aside_behind_another_program(
    runner: TaskRunner,
    qtbot: QtBot,
    collecting: set[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    behind = Qt.ApplicationState.ApplicationInactive
    monkeypatch.setattr(QGuiApplication, "applicationState", lambda: behind)
    late = Knot()
    freed = weakref.ref(late)
    runner.begin_start_up()
    runner.end_start_up()
    del late
    gc.collect()
    assert freed() is not None
    stays = [Knot() for _ in range(50_000)]
    qtbot.waitUntil(lambda: freed() is None)
    assert collecting
    stays.clear()
    gc.unfreeze()
    gc.collect()
    gc.freeze()
