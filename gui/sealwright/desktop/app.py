"""Opens the window and runs Qt's loop. Nothing heavy is imported before the first paint."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
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
    from collections.abc import Awaitable, Callable, Mapping

    from sealwright.services.bundle import Services


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the composition root knows before Qt starts."""

    home: str
    """Folder of this home, shown in the settings."""
    icons: Mapping[str, bytes] = field(repr=False)
    """SVG sources by name."""
    window_state: str = field(default="", repr=False)
    """What `save_state` was last given."""
    save_state: Callable[[str], None] | None = None
    """Keeps the window state; blocking, called on a worker thread."""
    listen: Callable[[Callable[[], None]], None] | None = None
    """Calls back, from any thread, when the program is started again on this home."""
    theme: str = ""
    """`light` or `dark` overrides what was chosen; for pictures and tests."""
    crash_log: str = ""
    """File for crashes of the interpreter."""
    heartbeat: bool = False
    """Measure the worst gap of the window's thread and print it at the end."""
    after_open: Callable[[MainWindow], None] | None = None
    """Called on the window's thread once it is filled; for the off-screen tour and tests."""


def application() -> QApplication:
    """The one application object, made when there is none."""
    there = QApplication.instance()
    if isinstance(there, QApplication):
        return there
    QCoreApplication.setApplicationName("Sealwright")
    QCoreApplication.setApplicationVersion(__version__)
    QCoreApplication.setOrganizationName("Sealwright")
    return QApplication(sys.argv[:1])


def run(options: RunOptions, open_services: Callable[[], Awaitable[Services]]) -> int:
    """Show the window until it is closed; the return value is the exit code.

    `open_services` runs on the background loop, after the first paint.
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


def _tell(line: str) -> None:
    # A windowed bundle has no standard error.
    if sys.stderr is not None:
        sys.stderr.write(f"{line}\n")
