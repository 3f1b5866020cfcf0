"""Cyclic garbage is collected on the Qt thread only, in portions that nobody feels.

Python collects on whichever thread happens to allocate. When that is a worker, and the garbage
holds the receiver of a signal, PySide disconnects it there: it takes Qt's connection lock, then
waits for the interpreter lock, while the Qt thread holds the interpreter lock and waits for the
connection lock. The window would stand still for good.

A collection walks through all that it looks at, 0.3 µs an object: a list of thousands would be a
gap at each of them. So what outlived a look or ten is set aside and walked through no more; only
once that has grown by a lot, everything is, while nobody types.
"""

from __future__ import annotations

import gc
import sys
from time import thread_time
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication

_INTERVAL: Final = 1000
"""Milliseconds between two looks; an idle program shall hardly wake up."""
_BUSY_INTERVAL: Final = 100
"""Milliseconds to the next look while much is being made."""
_BUSY: Final = 3000
"""New objects at a look from which on much is being made."""
_PORTION: Final = 15_000
"""New objects that are walked through together, at most by intention."""
_TOO_MANY: Final = 20_000
"""New objects that nobody walks through together: they are set aside at once."""
_FELT: Final = 0.004
"""Seconds of a look after which what it left is set aside, however few it was said to be."""
_LONGEST_START: Final = 30_000
"""Milliseconds after which a program counts as started, whatever it still waits for."""
_MOST_POSTPONED: Final = 200
"""Keys without a rest of an interval after which it is done all the same."""
_GROWN: Final = 300_000
"""Objects set aside after which all are walked through at the next rest."""
_GROWN_UNSEEN: Final = 10_000
"""The same while another program is in front."""


class GarbageCollector(QObject):
    """Takes the place of Python's own timing for as long as it runs."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_enabled = False
        self._starting = False
        self._started = False
        self._postponed = 0
        self._young = 0
        self._aside = 0
        """What was set aside since all was walked through, as Python's own counter says. To count
        them takes as long as to walk through them."""
        self._blocks = 0
        """Pieces of memory in use when all was walked through."""
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
            self._starting, self._started = False, True
            self._set_aside()
            self._aside, self._blocks = 0, sys.getallocatedblocks()
            # The lists of providers come now.
            self._timer.start(_BUSY_INTERVAL)

    def stop(self) -> None:
        """Give back, once no worker runs any more."""
        self._starting = self._started = False
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
        """Collect what is due, by Python's own thresholds and by how much was made."""
        rested, self._postponed = not self._postponed, 0
        new, looks, _ = gc.get_count()
        few, few_looks, _ = gc.get_threshold()
        if new > few:
            self._collect_new(new, whole=looks > few_looks)
        elif rested and self._has_grown():
            self._collect_all()
        self._timer.setInterval(_BUSY_INTERVAL if new > _BUSY else _INTERVAL)

    def _collect_new(self, new: int, *, whole: bool) -> None:
        """Look at what is new; at what earlier looks left as well, and set that aside, if `whole`.

        `new` counts what was made less what was freed, so it can be far too small.
        """
        self._young += new
        if self._started and new > _TOO_MANY:
            # A cycle that died among them waits for the next walk through everything.
            self._set_aside()
            return
        begun = thread_time()
        if whole or self._young > _PORTION:
            self._young -= gc.collect(1)
        else:
            self._young -= gc.collect(0)
            if thread_time() - begun < _FELT:
                return
        self._set_aside()

    def _set_aside(self) -> None:
        self._aside += max(self._young, 0)
        self._young = 0
        if self._started:
            gc.freeze()

    def _has_grown(self) -> bool:
        if not self._started:
            return False
        in_front = QGuiApplication.applicationState() == Qt.ApplicationState.ApplicationActive
        limit = _GROWN if in_front else _GROWN_UNSEEN
        if self._aside > limit:
            # Most of it may be gone by itself, as what a newer reading of a text has replaced.
            self._aside = min(self._aside, sys.getallocatedblocks() - self._blocks)
        return self._aside > limit

    def _collect_all(self) -> None:
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        self._aside, self._blocks = 0, sys.getallocatedblocks()
