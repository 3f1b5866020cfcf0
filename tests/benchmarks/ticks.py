"""A 1 ms timer of the Qt thread: the times between two ticks, and who had the thread's time.

A gap can be work of the thread, a core that somebody else had, or the interpreter lock that another
thread held. Wall time alone does not tell them apart.
"""

from __future__ import annotations

import faulthandler
import heapq
import os
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Slot

from sealwright.desktop.heartbeat import calls_of

TICK: Final = 0.001
_LATE: Final = 0.050
"""Seconds without a tick after which it is looked what the thread is doing. To look holds the
interpreter lock for tens of milliseconds: earlier, it would make the gaps that are measured."""
_LOOK: Final = 0.010
"""Seconds between two looks at how late the next tick is."""
_LONGEST: Final = 3
"""How many gaps are told one by one."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """What the clocks of a thread show at one moment, in seconds; or, of a gap, how far they went.

    `ran` and `queued` are the thread's time on a core and in line for one, `others` what the
    process's other threads had on cores.
    """

    wall: float
    ran: float
    queued: float
    others: float

    def since(self, other: Clocks) -> Clocks:
        return Clocks(
            self.wall - other.wall,
            self.ran - other.ran,
            self.queued - other.queued,
            self.others - other.others,
        )

    @property
    def asleep(self) -> float:
        """Off the cores by its own wish: in a gap, for the interpreter lock or for the kernel."""
        return max(self.wall - self.ran - self.queued, 0.0)


class ThreadClocks:
    """Reads the clocks of the thread that makes it."""

    def __init__(self) -> None:
        # Linux tells how long a thread stood in line for a core; elsewhere that counts as asleep.
        try:
            self._file = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
        except OSError:
            self._file = -1

    def read(self) -> Clocks:
        queued = 0.0
        if self._file >= 0:
            queued = int(os.pread(self._file, 64, 0).split()[1]) / 1e9
        ran = time.thread_time()
        return Clocks(time.perf_counter(), ran, queued, time.process_time() - ran)


class Ticker(QObject):
    """Counts between `begin` and `end`, on the thread that calls them."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.gaps: list[float] = []
        self._clocks = ThreadClocks()
        self._last = self._clocks.read()
        self._longest: list[tuple[float, int, Clocks, str]] = []
        self._steps: list[tuple[str, int]] = []
        self._thread = threading.get_ident()
        self._seen = ""
        self._over = threading.Event()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_tick)

    def begin(self) -> None:
        self.gaps.clear()
        self._longest.clear()
        self._steps.clear()
        self._over.clear()
        self._seen = ""
        self._last = self._clocks.read()
        threading.Thread(target=self._watch, name="ticks", daemon=True).start()
        self._timer.start(round(TICK * 1000))

    def step(self, name: str) -> None:
        """What is done from now on, under a name of its own; call it before it is done."""
        self._steps.append((name, len(self.gaps)))

    def end(self) -> dict[str, object]:
        self._timer.stop()
        self._over.set()
        ordered = sorted(self.gaps) or [0.0]
        return {
            "ticks": len(ordered),
            "p99": ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] * 1000,
            "frames_p99": _of_frames(self.gaps) * 1000,
            "worst": ordered[-1] * 1000,
            "longest": [
                asdict(clocks) | {"asleep": clocks.asleep, "seen": seen}
                for _, _, clocks, seen in sorted(self._longest, reverse=True)
            ],
            "steps": self.steps(),
        }

    def steps(self) -> dict[str, float]:
        """Milliseconds of the longest gap in each step."""
        ends = [*[begun for _, begun in self._steps[1:]], len(self.gaps)]
        return {
            name: max(self.gaps[begun:end], default=0.0) * 1000
            for (name, begun), end in zip(self._steps, ends, strict=True)
        }

    @Slot()
    def _on_tick(self) -> None:
        now = self._clocks.read()
        gap = now.since(self._last)
        self._last, seen, self._seen = now, self._seen, ""
        self.gaps.append(gap.wall)
        entry = (gap.wall, len(self.gaps), gap, seen)
        if len(self._longest) < _LONGEST:
            heapq.heappush(self._longest, entry)
        else:
            heapq.heappushpop(self._longest, entry)

    def _watch(self) -> None:
        with tempfile.TemporaryFile() as file:
            while not self._over.wait(_LOOK):
                if not self._seen and time.perf_counter() - self._last.wall > _LATE:
                    file.seek(0)
                    file.truncate()
                    faulthandler.dump_traceback(file, all_threads=True)
                    file.seek(0)
                    dump = file.read().decode("utf-8", "replace")
                    self._seen = calls_of(dump, self._thread)


def _of_frames(gaps: list[float]) -> float:
    """The 99th percentile where every moment counts alike: long gaps by their length."""
    ordered = sorted(gaps)
    left = sum(ordered) * 0.01
    for gap in reversed(ordered):
        left -= gap
        if left <= 0:
            return gap
    return 0.0
