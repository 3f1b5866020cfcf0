"""What an editor shows besides its text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sealwright.desktop.theme import Tone


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
