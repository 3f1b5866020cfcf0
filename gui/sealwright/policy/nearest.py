"""The word that was probably meant."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST: Final = 100


def nearest(word: str, candidates: Iterable[str], share: int = 3) -> str:
    """The candidate next to `word`, at most one in `share` of its letters away; else empty."""
    if len(word) > _LONGEST:
        return ""
    best, found = len(word) // share + 1, ""
    letters = _letters(word)
    for candidate in candidates:
        if abs(len(candidate) - len(word)) >= best:
            continue
        # One change alters at most two letters of the set.
        if (letters ^ _letters(candidate)).bit_count() > 2 * (best - 1):
            continue
        distance = _distance(word.lower(), candidate.lower(), best)
        if distance < best:
            best, found = distance, candidate
    return found


@lru_cache(maxsize=4096)
def _letters(word: str) -> int:
    """The set of letters of a word, as bits."""
    letters = 0
    for char in word.lower():
        letters |= 1 << (ord(char) & 63)
    return letters


def _distance(left: str, right: str, limit: int) -> int:
    """Insertions, removals, replacements and swaps of neighbours; stops at `limit`."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for index, char in enumerate(left):
        older, before, row = before, row, [index + 1]
        for place, other in enumerate(right):
            cost = min(before[place] + (char != other), before[place + 1] + 1, row[place] + 1)
            swapped = place and index and char == right[place - 1] and left[index - 1] == other
            row.append(min(cost, older[place - 1] + 1) if swapped else cost)
        if min(row) >= limit:
            return limit
    return row[-1]
