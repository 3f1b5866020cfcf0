"""One theme for all window tests; a window over real services on ports in memory for each."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from helpers.desk import Desk
from helpers.screens import icon_sources
from helpers.simulators import World
from sealwright.desktop import theme
from sealwright.desktop.crash import CrashReporter
from sealwright.desktop.host import Host, Notice
from sealwright.desktop.tasks import TaskRunner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 60_000
"""Milliseconds."""


class PatientBot(QtBot):
    """Waits as long as a loaded machine needs; what never comes still fails."""

    def waitUntil(  # noqa: N802 - pytest-qt's name
        self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE
    ) -> None:
        super().waitUntil(callback, timeout=timeout)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:  # noqa: ARG001 - Qt first
    """Hands for widgets, as pytest-qt gives them."""
    return PatientBot(request)


@pytest.fixture(autouse=True, scope="session")
def _no_garbage_unasked() -> Iterator[None]:
    """Python may collect at any allocation, also while Qt walks over all widgets.

    A widget that is deleted then is used by Qt all the same. The program collects on its own
    (`sealwright.desktop.garbage`); here it is done between two tests.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    """No key stays down, and no view: a later test would feel the one, and its themes the other."""
    yield
    if QApplication.keyboardModifiers() != Qt.KeyboardModifier.NoModifier:
        # Qt holds what the last key came with for pressed until the next one, in another test.
        QTest.keyRelease(QWidget(), Qt.Key.Key_Shift)
    for widget in QApplication.topLevelWidgets():
        widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()


@pytest.fixture(scope="session")
def look(qapp: QApplication) -> theme.Theme:
    """The theme of the application, light."""
    made = theme.Theme(qapp, icon_sources())
    made.choose(theme.Choice.LIGHT)
    return made


@pytest.fixture
def world() -> World:
    """Three simulated providers with everything around them."""
    return World()


class WatchedHost(Host):
    """A host whose notices and crashes a test can look at."""

    def __init__(self, runner: TaskRunner) -> None:
        self.reports = CrashReporter()
        super().__init__(runner, self.reports)
        self.notices: list[Notice] = []
        self.crashes: list[str] = []
        self.noticed.connect(self.notices.append)
        self.reports.crashed.connect(self.crashes.append)


@pytest.fixture
def host(look: theme.Theme) -> Iterator[WatchedHost]:
    """What panels get from the window."""
    look.choose(theme.Choice.LIGHT)
    runner = TaskRunner()
    runner.open()
    made = WatchedHost(runner)
    yield made
    runner.close()
    assert not made.crashes, made.crashes


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    """A filled window of 1440 by 900."""
    made = Desk(qtbot)
    made.open()
    yield made
    made.close()
    assert made.reports == [], made.reports
    assert made.strays.seen == []
