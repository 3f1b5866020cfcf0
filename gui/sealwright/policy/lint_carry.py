"""Takes findings about the rules together over an edit that changes nothing they depend on.

They stay word for word; in the pieces that were edited they move to where the same part of the
rule stands now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.policy.diagnostics import Edit, Fix
from sealwright.policy.lint_flow import PlacedFinding
from sealwright.policy.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sealwright.policy.diagnostics import Diagnostic
    from sealwright.policy.facts import RuleFacts
    from sealwright.policy.lint_piece import KnownPiece


def carry(
    findings: tuple[PlacedFinding, ...],
    head: int,
    gone: Sequence[KnownPiece],
    fresh: Sequence[KnownPiece],
) -> tuple[PlacedFinding, ...] | None:
    """The findings after `gone` was replaced by `fresh`; None when one has lost its place.

    Args:
        findings: of the text before.
        head: number of pieces before both.
        gone: pieces of the text before, with rules of the same keys as those of `fresh`.
        fresh: pieces of the new text.
    """
    stop, shift = head + len(gone), len(fresh) - len(gone)
    moves = [_moves(old, new) for old, new in zip(gone, fresh, strict=False)]
    found = []
    for each in findings:
        if each.chunk >= stop:
            found.append(PlacedFinding(each.chunk + shift, each.finding) if shift else each)
            continue
        if each.chunk >= head:
            moved = None if shift else _moved(each.finding, moves[each.chunk - head])
            if moved is None:
                return None
            each = PlacedFinding(each.chunk, moved)  # noqa: PLW2901 - the same one, elsewhere
        found.append(each)
    return tuple(found)


def _moves(old: KnownPiece, new: KnownPiece) -> dict[int, int]:
    """Offsets that findings begin and end at, before and after."""
    if len(old.rules) != len(new.rules):
        return {}
    moves: dict[int, int] = {}
    for (before, _), (after, _) in zip(old.rules, new.rules, strict=True):
        moves.update(zip(_offsets(before), _offsets(after), strict=False))
    return moves


def _offsets(facts: RuleFacts) -> Iterator[int]:
    for node in (facts.rule, facts.rule.action):
        yield from (node.start, node.end)
    for wanted in facts.wanted:
        for part in (wanted.condition, wanted.type_literal or wanted.condition):
            yield from (part.start, part.end)


def _moved(finding: Diagnostic, moves: dict[int, int]) -> Diagnostic | None:
    try:
        fix = finding.fix and Fix(
            finding.fix.title,
            tuple(Edit(_span(each.span, moves), each.new_text) for each in finding.fix.edits),
        )
        return finding._replace(span=_span(finding.span, moves), fix=fix)
    except KeyError:
        return None


def _span(span: Span, moves: dict[int, int]) -> Span:
    return Span(moves[span.start], moves[span.end])
