"""From text to tree and, after an edit, from tree to tree.

The text is read piece by piece (`lexer.read_piece`). Each piece is parsed by itself, knowing only
whether it stands before the version line, between sections or inside one. So an error never
reaches further than the next `;` or `}`, and an edit re-reads its own piece and its neighbour.
"""

from __future__ import annotations

import gc
from bisect import bisect_right
from contextlib import contextmanager
from operator import is_
from typing import TYPE_CHECKING, Final

from sealwright.pace import pace
from sealwright.policy.diagnostics import Diagnostic, Severity, Unexpected
from sealwright.policy.limits import DEFAULT_LIMITS, Limits
from sealwright.policy.reading.lexer import read_piece
from sealwright.policy.reading.piece import IGNORED, INSIDE, START, PieceParser
from sealwright.policy.reading.plain_rules import plain_rule
from sealwright.policy.source import Span
from sealwright.policy.syntax import Chunk, Policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_new: Final = tuple.__new__  # half the time of the constructor


@contextmanager
def without_collector() -> Iterator[None]:
    """Pause the cycle collector: a tree has no cycles, and walking it takes most of the time.

    Who finds it paused leaves it so. Of two threads that come at the same time the first to end
    wakes it for the other too, which costs time and nothing else.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@without_collector()
def parse(text: str, limits: Limits = DEFAULT_LIMITS) -> Policy:
    """The tree of any text; what is wrong with it is in `Policy.syntax_errors`."""
    if len(text) > limits.text_bytes or len(text.encode(errors="replace")) > limits.text_bytes:
        return Policy((_oversized(text, limits),), limits)
    chunks: list[Chunk] = []
    give_way = pace()
    begin, state = 0, START
    while begin < len(text):
        give_way()
        chunk = _read_chunk(text, begin, state, limits)
        chunks.append(chunk)
        begin += len(chunk.text)
        state = chunk.after
    return Policy(_closed(chunks, state, limits), limits)


class TooMuchError(Exception):
    """An edit has more of a text read anew than was allowed."""


def reparse(policy: Policy, start: int, end: int, new_text: str, most: int | None = None) -> Policy:
    """The tree after the characters `start` to `end` were replaced; untouched chunks are shared.

    Raises:
        TooMuchError: more than `most` chunks would be read.
    """
    old, starts = policy.chunks, policy.starts
    before = policy.text
    text = before[:start] + new_text + before[end:]
    limits = policy.limits
    if len(old) == 1 or len(text) > limits.text_bytes // 4:
        size = len(text.encode(errors="replace"))
        if len(old) == 1 or size > limits.text_bytes:
            allow(len(old), most)
            return parse(text, limits)
    first = max(0, bisect_right(starts, start) - 4)
    shift = len(text) - len(before)
    chunks = list(old[:first])
    begin, state = starts[first], old[first].before
    follower = bisect_right(starts, end)
    place = first
    give_way = pace()
    while begin < len(text):
        give_way()
        chunk = _read_chunk(text, begin, state, limits)
        # What came out as before is the same one: whoever knows it need not look again.
        if place < len(old) and chunk == old[place]:
            chunk = old[place]
        chunks.append(chunk)
        place += 1
        allow(place - first, most)
        begin += len(chunk.text)
        state = chunk.after
        while follower < len(old) and starts[follower] + shift < begin:
            follower += 1
        if (
            follower < len(old)
            and starts[follower] + shift == begin
            and old[follower].before == state
        ):
            return Policy((*chunks, *old[follower:]), limits)
    return Policy(_closed(chunks, state, limits), limits)


def kept_chunks(old: tuple[Chunk, ...], new: tuple[Chunk, ...]) -> tuple[int, int]:
    """How many chunks an edit left alone at the beginning and at the end."""
    head = _alike(old, new)
    most = min(len(old), len(new)) - head
    return head, min(most, _alike(reversed(old), reversed(new)))


def _alike(old: Iterable[Chunk], new: Iterable[Chunk]) -> int:
    """How many are the same ones from the beginning on."""
    same = [*map(is_, old, new), False]
    return same.index(False)


def allow(count: int, most: int | None) -> None:
    """Raise `TooMuchError` when it is more."""
    if most is not None and count > most:
        raise TooMuchError


def _read_chunk(text: str, begin: int, state: int, limits: Limits) -> Chunk:
    plain = plain_rule(text, begin) if state == INSIDE else None
    if plain is not None:
        rule, end = plain
        return _new(Chunk, (text[begin:end], (rule,), (), INSIDE, INSIDE))
    return read_chunk(text, begin, state, limits)


def read_chunk(text: str, begin: int, state: int, limits: Limits) -> Chunk:
    """The piece of the text that begins at an offset, token by token."""
    piece = read_piece(text, begin)
    parser = PieceParser(piece, text, begin, state, limits)
    parser.parse()
    nodes, problems = tuple(parser.nodes), tuple(parser.problems)
    return Chunk(text[begin : piece.end], nodes, problems, state, parser.state)


def _closed(chunks: list[Chunk], state: int, limits: Limits) -> tuple[Chunk, ...]:
    """The chunks and, when the text stops too early, an empty one that says so."""
    if state != IGNORED:
        parser = PieceParser(read_piece("", 0), "", 0, state, limits)
        parser.finish()
        if parser.problems:
            chunks.append(Chunk("", (), tuple(parser.problems), state, state))
    return tuple(chunks)


def _oversized(text: str, limits: Limits) -> Chunk:
    problem = Diagnostic(
        "SW021",
        Severity.ERROR,
        f"The text is larger than {limits.text_bytes:,} bytes",
        Span(0, 0),
        "A policy of this size is not read at all.",
        unexpected=Unexpected(0, text[:1], ("a shorter text",), "policy"),
    )
    return Chunk(text, (), (problem,), START, IGNORED)
