"""The trace of an evaluation as rows for people: what held, what nearly did, what was expected."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sealwright.claims.claim import VALUE_TYPES, Claim, ClaimSet
from sealwright.pace import paced
from sealwright.policy.facts import facts_of, literal_value
from sealwright.policy.literals import literal_text, quote
from sealwright.policy.phrases import expression_text
from sealwright.policy.syntax import AUTHORIZATION, SECTIONS, Literal, Policy
from sealwright.policy.writing.explanation import explain_rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sealwright.claims.claim import ClaimValue
    from sealwright.policy.facts import Wanted
    from sealwright.policy.outcome import ConditionTrace, Outcome, RuleTrace
    from sealwright.policy.source import Span
    from sealwright.policy.syntax import PlacedRule, Rule


class RuleState(StrEnum):
    """How a rule came out."""

    FIRED = "fired"
    DENIED = "denied"
    NEARLY = "nearly"
    QUIET = "quiet"
    NOT_REACHED = "not-reached"


class CheckMark(StrEnum):
    """How one line of a rule came out."""

    HOLDS = "holds"
    FAILS = "fails"
    OPEN = "open"
    """Not looked at."""


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One condition, or one effect, of a rule."""

    mark: CheckMark
    text: str
    value: str


@dataclass(frozen=True, slots=True)
class NearMiss:
    """The condition that kept a rule from firing. `line` counts from 1."""

    line: int
    claim: str
    tested: str
    """`value`, `type`, `issuer` or `valueType`."""
    operator: str
    expected: str
    expected_type: str
    actual: str
    actual_type: str
    """Empty when there is no such claim."""

    @property
    def is_absence(self) -> bool:
        """Whether there is no claim of the type at all."""
        return not self.actual_type

    @property
    def sentence(self) -> str:
        """What to look at, for the verdict: begins in lower case."""
        if self.is_absence:
            return f"line {self.line} needs `{self.claim}`, and there is no such claim"
        if self.expected_type and self.expected_type != self.actual_type:
            actual, expected = _ARTICLES[self.actual_type], _ARTICLES[self.expected_type]
            return f"line {self.line} compares {actual} with {expected}"
        name = self.claim if self.tested == "value" else f"{self.tested} of {self.claim}"
        wanted = f"{self.operator} {self.expected}".strip()
        return f"line {self.line} needs {name} {wanted}, and it is {self.actual}"


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule in the order of evaluation; offsets and lines are those of the text."""

    section: str
    number: int
    title: str
    sentence: str
    state: RuleState
    span: Span
    first_line: int
    last_line: int
    checks: tuple[CheckRow, ...]
    miss: NearMiss | None = None


_ARTICLES: Final = {"Integer": "an integer", "String": "text", "Boolean": "a boolean"}
_LONG: Final = 20


def short_value(value: ClaimValue) -> str:
    """A value as a policy writes it, long ones shortened in the middle."""
    if isinstance(value, str) and len(value) > _LONG:
        return quote(f"{value[:4]}…{value[-4:]}")
    return literal_text(value)


def rule_rows(policy: Policy, outcome: Outcome) -> tuple[RuleRow, ...]:
    """Every rule of the policy, also those that were never reached."""
    traces = {trace.place.span: trace for trace in outcome.trace}
    rows = [
        _row(policy, placed, (section, number), traces.get(placed.span), outcome.incoming)
        for section in SECTIONS
        for number, placed in enumerate(paced(policy.section(section)), 1)
    ]
    if outcome.permitted or outcome.decided_by is not None:
        return tuple(rows)
    return tuple(_mark_near(rows, policy, traces))


def _mark_near(
    rows: list[RuleRow], policy: Policy, traces: Mapping[Span, RuleTrace]
) -> Iterator[RuleRow]:
    """The permits that came furthest are near misses."""
    permits = {
        placed.span
        for placed in policy.section(AUTHORIZATION)
        if placed.rule.action.verb == "permit"
    }
    held = {
        row.span: sum(each.mark is CheckMark.HOLDS for each in row.checks)
        for row in rows
        if row.span in permits and row.span in traces and row.miss is not None
    }
    most = max(held.values(), default=0)
    for row in rows:
        yield replace(row, state=RuleState.NEARLY) if held.get(row.span, -1) == most else row


def _row(
    policy: Policy,
    placed: PlacedRule,
    at: tuple[str, int],
    trace: RuleTrace | None,
    claims: ClaimSet,
) -> RuleRow:
    rule, span = placed.rule, placed.span
    section, number = at
    state, miss = RuleState.NOT_REACHED, None
    checks: tuple[CheckRow, ...] = ()
    if trace is not None:
        state = RuleState.FIRED if trace.fired else RuleState.QUIET
        if trace.fired and rule.action.verb == "deny":
            state = RuleState.DENIED
        checks = tuple(_checks(rule, trace, claims))
        miss = None if trace.fired else _miss(policy, placed, trace, claims)
    return RuleRow(
        section=section,
        number=number,
        title=rule_title(rule),
        sentence=explain_rule(rule, section),
        state=state,
        span=span,
        first_line=policy.position(span.start).line,
        last_line=policy.position(max(span.start, span.end - 1)).line,
        checks=checks,
        miss=miss,
    )


def rule_title(rule: Rule) -> str:
    """`permit()`, `issue tier`."""
    action = rule.action
    if action.verb in {"permit", "deny"}:
        return f"{action.verb}()"
    added = facts_of(rule).added
    return f"{action.verb} {added.claim_type}" if added and added.claim_type else action.verb


def _checks(rule: Rule, trace: RuleTrace, claims: ClaimSet) -> Iterator[CheckRow]:
    wanted = facts_of(rule).wanted
    for place, each in enumerate(wanted):
        if place < len(trace.conditions):
            yield _check(each, trace.conditions[place], claims)
        else:
            yield CheckRow(CheckMark.OPEN, condition_text(each), "not looked at")
    for effect in trace.effects:
        if effect.claim is not None:
            name, value = effect.claim.type, short_value(effect.claim.value)
            yield CheckRow(CheckMark.HOLDS, name, value)


def _check(wanted: Wanted, trace: ConditionTrace, claims: ClaimSet) -> CheckRow:
    text = condition_text(wanted)
    mark = CheckMark.HOLDS if trace.holds else CheckMark.FAILS
    return CheckRow(mark, text, _seen(trace, claims))


def _seen(trace: ConditionTrace, claims: ClaimSet) -> str:
    """The value of the claim that the condition turned on."""
    places = trace.matched or tuple(miss.claim for miss in trace.missed)
    if not places:
        return "no such claim"
    shown = short_value(claims[places[0]].value)
    return f"{shown} +{len(places) - 1}" if len(places) > 1 else shown


def condition_text(wanted: Wanted) -> str:
    """A condition in short: claim, operator, value; long texts are left to the value column."""
    name = wanted.claim_type or "any claim"
    parts = []
    for test in wanted.values:
        value = literal_value(test.expression)
        shown = expression_text(test.expression) if value is None else short_value(value)
        parts.append(f"{test.comparison} {shown}")
    text = " ".join([name, *parts])
    if wanted.issuer:
        text += f" by {wanted.issuer}"
    return f"not {text}" if wanted.condition.negated else text


def _miss(
    policy: Policy, placed: PlacedRule, trace: RuleTrace, claims: ClaimSet
) -> NearMiss | None:
    """Why the last condition that was looked at failed; None when there was none."""
    if not trace.conditions:
        return None
    last = trace.conditions[-1]
    wanted = facts_of(placed.rule).wanted[len(trace.conditions) - 1]
    name = wanted.claim_type or "claim"
    if last.condition.negated or not last.missed:
        return _presence(policy, placed, last, name, claims)
    miss = last.missed[0]
    found = (each for each in last.condition.tests if each.property == miss.property)
    test = next(found, last.condition.tests[0])
    expected = miss.expected[0] if miss.expected else None
    if expected is None and isinstance(test.expression, Literal):
        expected = test.expression.value
    return NearMiss(
        line=policy.position(placed.base + test.start).line,
        claim=wanted.claim_type or claims[miss.claim].type,
        tested=miss.property,
        operator=miss.operator,
        expected="nothing" if expected is None else short_value(expected),
        expected_type="" if expected is None else VALUE_TYPES[type(expected)],
        actual=short_value(miss.actual),
        actual_type=VALUE_TYPES[type(miss.actual)],
    )


def _presence(
    policy: Policy, placed: PlacedRule, last: ConditionTrace, name: str, claims: ClaimSet
) -> NearMiss:
    line = policy.position(placed.base + last.condition.start).line
    seen: Claim | None = claims[last.matched[0]] if last.matched else None
    if seen is not None:
        value = short_value(seen.value)
        return NearMiss(line, name, "value", "", "no such claim", "", value, seen.value_type)
    return NearMiss(line, name, "value", "", "the claim", "", "no such claim", "")
