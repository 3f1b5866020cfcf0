"""Ctrl+C and a polite kill: the window saves its state and closes, without asking."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier, Signal, Slot

if TYPE_CHECKING:
    from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupt(QObject):
    """Tells the window's thread of a signal.

    Qt waits inside its own loop, where Python runs no handler; the interpreter writes the signal
    into a pipe, and Qt watches the other end. POSIX only: elsewhere Ctrl+C ends the process.
    """

    asked = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._ends: tuple[int, int] | None = None
        if os.name == "posix":
            self._watch()

    def _watch(self) -> None:
        reading, writing = os.pipe()
        for end in (reading, writing):
            os.set_blocking(end, False)
        self._ends = reading, writing
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        for number in _SIGNALS:
            signal.signal(number, _heard)
        notifier = QSocketNotifier(reading, QSocketNotifier.Type.Read, self)
        notifier.activated.connect(self._on_signal)

    @Slot()
    def _on_signal(self) -> None:
        if self._ends is not None:
            os.read(self._ends[0], 64)
        self.asked.emit()

    def stop(self) -> None:
        """Give the signals back."""
        if self._ends is None:
            return
        signal.set_wakeup_fd(-1)
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        for notifier in self.findChildren(QSocketNotifier):
            notifier.setEnabled(False)
        for end in self._ends:
            os.close(end)
        self._ends = None


def _heard(number: int, frame: FrameType | None) -> None:
    """Nothing: the pipe tells Qt's thread, which acts."""
