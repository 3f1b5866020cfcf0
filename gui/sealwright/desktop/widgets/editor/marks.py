"""What an editor shows besides its text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.editor.positions import Positions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


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

    Args:
        look: start, end and mark of those that reach from one position of the text to another,
            both included; None when there is none at all.
    """

    __slots__ = ("_at", "_by", "_look")

    def __init__(
        self, look: Callable[[int, int], Iterable[tuple[int, int, Mark]]] | None = None
    ) -> None:
        self._look = look
        self._at = self._by = 0

    @classmethod
    def of(cls, marks: Iterable[Mark], text: str) -> MarkMap:
        """Marks given in code points of `text`."""
        where = Positions(text)
        ordered = sorted(marks, key=lambda mark: (mark.start, mark.end))
        placed = [(where.to_units(mark.start), where.to_units(mark.end), mark) for mark in ordered]

        def look(first: int, last: int) -> Iterable[tuple[int, int, Mark]]:
            return [each for each in placed if each[1] >= first and each[0] <= last]

        return cls(look if placed else None)

    @property
    def empty(self) -> bool:
        """Whether there is none."""
        return self._look is None

    def move(self, at: int, by: int) -> None:
        """The text grew by `by` units at a position."""
        self._at = min(self._at, self._old(at)) if self._by else at
        self._by += by

    def touching(self, first: int, last: int) -> Iterator[tuple[int, int, Mark]]:
        """Start, end and mark of those that reach into `first` to `last`."""
        if self._look is None:
            return
        for start, end, mark in self._look(self._old(first), self._old(last)):
            moved = self._new(end)
            if moved >= first:
                yield self._new(start), moved, mark

    def starting(self, first: int, last: int) -> Iterator[tuple[int, int, Mark]]:
        """Those that begin from `first` to `last`."""
        before = self._old(first)
        if self._look is None:
            return
        for start, end, mark in self._look(before, self._old(last)):
            if start >= before:
                yield self._new(start), self._new(end), mark

    def _old(self, position: int) -> int:
        return max(position - self._by, self._at) if position > self._at else position

    def _new(self, position: int) -> int:
        return max(position + self._by, self._at) if position > self._at else position
