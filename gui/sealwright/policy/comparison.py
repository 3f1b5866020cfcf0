"""What has changed between two policies, rule by rule and in what they decide."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from sealwright.pace import paced
from sealwright.policy.evaluation.evaluator import prepare
from sealwright.policy.facts import facts_of
from sealwright.policy.outcome import EvaluationError
from sealwright.policy.phrases import expression_text
from sealwright.policy.syntax import (
    AUTHORIZATION,
    SECTIONS,
    Call,
    Literal,
    PlacedRule,
    Policy,
    Reference,
    Rule,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.claims.claim import Claim
    from sealwright.policy.evaluation.evaluator import PreparedPolicy


class ChangeKind(StrEnum):
    """What happened to a rule."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


class Change(NamedTuple):
    """One rule that differs; `before` and `after` are None where it did not stand."""

    kind: ChangeKind
    section: str
    before: PlacedRule | None
    after: PlacedRule | None


class DecisionChange(NamedTuple):
    """A case that comes out differently: `permit`, `deny` or `error: ...`."""

    name: str
    before: str
    after: str


class SemanticDiff(NamedTuple):
    """Everything that differs; blanks, comments and names of claims never do."""

    versions: tuple[str, str] | None
    changes: tuple[Change, ...]
    newly_required: tuple[str, ...]
    no_longer_required: tuple[str, ...]
    decisions: tuple[DecisionChange, ...]

    @property
    def equal(self) -> bool:
        """Whether the policies mean the same."""
        return not (self.versions or self.changes)


def semantic_diff(
    before: Policy,
    after: Policy,
    cases: Iterable[tuple[str, Iterable[Claim]]] = (),
    attestation_type: AttestationType | None = None,
) -> SemanticDiff:
    """Compare two policies that parse.

    Args:
        before: the older one.
        after: the newer one.
        cases: named claim sets on which both are tried.
        attestation_type: of both, when it is known.
    """
    versions = (before.version or "", after.version or "")
    old, new = _required(before), _required(after)
    return SemanticDiff(
        versions if versions[0] != versions[1] else None,
        tuple(
            change
            for name in SECTIONS
            for change in _changes(name, before.section(name), after.section(name))
        ),
        tuple(name for name in new if name not in old),
        tuple(name for name in old if name not in new),
        tuple(_decisions(before, after, cases, attestation_type)),
    )


def rule_key(rule: Rule) -> str:
    """A rule without blanks and with its own names replaced, so that equal keys mean the same."""
    names = {each.name: f"c{place}" for place, each in enumerate(rule.conditions) if each.name}
    used = _used_names(rule)
    parts = []
    for condition in rule.conditions:
        tests = ",".join(
            f"{test.property}{test.comparison}{_text(test.expression, names)}"
            for test in condition.tests
        )
        label = f"{names[condition.name]}:" if condition.name and condition.name in used else ""
        parts.append(f"{'!' * condition.negated}{label}[{tests}]")
    action = rule.action
    inner = ",".join(f"{each[0]}={_text(each[1], names)}" for each in action.assignments)
    if action.copy:
        inner = f"claim={names.get(action.copy, action.copy)}"
    return f"{'&&'.join(parts)}=>{action.verb}({inner})"


def _text(expression: object, names: dict[str, str]) -> str:
    if isinstance(expression, Reference):
        return f"{names.get(expression.name, expression.name)}.{expression.property}"
    if isinstance(expression, Call):
        inner = ",".join(_text(each, names) for each in expression.arguments)
        return f"{expression.function}({inner})"
    assert isinstance(expression, Literal)  # noqa: S101 - the third of three
    return expression_text(expression)


def _used_names(rule: Rule) -> set[str]:
    names = {rule.action.copy}
    stack = [test.expression for each in rule.conditions for test in each.tests]
    stack += [each.expression for each in rule.action.assignments]
    while stack:
        expression = stack.pop()
        if isinstance(expression, Reference):
            names.add(expression.name)
        elif isinstance(expression, Call):
            stack += expression.arguments
    return names


def _changes(
    section: str, before: tuple[PlacedRule, ...], after: tuple[PlacedRule, ...]
) -> Iterator[Change]:
    old = [rule_key(each.rule) for each in paced(before)]
    new = [rule_key(each.rule) for each in paced(after)]
    removed, added = _unmatched(old, new)
    for place in paced(list(added)):
        source = next((each for each in removed if old[each] == new[place]), None)
        kind = ChangeKind.MOVED
        if source is None:
            source = _counterpart(removed, before, after[place].rule)
            kind = ChangeKind.CHANGED
        if source is not None:
            removed.remove(source)
            added.remove(place)
            yield Change(kind, section, before[source], after[place])
    for source in removed:
        yield Change(ChangeKind.REMOVED, section, before[source], None)
    for place in added:
        yield Change(ChangeKind.ADDED, section, None, after[place])


def _unmatched(old: list[str], new: list[str]) -> tuple[list[int], list[int]]:
    """Places of rules that stand only on one side, or elsewhere on the other."""
    from difflib import SequenceMatcher  # noqa: PLC0415 - only a comparison pays for it

    removed: list[int] = []
    added: list[int] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, low, high, low2, high2 in matcher.get_opcodes():
        if tag != "equal":
            removed += range(low, high)
            added += range(low2, high2)
    # Equal rules first: a moved rule must not be taken for the changed form of another.
    gone = {old[each] for each in removed}
    added.sort(key=lambda place: new[place] not in gone)
    return removed, added


def _counterpart(removed: list[int], before: tuple[PlacedRule, ...], rule: Rule) -> int | None:
    """The removed rule that was most likely turned into this one: same effect, shared claims."""
    wanted = _outline(rule)
    best, most = None, 0
    for place in removed:
        outline = _outline(before[place].rule)
        shared = len(wanted & outline)
        if before[place].rule.action.verb == rule.action.verb and shared > most:
            best, most = place, shared
    return best


def _outline(rule: Rule) -> set[tuple[str, str]]:
    facts = facts_of(rule)
    outline = {("wants", each.claim_type) for each in facts.wanted if each.claim_type}
    if facts.added:
        outline.add(("adds", facts.added.claim_type))
    return outline


def _required(policy: Policy) -> list[str]:
    """Claim types without which no rule permits, in the order of the text."""
    names: dict[str, None] = {}
    for placed in policy.section(AUTHORIZATION):
        if placed.rule.action.verb == "permit":
            for wanted in facts_of(placed.rule).wanted:
                if wanted.claim_type and not wanted.condition.negated:
                    names[wanted.claim_type] = None
    return list(names)


def _decisions(
    before: Policy,
    after: Policy,
    cases: Iterable[tuple[str, Iterable[Claim]]],
    attestation_type: AttestationType | None,
) -> Iterator[DecisionChange]:
    listed = [(name, list(claims)) for name, claims in cases]
    if not listed:
        return
    old = prepare(before, attestation_type=attestation_type)
    new = prepare(after, attestation_type=attestation_type)
    for name, claims in listed:
        first, second = _decision(old, claims), _decision(new, claims)
        if first != second:
            yield DecisionChange(name, first, second)


def _decision(policy: PreparedPolicy, claims: list[Claim]) -> str:
    try:
        return policy.evaluate(claims).decision
    except EvaluationError as error:
        return f"error: {error.summary}"
