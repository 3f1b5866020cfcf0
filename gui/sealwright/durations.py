"""A length of time as people say it; English, for errors, checks and the command line."""

from __future__ import annotations

from typing import Final

_UNITS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"))
_NEARLY: Final = 0.02
"""How far off, as a part of the unit, a length may be: an answer that took a while must not turn
one day into 24 hours."""


def duration_words(seconds: float) -> str:
    """One number in the largest unit of which it is about one, or two and more."""
    for size, name in _UNITS:
        units = seconds / size
        if units >= 2 - _NEARLY or abs(units - 1) <= _NEARLY:
            count = round(units)
            return f"{count} {name}{'s' if count != 1 else ''}"
    count = round(seconds)
    return f"{count} second{'s' if count != 1 else ''}"
