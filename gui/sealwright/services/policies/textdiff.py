"""Two policy texts side by side: hunks of lines, with the words that differ inside a line.

Everything that differs shows: line ends are part of a line, since they change the policy hash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from operator import eq
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    _Opcode = tuple[str, int, int, int, int]

CONTEXT: Final = 3
_WORD: Final = re.compile(r"\w+|\s+|[^\w\s]")
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_WORD_LIMIT: Final = 2_000
_SIMILAR: Final = 0.4


class LineKind(StrEnum):
    """What happened to a line."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Change:
    """A changed stretch of a line, in code points, end excluded."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line without its end. Numbers count from 1; None where the line is not on that side."""

    kind: LineKind
    old_number: int | None
    new_number: int | None
    text: str
    line_end: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Hunk:
    """Changed lines with their context."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    lines: tuple[DiffLine, ...]

    @property
    def header(self) -> str:
        """The `@@` line of a unified diff."""
        old, new = f"{self.old_start},{self.old_count}", f"{self.new_start},{self.new_count}"
        return f"@@ -{old} +{new} @@"


@dataclass(frozen=True, slots=True)
class TextDiff:
    """The difference of two texts."""

    equal: bool
    hunks: tuple[Hunk, ...]
    added: int
    removed: int
    only_line_ends: bool
    """The texts differ in line ends and in nothing else."""


def lines(count: int) -> str:
    """So many lines, in words."""
    return "1 line" if count == 1 else f"{count} lines"


def diff_texts(old: str, new: str, *, context: int = CONTEXT) -> TextDiff:
    """Compare line by line; `context` lines are kept around each change."""
    if old == new:
        return TextDiff(equal=True, hunks=(), added=0, removed=0, only_line_ends=False)
    before, after = _LINE.findall(old), _LINE.findall(new)
    hunks = tuple(_hunk(group, before, after) for group in _groups(before, after, max(context, 0)))
    kinds = [line.kind for hunk in hunks for line in hunk.lines]
    return TextDiff(
        equal=False,
        hunks=hunks,
        added=kinds.count(LineKind.ADDED),
        removed=kinds.count(LineKind.REMOVED),
        only_line_ends=_bare(before) == _bare(after),
    )


def _groups(before: list[str], after: list[str], context: int) -> Iterator[list[_Opcode]]:
    """Changes with the lines around them; those with few lines between them stay together."""
    group: list[_Opcode] = []
    for change in _changes(before, after):
        start = change[1]
        if group and start - group[-1][2] > 2 * context:
            group.append(_after(group[-1], min(context, len(before) - group[-1][2])))
            yield group
            group = []
        if group:
            group.append(_after(group[-1], start - group[-1][2]))
        else:
            kept = min(context, start)
            group.append(("equal", start - kept, start, change[3] - kept, change[3]))
        group.append(change)
    if group:
        group.append(_after(group[-1], min(context, len(before) - group[-1][2])))
        yield group


def _after(change: _Opcode, count: int) -> _Opcode:
    """The equal lines behind a change."""
    _, _, old, _, new = change
    return "equal", old, old + count, new, new + count


def _changes(before: list[str], after: list[str]) -> Iterator[_Opcode]:
    """As `difflib` finds them; what both begin and end with is not searched through."""
    head = _alike(before, after)
    tail = _alike(reversed(before[head:]), reversed(after[head:]))
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    for tag, low, high, low2, high2 in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if tag != "equal":
            yield tag, head + low, head + high, head + low2, head + high2


def _alike(before: Iterable[str], after: Iterable[str]) -> int:
    """How many lines are the same from the beginning on."""
    same = [*map(eq, before, after), False]
    return same.index(False)


def _bare(lines: Sequence[str]) -> list[str]:
    return [line.rstrip("\r\n") for line in lines]


def _hunk(group: Sequence[_Opcode], before: list[str], after: list[str]) -> Hunk:
    first, last = group[0], group[-1]
    lines: list[DiffLine] = []
    for tag, old_from, old_to, new_from, new_to in group:
        if tag == "equal":
            lines += _same(before, old_from, old_to, new_from)
        else:
            lines += _changed(before, range(old_from, old_to), after, range(new_from, new_to))
    old_count, new_count = last[2] - first[1], last[4] - first[3]
    return Hunk(
        old_start=first[1] + (1 if old_count else 0),
        old_count=old_count,
        new_start=first[3] + (1 if new_count else 0),
        new_count=new_count,
        lines=tuple(lines),
    )


def _same(before: list[str], start: int, end: int, new_start: int) -> Iterator[DiffLine]:
    for offset, line in enumerate(before[start:end]):
        text, line_end = _cut(line)
        numbers = start + offset + 1, new_start + offset + 1
        yield DiffLine(LineKind.SAME, *numbers, text, line_end)


def _changed(before: list[str], old: range, after: list[str], new: range) -> Iterator[DiffLine]:
    pairs = [_words(before[a], after[b]) for a, b in zip(old, new, strict=False)]
    for place, index in enumerate(old):
        marks = pairs[place][0] if place < len(pairs) else ()
        text, line_end = _cut(before[index])
        yield DiffLine(LineKind.REMOVED, index + 1, None, text, line_end, marks)
    for place, index in enumerate(new):
        marks = pairs[place][1] if place < len(pairs) else ()
        text, line_end = _cut(after[index])
        yield DiffLine(LineKind.ADDED, None, index + 1, text, line_end, marks)


def _cut(line: str) -> tuple[str, str]:
    text = line.rstrip("\r\n")
    return text, line[len(text) :]


def _words(old: str, new: str) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """The stretches that differ, left and right; none when the lines have little in common."""
    left, right = _WORD.findall(_cut(old)[0]), _WORD.findall(_cut(new)[0])
    if len(left) + len(right) > _WORD_LIMIT:
        return (), ()
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    if matcher.ratio() < _SIMILAR:
        return (), ()
    changed = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return (
        _stretches(left, [(code[1], code[2]) for code in changed]),
        _stretches(right, [(code[3], code[4]) for code in changed]),
    )


def _stretches(words: list[str], ranges: Sequence[tuple[int, int]]) -> tuple[Change, ...]:
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word))
    return tuple(Change(starts[a], starts[b]) for a, b in ranges if a < b)
