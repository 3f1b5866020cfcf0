"""The right of way of the keyboard: workers that compute stand still while a key is dealt with.

A thread that computes and the Qt thread share one interpreter. Every call from Qt into Python has
to wait for it, and a key takes some hundred of them.
"""

from __future__ import annotations

import time
from typing import Final

from sealwright.pace import CalledOffError

KEY_SECONDS: Final = 0.04
"""What a key takes until all that it changes is on the screen, and no less than a worker gets."""


class RightOfWay:
    """Taken on the Qt thread, given by workers."""

    __slots__ = ("until",)

    def __init__(self) -> None:
        self.until = 0.0
        """When whoever has it is through, by the clock of `time.perf_counter`."""

    def take(self) -> None:
        """A key was pressed."""
        self.until = time.perf_counter() + KEY_SECONDS


class Errand:
    """The pace of one task: it gives way to keys, and ends when it is called off.

    Keys that repeat come faster than they can be dealt with; so half of the time is the worker's.
    """

    __slots__ = ("_called_off", "_mine", "_way")

    def __init__(self, way: RightOfWay) -> None:
        self._way = way
        self._mine = 0.0
        self._called_off = False

    def call_off(self) -> None:
        """Nobody waits for it any more; may be called from any thread."""
        self._called_off = True

    def __call__(self) -> None:
        """Take a step.

        Raises:
            CalledOffError: nobody waits for it any more.
        """
        if self._called_off:
            raise CalledOffError
        now = time.perf_counter()
        if now < self._way.until and now >= self._mine:
            time.sleep(self._way.until - now)
            self._mine = time.perf_counter() + KEY_SECONDS
            if self._called_off:
                raise CalledOffError
