"""Two pieces of evidence side by side: fields by name, claims by name.

Invariant: what stands in one of the two only is named too, never left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sealwright.claims.claim import Claim
    from sealwright.evidence.examination import Examination
    from sealwright.evidence.structure import Node


class Difference(StrEnum):
    """How a field stands in the two."""

    EQUAL = "equal"
    CHANGED = "changed"
    ONLY_FIRST = "only-first"
    ONLY_SECOND = "only-second"


@dataclass(frozen=True, slots=True)
class FieldPair:
    """One field of both; a side without it is None."""

    part: str
    path: str
    first: Node | None
    second: Node | None
    place: int
    """Number of the part in the first, or in the second where only that one has it."""

    @property
    def difference(self) -> Difference:
        """How the two sides stand to each other."""
        if self.first is None:
            return Difference.ONLY_SECOND
        if self.second is None:
            return Difference.ONLY_FIRST
        same = self.first.raw == self.second.raw
        return Difference.EQUAL if same else Difference.CHANGED


@dataclass(frozen=True, slots=True)
class ClaimPair:
    """One claim of both, by name; several values of a name stand together."""

    name: str
    first: tuple[object, ...]
    second: tuple[object, ...]

    @property
    def difference(self) -> Difference:
        """How the two sides stand to each other."""
        if not self.first:
            return Difference.ONLY_SECOND
        if not self.second:
            return Difference.ONLY_FIRST
        return Difference.EQUAL if self.first == self.second else Difference.CHANGED


@dataclass(frozen=True, slots=True)
class EvidenceDifference:
    """What differs between two examinations."""

    fields: tuple[FieldPair, ...]
    claims: tuple[ClaimPair, ...]

    @property
    def equal(self) -> bool:
        """Whether every field and claim is the same."""
        equal = Difference.EQUAL
        return all(pair.difference is equal for pair in self.fields) and all(
            pair.difference is equal for pair in self.claims
        )


def compare(first: Examination, second: Examination) -> EvidenceDifference:
    """Compare two pieces of evidence of any kinds."""
    return EvidenceDifference(_fields(first, second), _claims(first.claims, second.claims))


def _fields(first: Examination, second: Examination) -> tuple[FieldPair, ...]:
    left, right = _leaves(first), _leaves(second)
    pairs: list[FieldPair] = []
    for key in (*left, *(key for key in right if key not in left)):
        mine, theirs = left.get(key), right.get(key)
        place = (mine or theirs or (0, None))[0]
        pairs.append(
            FieldPair(
                key[0],
                key[1],
                mine[1] if mine is not None else None,
                theirs[1] if theirs is not None else None,
                place,
            )
        )
    return tuple(pairs)


def _leaves(examination: Examination) -> Mapping[tuple[str, str], tuple[int, Node]]:
    """The fields without fields inside them, by part and path; a repeated name gets its number."""
    found: dict[tuple[str, str], tuple[int, Node]] = {}
    for number, part in enumerate(examination.parts):
        for path, node in _walk(examination.tree(number), ""):
            key, again = (part.name, path), 1
            while key in found:
                again += 1
                key = (part.name, f"{path} #{again}")
            found[key] = (number, node)
    return found


def _walk(nodes: Iterable[Node], above: str) -> Iterable[tuple[str, Node]]:
    for node in nodes:
        path = f"{above}.{node.name}" if above else node.name
        if node.children:
            yield from _walk(node.children, path)
        else:
            yield path, node


def _claims(first: Iterable[Claim], second: Iterable[Claim]) -> tuple[ClaimPair, ...]:
    left, right = _by_name(first), _by_name(second)
    names = (*left, *(name for name in right if name not in left))
    return tuple(ClaimPair(name, left.get(name, ()), right.get(name, ())) for name in names)


def _by_name(claims: Iterable[Claim]) -> Mapping[str, tuple[object, ...]]:
    found: dict[str, tuple[object, ...]] = {}
    for claim in claims:
        found[claim.type] = (*found.get(claim.type, ()), claim.value)
    return found
