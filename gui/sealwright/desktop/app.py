"""Opens the window and runs Qt's loop. Nothing heavy is imported before the first paint."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from sealwright import __version__
from sealwright.desktop.crash import CrashReporter
from sealwright.desktop.heartbeat import Heartbeat
from sealwright.desktop.host import Host
from sealwright.desktop.interrupt import Interrupt
from sealwright.desktop.tasks import Relay, TaskRunner
from sealwright.desktop.theme import Choice, Theme
from sealwright.desktop.window.main import MainWindow
from sealwright.desktop.window.state import WindowState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.desktop.window.options import RunOptions
    from sealwright.services.bundle import Services


def application() -> QApplication:
    """The one application object, made when there is none."""
    there = QApplication.instance()
    if isinstance(there, QApplication):
        return there
    QCoreApplication.setApplicationName("Sealwright")
    QCoreApplication.setApplicationVersion(__version__)
    QCoreApplication.setOrganizationName("Sealwright")
    return QApplication(sys.argv[:1])


def run(
    options: RunOptions,
    open_services: Callable[[], Awaitable[Services]],
    after_open: Callable[[MainWindow], None] | None = None,
) -> int:
    """Show the window until it is closed; the return value is the exit code.

    `open_services` runs on the background loop, after the first paint; `after_open` on the window's
    thread once it is filled, for the off-screen tour and for measurements.
    """
    app = application()
    app.setQuitOnLastWindowClosed(False)
    crashes = CrashReporter(app)
    crashes.install(options.crash_log)
    theme = Theme(app, options.icons)
    state = WindowState.from_json(options.window_state)
    theme.choose(Choice(options.theme) if options.theme else state.theme)
    runner = TaskRunner(app)
    host = Host(runner, crashes, app)
    heartbeat = Heartbeat(app) if options.heartbeat else None
    window = MainWindow(options, host, theme, state, open_services)
    crashes.crashed.connect(window.show_crash)
    _follow_start_up(window, runner, heartbeat)
    _call_when_filled(window, after_open)
    if options.listen is not None:
        relay = Relay(app)
        relay.received.connect(window.come_forward)
        options.listen(lambda: relay.post(None))
    window.finished.connect(app.quit)
    interrupt = Interrupt(app)
    interrupt.asked.connect(window.leave)
    window.show()
    code = app.exec()
    interrupt.stop()
    runner.close()
    if heartbeat is not None:
        heartbeat.stop()
        _tell(str(heartbeat.worst))
    crashes.uninstall()
    return code


def _follow_start_up(window: MainWindow, runner: TaskRunner, heart: Heartbeat | None) -> None:
    window.painted.connect(runner.begin_start_up)
    window.filled.connect(runner.end_start_up)
    if heart is not None:
        window.painted.connect(heart.start)


def _call_when_filled(window: MainWindow, after: Callable[[MainWindow], None] | None) -> None:
    if after is not None:
        window.filled.connect(partial(after, window))


def _tell(line: str) -> None:
    # A windowed bundle has no standard error.
    if sys.stderr is not None:
        sys.stderr.write(f"{line}\n")
