"""A 16 ms heartbeat of the Qt thread that knows its worst gap and where it was spent."""

from __future__ import annotations

import faulthandler
import re
import tempfile
import threading
import time
from dataclasses import dataclass
from typing import IO, Final

from PySide6.QtCore import QObject, Qt, QTimer, Slot

BEAT = 0.016
"""Seconds between two beats."""
_LATE = 0.030
"""Seconds without a beat after which the watcher looks what the Qt thread is doing."""

_DEEP = 4
_FRAME: Final = re.compile(r'  File "(?P<file>[^"]*)", line (?P<line>\d+) in (?P<name>.*)')


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
        self.beats = 0
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
        self.beats += 1
        if gap > self._worst.seconds:
            self._worst = Gap(gap, seen)

    def _watch(self) -> None:
        with tempfile.TemporaryFile() as file:
            while not self._stop.wait(BEAT):
                if time.perf_counter() - self._last > _LATE and not self._seen:
                    self._seen = self._sample(file)

    def _sample(self, file: IO[bytes]) -> str:
        """What the Qt thread is doing.

        Written by faulthandler, which takes no reference: a frame object held here would destroy
        the painters and widgets in it on this thread.
        """
        file.seek(0)
        file.truncate()
        faulthandler.dump_traceback(file, all_threads=True)
        file.seek(0)
        return calls_of(file.read().decode("utf-8", "replace"), self._thread_id)


def calls_of(dump: str, thread: int) -> str:
    """The innermost call of a thread and the innermost ones of ours, from a traceback dump."""
    head = f"0x{thread:016x}"
    names: list[str] = []
    inside = False
    for line in dump.splitlines():
        found = _FRAME.match(line)
        if found is None:
            inside = head in line
        elif inside and (not names or "sealwright" in found["file"]):
            file = found["file"].replace("\\", "/").rsplit("/", 1)[-1]
            names.append(f"{found['name']} ({file}:{found['line']})")
    return " < ".join(names[:_DEEP])
