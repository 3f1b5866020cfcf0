"""What two sets of claims have in common, and what not; claims are compared value by value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sealwright.tokens.expectations import same

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sealwright.tokens.jose import JsonValue


class Difference(StrEnum):
    """How a claim stands in the two."""

    CHANGED = "changed"
    LEFT = "only left"
    RIGHT = "only right"
    EQUAL = "equal"


@dataclass(frozen=True, slots=True)
class ComparedClaim:
    """One value at one path (JSON Pointer); None where it is missing."""

    path: str
    difference: Difference
    left: JsonValue
    right: JsonValue


def compare_claims(
    left: Mapping[str, JsonValue], right: Mapping[str, JsonValue]
) -> tuple[ComparedClaim, ...]:
    """Every value of the two, in the order of the left one, then what only the right one has."""
    ours, theirs = dict(_leaves("", dict(left))), dict(_leaves("", dict(right)))
    found = []
    for path, value in ours.items():
        if path not in theirs:
            found.append(ComparedClaim(path, Difference.LEFT, value, None))
        else:
            equal = same(value, theirs[path])
            kind = Difference.EQUAL if equal else Difference.CHANGED
            found.append(ComparedClaim(path, kind, value, theirs[path]))
    found += [
        ComparedClaim(path, Difference.RIGHT, None, value)
        for path, value in theirs.items()
        if path not in ours
    ]
    return tuple(found)


def _leaves(base: str, value: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    if isinstance(value, dict) and value:
        for name, held in value.items():
            yield from _leaves(f"{base}/{name.replace('~', '~0').replace('/', '~1')}", held)
    elif isinstance(value, list) and value:
        for at, held in enumerate(value):
            yield from _leaves(f"{base}/{at}", held)
    elif base:
        yield base, value
