"""Cyclic garbage is collected on the Qt thread only.

Python collects on whichever thread happens to allocate. When that is a worker, and the garbage
holds the receiver of a signal, PySide disconnects it there: it takes Qt's connection lock, then
waits for the interpreter lock, while the Qt thread holds the interpreter lock and waits for the
connection lock. The window would stand still for good.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, Qt, QTimer, Slot

_INTERVAL = 1000
"""Milliseconds between two looks; an idle program shall hardly wake up."""
_LONGEST_START = 30_000
"""Milliseconds after which a program counts as started, whatever it still waits for."""
_MOST_POSTPONED = 200
"""Keys without a rest of an interval after which it is done all the same."""


class GarbageCollector(QObject):
    """Takes the place of Python's own timing for as long as it runs."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_enabled = False
        self._starting = False
        self._postponed = 0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.CoarseTimer)
        self._timer.setInterval(_INTERVAL)
        self._timer.timeout.connect(self._collect)

    def start(self) -> None:
        """Take over; called on the Qt thread before the first worker starts."""
        self._was_enabled = gc.isenabled()
        gc.disable()
        self._timer.start()

    def begin_start_up(self) -> None:
        """Leave everything alone until `end_start_up`: nearly all that is made now stays."""
        self._starting = True
        self._timer.stop()
        QTimer.singleShot(_LONGEST_START, self, self.end_start_up)

    @Slot()
    def end_start_up(self) -> None:
        """What lives now lives on: no later look walks through it, which takes 80 ms."""
        if self._starting:
            self._starting = False
            gc.freeze()
            self._timer.start()

    def stop(self) -> None:
        """Give back, once no worker runs any more."""
        self._starting = False
        self._timer.stop()
        if self._was_enabled:
            gc.enable()

    def postpone(self) -> None:
        """A key was pressed: a walk through a long policy's objects would be felt at the next."""
        if self._timer.isActive() and self._postponed < _MOST_POSTPONED:
            self._postponed += 1
            self._timer.start()

    @Slot()
    def _collect(self) -> None:
        """Collect the oldest generation that is due, by Python's own thresholds."""
        self._postponed = 0
        counts, thresholds = gc.get_count(), gc.get_threshold()
        due = [age for age in (2, 1, 0) if counts[age] > thresholds[age]]
        if due:
            gc.collect(due[0])
