"""Names the switches that mattered, as far as only the whole evaluation tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.policy.facts import literal_string

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sealwright.claims.claim import Claim
    from sealwright.policy.outcome import ConditionTrace, RuleTrace
    from sealwright.policy.syntax import Condition


def choices_in_hindsight(
    configuration: Sequence[RuleTrace], trace: Sequence[RuleTrace], incoming: Sequence[Claim]
) -> set[str]:
    """What both ways of evaluating a policy name in the same way.

    Args:
        configuration: how the rules before the evidence came out.
        trace: how the others came out.
        incoming: the set at the end, whose places the trace names.
    """
    choices: set[str] = set()
    settings = {
        effect.claim.type for rule in configuration for effect in rule.effects if effect.claim
    }
    if settings and any(_looks_for(each.condition, settings) for each in _conditions(trace)):
        choices.add("configuration_is_apart")
    if any(_multiplies_repeats(rule, incoming) for rule in trace):
        choices.add("repeats_stay")
    return choices


def _conditions(trace: Iterable[RuleTrace]) -> Iterable[ConditionTrace]:
    return (condition for rule in trace for condition in rule.conditions)


def _looks_for(condition: Condition, types: set[str]) -> bool:
    """Whether claims of these types are among those that a condition looks at."""
    asked = [
        name
        for test in condition.tests
        if test.property == "type"
        and test.comparison == "=="
        and (name := literal_string(test.expression)) is not None
    ]
    return not asked or not types.isdisjoint(asked)


def _multiplies_repeats(rule: RuleTrace, incoming: Sequence[Claim]) -> bool:
    """Whether a rule made a claim for each of equal ones."""
    if len(rule.effects) < 2:  # noqa: PLR2004 - one claim, however many it was made of
        return False
    for condition in rule.conditions:
        matched = condition.matched
        if condition.condition.name and len(matched) > 1:
            different = {identity_of(incoming[place]) for place in matched}
            if len(different) < len(matched):
                return True
    return False


def identity_of(claim: Claim) -> tuple[str, type, object, str]:
    """What two claims share that are equal: true is not 1."""
    return claim.type, type(claim.value), claim.value, claim.issuer
