"""What has changed between two policies, as rows of plain values. Runs on a worker thread."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sealwright.desktop.messages import quoted
from sealwright.desktop.policies.words import tr

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.claims.claim import Claim
    from sealwright.policy import Policy
    from sealwright.policy.comparison import Change, DecisionChange, SemanticDiff
    from sealwright.policy.syntax import PlacedRule

_PARTS = re.compile(r"^When |, and |, | and |: ")


@dataclass(frozen=True, slots=True)
class MeaningRow:
    """One thing that differs; `kind` names its chip, `span` its place in the newer text."""

    kind: str
    now: str = ""
    before: str = ""
    line: int = 0
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Meaning:
    """Everything that differs. `problem` says why nothing could be compared."""

    rows: tuple[MeaningRow, ...] = ()
    problem: str = ""


def meaning_of(
    before: str,
    after: str,
    cases: Sequence[tuple[str, tuple[Claim, ...]]],
    kind: AttestationType | None,
) -> Meaning:
    """Compare what two texts decide and issue, and what becomes of the saved cases."""
    from sealwright.policy import parse, semantic_diff  # noqa: PLC0415 - after the first paint

    old, new = parse(before.removeprefix("\ufeff")), parse(after.removeprefix("\ufeff"))
    for policy, problem in (
        (old, tr("The other text has errors, so what it means cannot be compared.")),
        (new, tr("This text has errors. Correct them to see what changes in its meaning.")),
    ):
        if not policy.parses:
            return Meaning(problem=problem)
    return Meaning(tuple(_rows(semantic_diff(old, new, cases, kind), new)))


def _rows(diff: SemanticDiff, new: Policy) -> Iterator[MeaningRow]:
    if diff.versions is not None:
        before, now = (tr("Version {0}").format(each) for each in diff.versions)
        yield MeaningRow("changed", now, before)
    yield from (_change(change, new) for change in diff.changes)
    for name in diff.newly_required:
        yield MeaningRow("required", tr("{0} has to be there").format(name))
    for name in diff.no_longer_required:
        yield MeaningRow("free", "", tr("{0} had to be there").format(name))
    yield from (_decision(each) for each in diff.decisions)


def _change(change: Change, new: Policy) -> MeaningRow:
    placed = change.after
    now, before = (_sentence(each, change.section) for each in (placed, change.before))
    line = new.position(placed.span.start).line if placed is not None else 0
    return MeaningRow(
        change.kind.value,
        _what_differs(now, before),
        _what_differs(before, now),
        line,
        (placed.span.start, placed.span.end) if placed is not None else None,
    )


def _sentence(placed: PlacedRule | None, section: str) -> str:
    from sealwright.policy.writing.explanation import explain_rule  # noqa: PLC0415 - after the first paint

    if placed is None:
        return ""
    return quoted(explain_rule(placed.rule, section).removesuffix("."))


def _what_differs(sentence: str, other: str) -> str:
    """The parts of a sentence that the other one lacks; all of it where that leaves nothing."""
    if not sentence or not other:
        return sentence
    known = set(_PARTS.split(other))
    parts = [part for part in _PARTS.split(sentence) if part not in known]
    return ", ".join(parts) or sentence


def _decision(change: DecisionChange) -> MeaningRow:
    return MeaningRow(
        "decision",
        tr("{0}: {1}").format(change.name, _decided(change.after)),
        tr("{0}: {1}").format(change.name, _decided(change.before)),
    )


def _decided(decision: str) -> str:
    return {"permit": tr("permitted"), "deny": tr("not permitted")}.get(decision, decision)
