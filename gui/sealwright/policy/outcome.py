"""What an evaluation gives: the verdict, the sets, and how each rule came out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sealwright.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sealwright.claims.claim import Claim, ClaimSet, ClaimValue
    from sealwright.policy.source import Span
    from sealwright.policy.syntax import Condition


class RulePlace(NamedTuple):
    """Which rule; `number` counts from 1 within its section."""

    section: str
    number: int
    span: Span


class EvaluationError(PolicyError):
    """A rule failed at run time, or a limit was reached; the request fails (spec, 4 to 9, 19).

    Args:
        reason: one sentence.
        place: the rule that failed, None before the first one.
    """

    code = "PolicyEvaluationError"

    def __init__(self, reason: str, place: RulePlace | None = None, *, hint: str = "") -> None:
        details = {}
        if place is not None:
            details = {"section": place.section, "rule": str(place.number)}
        super().__init__(reason, hint=hint, details=details)
        self.place = place


class Miss(NamedTuple):
    """A claim that failed a condition, and the first test it failed."""

    claim: int
    property: str
    operator: str
    expected: tuple[ClaimValue, ...]
    actual: ClaimValue


class ConditionTrace(NamedTuple):
    """How one condition came out: places in the incoming set.

    When the condition asks for one type by name, only claims of that type are among the misses.
    """

    condition: Condition
    matched: tuple[int, ...]
    missed: tuple[Miss, ...]

    @property
    def holds(self) -> bool:
        """Whether the condition was true."""
        return bool(self.matched) is not self.condition.negated


class Effect(NamedTuple):
    """What a rule did; a verdict has no claim."""

    action: str
    claim: Claim | None


class RuleTrace(NamedTuple):
    """How one rule came out. Conditions after the first false one were not looked at."""

    place: RulePlace
    fired: bool
    conditions: tuple[ConditionTrace, ...]
    effects: tuple[Effect, ...]


ConditionRecord = tuple[
    "Condition",
    "tuple[int, ...]",
    "Sequence[tuple[int, str, str, tuple[ClaimValue, ...], ClaimValue]]",
]
RuleRecord = tuple[
    RulePlace, bool, "Sequence[ConditionRecord]", "Sequence[tuple[str, Claim | None]]"
]
"""A `RuleTrace` in plain tuples, which cost a quarter; `Outcome.trace` gives them their names."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one evaluation.

    Args:
        permitted: the decision.
        reason: why, in one sentence.
        decided_by: the rule that decided; None when no rule permitted.
        incoming: the set at the end, in order of arrival.
        outgoing: claims issued for the token, as they were issued.
        properties: property claims of issuancerules, as they were issued.
        configuration: what configurationrules set; the last one of a name counts.
        records: every rule that was tried.
        choices: names of the `Semantics` switches that mattered.
        warnings: properties that have no effect, one sentence each.
    """

    permitted: bool
    reason: str
    decided_by: RulePlace | None
    incoming: ClaimSet
    outgoing: ClaimSet
    properties: ClaimSet
    configuration: Mapping[str, ClaimValue]
    records: tuple[RuleRecord, ...]
    choices: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def trace(self) -> tuple[RuleTrace, ...]:
        """Every rule that was tried, in the order of evaluation."""
        # Lists first: a tuple made of a generator takes twice the time.
        return tuple(
            [
                RuleTrace(
                    place,
                    fired,
                    tuple([_condition_trace(each) for each in conditions]),
                    tuple([Effect(*effect) for effect in effects]),
                )
                for place, fired, conditions, effects in self.records
            ]
        )

    @property
    def decision(self) -> str:
        """`permit` or `deny`."""
        return "permit" if self.permitted else "deny"


def _condition_trace(record: ConditionRecord) -> ConditionTrace:
    condition, matched, missed = record
    misses = tuple([Miss(*each) for each in missed]) if missed else ()
    return ConditionTrace(condition, matched, misses)
