"""Work on the Qt thread that is longer than a turn may be, done a step at a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_TURN = 0.002
"""Seconds after which the window gets its turn; the last step comes on top, and what it paints."""


class Turns(QObject):
    """Runs steps in order; between two of them the window may paint and answer."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._steps: list[Callable[[], None]] = []
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._on_turn)

    def begin(self, steps: Iterable[Callable[[], None]]) -> None:
        """Run these steps from now on; what is left of earlier ones is dropped."""
        self._steps = list(steps)
        self._on_turn()

    def stop(self) -> None:
        """Run no further step."""
        self._steps = []
        self._timer.stop()

    @Slot()
    def _on_turn(self) -> None:
        begun = time.perf_counter()
        while self._steps and time.perf_counter() - begun < _TURN:
            self._steps.pop(0)()
        if self._steps:
            self._timer.start()
        else:
            self._timer.stop()


class Later(QObject):
    """Makes a call once, some turns after it was last asked for: what is more urgent goes first."""

    def __init__(self, parent: QObject, call: Callable[[], object], turns: int) -> None:
        super().__init__(parent)
        self._call = call
        self._turns, self._left = turns, 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._on_turn)

    def ask(self) -> None:
        """Make the call when these turns are over."""
        self._left = self._turns
        self._timer.start()

    def stop(self) -> None:
        """Nobody asks any more."""
        self._timer.stop()

    @Slot()
    def _on_turn(self) -> None:
        # A timer that is started in the turn of a key goes off together with its painting.
        if self._left:
            self._left -= 1
            self._timer.start()
        else:
            self._call()
