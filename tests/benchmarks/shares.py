"""How much of the turns of a key is ours, and how much a plain editor takes for the same key.

A plain editor deals with a key in one turn and paints the text in another. What it takes for these
two at its quickest is taken off the turn of ours that deals with the key, and off the first one of
ours that paints the text; whatever else a turn holds is ours, and so is a text painted once more.

The host of a virtual machine takes cores away unseen: a single turn that is long may be the
machine's. What the program causes comes back at the same key in every round of the script; so a key
counts with the median of its rounds, and with the quickest; the longest of all stands beside them.
"""

from __future__ import annotations

import statistics
import sys
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.typist import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from benchmarks.typist import Stroke, Turn

    _Clock = Callable[[Turn], float]

_SHOWN_GOAL, _HELD_GOAL = 50, 8
_CLOCKS: dict[str, _Clock] = {
    "held": lambda turn: turn.held,
    "of its own work": lambda turn: turn.worked,
}
_HEAVIEST = 3
"""Keys of a sort of which it is said who had their time."""


class Key(NamedTuple):
    """One key of the script in every round: here, and in the plain editor."""

    here: tuple[Stroke, ...]
    there: tuple[Stroke, ...]

    def whole(self, clock: _Clock) -> list[float]:
        """The longest turn of each round."""
        return [max(map(clock, stroke.turns)) for stroke in self.here]

    def plain(self, clock: _Clock) -> list[float]:
        """The same in the plain editor."""
        return [max(map(clock, stroke.turns)) for stroke in self.there]

    def ours(self, clock: _Clock) -> list[float]:
        """The longest turn of each round, less what the plain editor needs for it."""
        needed = {part: self._needed(part, clock) for part in (Part.KEY, Part.PAINT)}
        return [
            max(clock(turn) - needed.get(turn.part, 0.0) for turn in stroke.turns)
            for stroke in self.here
        ]

    def _needed(self, part: Part, clock: _Clock) -> float:
        turns = (turn for stroke in self.there for turn in stroke.turns if turn.part is part)
        return min(map(clock, turns), default=0.0)

    def who(self) -> str:
        """Who had the longest turn of the quickest round."""
        clock = _CLOCKS["of its own work"]
        quickest = min(self.here, key=lambda stroke: max(map(clock, stroke.turns)))
        turn = max(quickest.turns, key=clock)
        return f"{turn.part.value}: {turn.who}"


class Figures(NamedTuple):
    """Seconds: the longest of the keys by their quickest round and by their median, and of all."""

    quickest: float
    median: float
    longest: float

    @classmethod
    def of(cls, keys: Iterable[Sequence[float]]) -> Figures:
        """From what each key took in each round."""
        rounds = list(keys)
        return cls(
            max(map(min, rounds)), max(map(statistics.median, rounds)), max(map(max, rounds))
        )

    def __str__(self) -> str:
        return "".join(f"{seconds * 1e3:6.1f}" for seconds in self)


class Times:
    """The keys of one sort of edit, or of all."""

    def __init__(self) -> None:
        self._keys: list[Key] = []

    def add(self, keys: Iterable[Key]) -> None:
        """Some more keys."""
        self._keys += keys

    @property
    def any(self) -> bool:
        """Whether there is something to report."""
        return bool(self._keys)

    def report(self, name: str, *, who: bool = False) -> None:
        """Print a few lines in milliseconds; `who` adds whose work the heaviest keys were."""
        sys.stdout.write(
            f"{name}, {len(self._keys)} keys: ms of the longest key by its quickest round,"
            " by its median, and of all\n"
        )
        sys.stdout.write(f"    shown, p95      {self._shown() * 1e3:6.1f}\n")
        for name_of_clock, clock in _CLOCKS.items():
            words = "   ".join(
                f"{sort}{Figures.of(take(key, clock) for key in self._keys)}"
                for sort, take in (
                    ("whole", Key.whole),
                    ("a plain editor", Key.plain),
                    ("ours", Key.ours),
                )
            )
            sys.stdout.write(f"    {name_of_clock:16}{words}\n")
        if who:
            clock = _CLOCKS["of its own work"]
            heaviest = sorted(self._keys, key=lambda key: -min(key.ours(clock)))[:_HEAVIEST]
            for key in heaviest:
                sys.stdout.write(f"    {key.who()}\n")
        sys.stdout.flush()

    def verdict(self, machine: str) -> str:
        """The goal in one sentence, beside what the machine does to it."""
        held = Figures.of(key.ours(_CLOCKS["held"]) for key in self._keys)
        plain = Figures.of(key.plain(_CLOCKS["held"]) for key in self._keys)
        rounds = len(self._keys[0].here)
        shown = self._shown() * 1e3
        met = shown < _SHOWN_GOAL and held.median * 1e3 < _HELD_GOAL
        return (
            f"{'met' if met else 'MISSED'}: from a key to its underlines p95 {shown:.0f} ms"
            f" (goal {_SHOWN_GOAL}); Qt's thread held by it for {held.median * 1e3:.1f} ms at the"
            f" longest of {len(self._keys)} keys, each by the median of {rounds} rounds (goal"
            f" {_HELD_GOAL}; by the quickest {held.quickest * 1e3:.1f}); a single turn"
            f" {held.longest * 1e3:.0f}, in a plain editor {plain.longest * 1e3:.0f}; {machine}"
        )

    def _shown(self) -> float:
        """The 95th percentile of all keys in all rounds."""
        shown = [stroke.shown for key in self._keys for stroke in key.here]
        return statistics.quantiles(shown, n=20, method="inclusive")[-1]
