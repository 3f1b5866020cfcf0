"""The fix for a denial below a permit: it moves up, with its comment, where nothing hangs on it.

The order of verdicts does not matter. The order of a rule that adds a claim does, for a condition
sees only what was added above it; so nothing is offered across such a rule.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.policy.diagnostics import Edit, Fix
from sealwright.policy.source import Span
from sealwright.policy.syntax import AUTHORIZATION, Policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.policy.checking.lint_piece import KnownPiece

_BLANKS: Final = " \t\r"
_VERDICTS: Final = frozenset(("permit", "deny"))


class FirstPermit(NamedTuple):
    """The first permit of a policy, and the first piece behind it in which a rule adds a claim."""

    span: Span
    adder: int | None


def first_permit(policy: Policy, pieces: Sequence[KnownPiece]) -> FirstPermit | None:
    """The first permit; None when there is none, or when its section is read twice."""
    span: Span | None = None
    for place, piece in enumerate(pieces):
        for facts, section in piece.rules:
            if section != AUTHORIZATION:
                continue
            rule = facts.rule
            if span is None and rule.action.verb == "permit":
                base = policy.starts[place]
                span = Span(base + rule.start, base + rule.end)
            elif span is not None and rule.action.verb not in _VERDICTS:
                return FirstPermit(span, place)
    return FirstPermit(span, None) if span else None


def move_up(policy: Policy, first: FirstPermit, deny: Span) -> Fix | None:
    """The fix that puts a denial before the first permit."""
    starts = policy.starts
    if first.adder is not None and first.adder < bisect_right(starts, deny.start):
        return None
    text = policy.text
    block, before = _block(text, deny), _block(text, first.span)
    if block is not None and before is not None:
        cut, at, moved = block, before.start, text[block.start : block.end]
    else:
        begin = len(text[: deny.start].rstrip(_BLANKS))
        cut, at = Span(begin, deny.end), first.span.start
        moved = text[deny.start : deny.end] + " "
    return Fix("Move it above the permits", (Edit(Span(at, at), moved), Edit(cut, "")))


def _block(text: str, rule: Span) -> Span | None:
    """The lines of a rule and of the comment above it; None when it shares a line."""
    start = text.rfind("\n", 0, rule.start) + 1
    end = text.find("\n", rule.end)
    if end < 0 or text[start : rule.start].strip(_BLANKS):
        return None
    rest = text[rule.end : end].strip(_BLANKS)
    if rest and not rest.startswith("//"):
        return None
    while start:
        above = text.rfind("\n", 0, start - 1) + 1
        if not text[above:start].lstrip(_BLANKS).startswith("//"):
            break
        start = above
    return Span(start, end + 1)
