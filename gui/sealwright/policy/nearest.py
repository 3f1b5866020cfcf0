"""The word that was probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(word: str, candidates: Iterable[str]) -> str:
    """The candidate that is at most a third of its letters away from `word`; empty when none is."""
    best, found = len(word) // 3 + 1, ""
    for candidate in candidates:
        if abs(len(candidate) - len(word)) < best:
            distance = _distance(word.lower(), candidate.lower(), best)
            if distance < best:
                best, found = distance, candidate
    return found


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
