"""The structure of evidence as a tree: every byte under a name, at its offset.

Invariants
- The children of a node, and the nodes of a part, follow each other in the order of their offsets.
- A node's raw bytes are exactly the bytes of its part from its offset on, as long as its size.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sealwright.evidence.meanings import meaning

if TYPE_CHECKING:
    from sealwright.evidence.basis.reader import Field


@dataclass(frozen=True, slots=True)
class Part:
    """A run of bytes that was read as one structure, with its fields."""

    name: str
    """`SGX quote v3`, `AikCert`: what it is, or the member it came from."""
    data: bytes = field(repr=False)
    fields: tuple[Field, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Node:
    """A field, with those inside it."""

    name: str
    """Lower snake case, without the names of the nodes around it."""
    offset: int
    """From the start of the part."""
    size: int
    raw: bytes = field(repr=False)
    meaning: str
    """What the bytes say in words; empty when there is nothing to add to them."""
    children: tuple[Node, ...] = ()


def tree(part: Part) -> tuple[Node, ...]:
    """The fields of a part, nested as they lie in each other."""
    ordered = sorted(part.fields, key=lambda item: (item.offset, item.size > 0, -item.size))
    return _nodes(part, ordered, 0, len(part.data) + 1, "")[0]


def _nodes(
    part: Part, ordered: list[Field], at: int, end: int, prefix: str
) -> tuple[tuple[Node, ...], int]:
    """The nodes from `ordered[at]` on that lie before `end`, and where the rest begins."""
    found: list[Node] = []
    while at < len(ordered) and ordered[at].offset < end:
        item = ordered[at]
        last = item.offset + item.size
        inner, at = _nodes(part, ordered, at + 1, last, f"{item.name}.")
        raw = part.data[item.offset : last]
        name = item.name.removeprefix(prefix)
        words = "" if inner else meaning(part.name, item.name, raw)
        found.append(Node(name, item.offset, item.size, raw, words, inner))
    return tuple(found), at
