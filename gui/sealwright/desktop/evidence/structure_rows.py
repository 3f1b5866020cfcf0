"""The structure of evidence as rows of a tree, and the way back from a byte to its row.

Built on the worker: a log has thousands of fields.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sealwright.desktop.evidence.words import size_words, span_words, tr
from sealwright.desktop.widgets.tables.cells import Column, Row, RowKind, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.evidence.examination import Examination
    from sealwright.evidence.structure import Node

_LONG = 64
_MOST = 500
"""Rows of a part: a log has thousands, and lists them on a page of its own."""


@dataclass(frozen=True, slots=True)
class Spot:
    """The bytes behind a row."""

    key: str
    part: int
    offset: int
    size: int
    name: str
    raw: bytes = field(repr=False)
    meaning: str = ""
    around: tuple[int, int] | None = None
    """The structure that holds it, as start and end."""

    @property
    def end(self) -> int:
        """Offset after the last byte."""
        return self.offset + self.size


@dataclass(frozen=True, slots=True)
class Structure:
    """Rows for the tree, and every field of each part by its place."""

    rows: list[Row]
    spots: tuple[tuple[Spot, ...], ...]
    """By part; the leaves in the order of their offsets."""

    def at(self, part: int, offset: int) -> Spot | None:
        """The smallest field that holds a byte."""
        if not 0 <= part < len(self.spots):
            return None
        spots = self.spots[part]
        place = bisect_right(spots, offset, key=lambda spot: spot.offset) - 1
        if place < 0 or spots[place].end <= offset:
            return None
        return spots[place]


def structure_columns() -> tuple[Column, ...]:
    """Field, value, meaning, place."""
    return (
        Column("field", tr("Field"), "qe_report.report_data"),
        Column("value", tr("Value"), "110ea35d…aa14f00d", mono=True, stretch=2),
        Column("meaning", tr("Meaning"), "Debug off, 64-bit, initialised", drop=1, stretch=3),
        Column("place", tr("Bytes"), "0000\u20130000", mono=True, drop=2),
    )


def structure_of(examination: Examination) -> Structure:
    """Everything that the tree shows."""
    groups: list[Row] = []
    places: list[tuple[Spot, ...]] = []
    for number, part in enumerate(examination.parts):
        leaves: list[Spot] = []
        nodes = examination.tree(number)
        # In JSON a field's bytes are letters: they say what they are themselves.
        is_json = part.data.lstrip()[:1] == b"{"
        rows = [_row(_read(node) if is_json else node, number, "", None, leaves) for node in nodes]
        places.append(tuple(sorted(leaves, key=lambda spot: spot.offset)))
        left = len(rows) - _MOST
        more = tr("{0} more, see the event log").format(left) if left > 0 else ""
        groups.append(_group(number, part.name, len(part.data), rows[:_MOST], more))
    return Structure(groups, tuple(places))


def _group(number: int, name: str, size: int, rows: Sequence[Row], more: str) -> Row:
    cells = (
        Text(name, weight=600, icon="file"),
        Text(size_words(size), color="text2"),
        Text(more, color="text2"),
        Text(span_words(0, size), color="text3", mono=True),
    )
    spot = Spot(f"{number}", number, 0, size, name, b"")
    return Row(f"{number}", cells, kind=RowKind.CLAIM, children=list(rows), data=spot)


def _row(
    node: Node, part: int, above: str, around: tuple[int, int] | None, leaves: list[Spot]
) -> Row:
    name = f"{above}.{node.name}" if above else node.name
    key = f"{part}:{name}:{node.offset}"
    spot = Spot(key, part, node.offset, node.size, name, node.raw, node.meaning, around)
    inside = (node.offset, node.offset + node.size)
    children = [_row(child, part, name, inside, leaves) for child in node.children]
    if not children:
        leaves.append(spot)
    cells = (
        Text(node.name, mono=True, weight=500 if children else 400),
        _value(node),
        Text(node.meaning, color="text2", hint=node.meaning),
        Text(span_words(node.offset, node.size), color="text3", mono=True),
    )
    return Row(key, cells, kind=RowKind.CLAIM, children=children, data=spot, search=name)


def _read(node: Node) -> Node:
    short = len(node.raw) <= _LONG
    words = " ".join(node.raw.decode("utf-8", "replace").split()) if short else ""
    inner = tuple(_read(child) for child in node.children)
    return replace(node, meaning="" if inner else words, children=inner)


def _value(node: Node) -> Text:
    if node.children or len(node.raw) > _LONG:
        return Text(size_words(node.size), color="text2")
    digits = node.raw.hex()
    zero = not any(node.raw)
    return Text(digits, color="text3" if zero else "text", mono=True, hint=digits)
