"""What happens when the program itself is wrong: a log entry, a report, a notice.

An exception in a slot reaches `sys.excepthook`; one in a thread `threading.excepthook`; Qt's own
complaints its message handler; a crash of the interpreter goes to a file through faulthandler.
"""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
import traceback
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    Qt,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)

if TYPE_CHECKING:
    from types import TracebackType

_log = logging.getLogger(__name__)

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class CrashReporter(QObject):
    """Collects uncaught exceptions of all threads and hands their report to the Qt thread."""

    crashed = Signal(str)
    """The report: a traceback without values of variables."""
    _caught = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._caught.connect(self.crashed, Qt.ConnectionType.QueuedConnection)
        self._file: IO[str] | None = None

    def install(self, crash_log: str = "") -> None:
        """Set the hooks; `crash_log` is the file for crashes of the interpreter itself."""
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        qInstallMessageHandler(_on_qt_message)
        # A folder that cannot be written costs the file, not the window.
        with suppress(OSError):
            self._file = open(crash_log, "a", encoding="utf-8") if crash_log else None  # noqa: PTH123, SIM115 - kept open
        if self._file is not None:
            faulthandler.enable(self._file)

    def uninstall(self) -> None:
        """Give the hooks back to Python and Qt."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        qInstallMessageHandler(None)
        if self._file is not None:
            faulthandler.disable()
            self._file.close()
            self._file = None

    def report(self, error: BaseException) -> None:
        """Treat `error` as a bug; callable from any thread."""
        self._take(type(error), error, error.__traceback__)

    def _on_exception(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            self._take(kind, error, trace)

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._take(args.exc_type, args.exc_value, args.exc_traceback)

    def _take(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        _log.error("uncaught %s", kind.__name__, exc_info=(kind, error, trace))
        self._caught.emit("".join(traceback.format_exception(kind, error, trace)))


def _on_qt_message(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    _log.log(_LEVELS.get(kind, logging.WARNING), "qt: %s", text)
