"""What an editor shows besides its text."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import Enum
from itertools import accumulate
from typing import TYPE_CHECKING

from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.editor.positions import Positions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding in the text: underlined from `start` to `end`, in code points.

    A `faint` one is dotted: a hint, not a problem.
    """

    start: int
    end: int
    tone: Tone
    message: str
    faint: bool = False


class LineChange(Enum):
    """How a line differs from what is deployed."""

    ADDED = Tone.OK
    CHANGED = Tone.WARN
    REMOVED_BELOW = Tone.ERR


def rank(mark: Mark) -> int:
    """Order of weight, heaviest first."""
    return (Tone.ERR, Tone.WARN, Tone.INFO, Tone.OK, Tone.NEU).index(mark.tone) + mark.faint


class MarkMap:
    """The findings of one text by document position, in the order of their starts.

    A mark is made when it is looked at: thousands may be known where forty can be seen. What is
    typed moves the marks behind it, until the next reading brings new ones.
    """

    __slots__ = ("_at", "_by", "_ends", "_make", "_reach", "_starts")

    def __init__(
        self, spans: Sequence[tuple[int, int]] = (), make: Callable[[int], Mark] | None = None
    ) -> None:
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]
        self._reach = list(accumulate(self._ends, max))
        self._make = make
        self._at = self._by = 0

    @classmethod
    def of(cls, marks: Iterable[Mark], text: str) -> MarkMap:
        """Marks given in code points of `text`."""
        where = Positions(text)
        ordered = sorted(marks, key=lambda mark: (mark.start, mark.end))
        spans = [(where.to_units(mark.start), where.to_units(mark.end)) for mark in ordered]
        return cls(spans, ordered.__getitem__)

    @property
    def empty(self) -> bool:
        """Whether there is none."""
        return not self._starts

    def move(self, at: int, by: int) -> None:
        """The text grew by `by` units at a position."""
        self._at = min(self._at, self._old(at)) if self._by else at
        self._by += by

    def touching(self, first: int, last: int) -> Iterator[tuple[int, int, Mark]]:
        """Start, end and mark of those that reach into `first` to `last`."""
        place = bisect_left(self._reach, self._old(first))
        stop = bisect_right(self._starts, self._old(last))
        yield from self._made(place, stop, first)

    def starting(self, first: int, last: int) -> Iterator[tuple[int, int, Mark]]:
        """Those that begin from `first` to `last`."""
        place = bisect_left(self._starts, self._old(first))
        stop = bisect_right(self._starts, self._old(last))
        yield from self._made(place, stop, first)

    def _made(self, place: int, stop: int, first: int) -> Iterator[tuple[int, int, Mark]]:
        if self._make is None:
            return
        for index in range(place, stop):
            start, end = self._new(self._starts[index]), self._new(self._ends[index])
            if end >= first:
                yield start, end, self._make(index)

    def _old(self, position: int) -> int:
        return max(position - self._by, self._at) if position > self._at else position

    def _new(self, position: int) -> int:
        return max(position + self._by, self._at) if position > self._at else position
