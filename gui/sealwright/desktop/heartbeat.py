"""A 16 ms heartbeat of the Qt thread that knows its worst gap and where it was spent."""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Slot

if TYPE_CHECKING:
    from types import FrameType

BEAT = 0.016
"""Seconds between two beats."""
_LATE = 0.030
"""Seconds without a beat after which the watcher looks what the Qt thread is doing."""


@dataclass(frozen=True, slots=True)
class Gap:
    """The longest time between two beats, in seconds, and the call the thread was in."""

    seconds: float
    call: str

    def __str__(self) -> str:
        """The line that a test run prints."""
        return f"worst UI gap {self.seconds * 1000:.0f} ms in {self.call or 'no call seen'}"


class Heartbeat(QObject):
    """Beats on the Qt thread; a watcher thread samples the stack when a beat is late."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(round(BEAT * 1000))
        self._timer.timeout.connect(self._on_beat)
        self._worst = Gap(0.0, "")
        self._last = 0.0
        self._seen = ""
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None
        self._thread_id = 0

    @property
    def worst(self) -> Gap:
        """The longest gap since `start`."""
        return self._worst

    def start(self) -> None:
        """Begin to beat; call it on the Qt thread, after the first paint."""
        self._last = time.perf_counter()
        self._thread_id = threading.get_ident()
        self._watcher = threading.Thread(target=self._watch, name="heartbeat", daemon=True)
        self._watcher.start()
        self._timer.start()

    def stop(self) -> None:
        """Stop both the timer and the watcher."""
        self._timer.stop()
        self._stop.set()
        if self._watcher is not None:
            self._watcher.join()
            self._watcher = None

    @Slot()
    def _on_beat(self) -> None:
        now = time.perf_counter()
        gap, seen = now - self._last, self._seen
        self._last, self._seen = now, ""
        if gap > self._worst.seconds:
            self._worst = Gap(gap, seen)

    def _watch(self) -> None:
        while not self._stop.wait(BEAT):
            if time.perf_counter() - self._last > _LATE and not self._seen:
                frame = sys._current_frames().get(self._thread_id)  # noqa: SLF001 - documented
                self._seen = _name(frame)


def _name(frame: FrameType | None) -> str:
    """Innermost frame of ours and the innermost of all, outermost first."""
    names: list[str] = []
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if not names or module.startswith("sealwright"):
            names.append(f"{module}.{frame.f_code.co_name}:{frame.f_lineno}")
        if len(names) == 4:  # noqa: PLR2004 - enough to find the place
            break
        frame = frame.f_back
    return " < ".join(names)
