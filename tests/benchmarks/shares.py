"""How much of the turns of a key is ours, and how much a plain editor takes for the same keys.

A plain editor deals with the key in one turn and paints the text in another. Its medians of these
two are taken off the turn of ours that deals with the key, and off the first one of ours that
paints the text; whatever else a turn holds is ours, and so is a text that is painted once more.
"""

from __future__ import annotations

import statistics
import sys
from typing import TYPE_CHECKING

from benchmarks.typist import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from benchmarks.typist import Stroke, Turn

_CLOCKS: dict[str, Callable[[Turn], float]] = {
    "held": lambda turn: turn.held,
    "of its own work": lambda turn: turn.worked,
}


class Times:
    """What keys took until they were shown, and by each clock: here, in a plain editor, ours."""

    def __init__(self) -> None:
        self._shown: list[float] = []
        self._turns = {
            clock: {"whole": list[float](), "a plain editor": list[float](), "ours": list[float]()}
            for clock in _CLOCKS
        }

    def add(self, strokes: list[Stroke], plain: list[Stroke]) -> None:
        """Some keys, and the same ones in a plain editor."""
        self._shown += [stroke.shown for stroke in strokes]
        for clock, seconds in _CLOCKS.items():
            known = self._turns[clock]
            known["whole"] += _longest(strokes, seconds, {})
            known["a plain editor"] += _longest(plain, seconds, {})
            known["ours"] += _longest(strokes, seconds, _needed(plain, seconds))

    @property
    def any(self) -> bool:
        """Whether there is something to report."""
        return bool(self._shown)

    def report(self, name: str) -> None:
        """Print a few lines: median, 95th percentile and the longest, in milliseconds."""
        sys.stdout.write(f"{name}, {len(self._shown)} keys: median, p95, longest in ms\n")
        sys.stdout.write(f"    shown           {_words(self._shown)}\n")
        for clock, known in self._turns.items():
            words = "   ".join(f"{sort}{_words(times)}" for sort, times in known.items())
            sys.stdout.write(f"    {clock:16}{words}\n")


def _words(times: list[float]) -> str:
    late = statistics.quantiles(times, n=20, method="inclusive")[-1]
    return "".join(f"{each * 1e3:6.1f}" for each in (statistics.median(times), late, max(times)))


def _needed(plain: list[Stroke], seconds: Callable[[Turn], float]) -> dict[Part, float]:
    """What a plain editor takes for a key and for its painting."""
    turns = [turn for stroke in plain for turn in stroke.turns]
    return {
        part: statistics.median(seconds(turn) for turn in turns if turn.part is part)
        for part in (Part.KEY, Part.PAINT)
    }


def _longest(
    strokes: Iterable[Stroke], seconds: Callable[[Turn], float], needed: dict[Part, float]
) -> list[float]:
    """The longest turn of each key, less what is needed anyway."""
    return [
        max(seconds(turn) - needed.get(turn.part, 0.0) for turn in stroke.turns)
        for stroke in strokes
    ]
