"""The outcome as JSON (spec cli, policy eval) and as the claims of a token (spec, 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sealwright.claims.claim import REGISTERED
from sealwright.claims.notation import claim_to_json
from sealwright.policy.checking.rule_checks import VALIDITY
from sealwright.policy.evaluation.functions import value_text
from sealwright.policy.evaluation.run import clamped_validity
from sealwright.policy.semantics import OUR_SEMANTICS, Semantics

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sealwright.claims.claim import Claim, ClaimValue
    from sealwright.policy.outcome import (
        ConditionTrace,
        EvaluationError,
        Miss,
        Outcome,
        RulePlace,
        RuleTrace,
    )
    from sealwright.policy.source import Span
    from sealwright.policy.syntax import Policy


_TOKEN_READINGS: Final = {
    "service_wins": OUR_SEMANTICS._replace(service_wins=False),
    "repeats_collapse": OUR_SEMANTICS._replace(repeats_collapse=False),
    "arrays_mix_types": OUR_SEMANTICS._replace(arrays_mix_types=False),
}


def range_to_json(policy: Policy, span: Span) -> dict[str, dict[str, int]]:
    """`{"start": {"line", "column", "offset"}, "end": ...}`."""
    return {
        "start": policy.position(span.start)._asdict(),
        "end": policy.position(span.end)._asdict(),
    }


def outcome_to_json(outcome: Outcome, policy: Policy, *, trace: bool = True) -> dict[str, Any]:
    """The document of the contract; `policy` is the one that was evaluated."""
    document: dict[str, Any] = {
        "decision": outcome.decision,
        "reason": outcome.reason,
        "decidedBy": outcome.decided_by and _place(outcome.decided_by, policy),
        "incoming": [claim_to_json(claim) for claim in outcome.incoming],
        "outgoing": [claim_to_json(claim) for claim in outcome.outgoing],
        "properties": [claim_to_json(claim) for claim in outcome.properties],
        "configuration": dict(outcome.configuration),
        "choices": list(outcome.choices),
        "warnings": list(outcome.warnings),
    }
    if trace:
        document["trace"] = [_rule(each, policy) for each in outcome.trace]
    return document


def failure_to_json(error: EvaluationError, policy: Policy) -> dict[str, Any]:
    """The `details` of a failure at run time: the rule, and the switches that it hung on."""
    details = _place(error.place, policy) if error.place is not None else {}
    return details | ({"choices": list(error.choices)} if error.choices else {})


def _place(place: RulePlace, policy: Policy) -> dict[str, Any]:
    return {
        "section": place.section,
        "rule": place.number,
        "range": range_to_json(policy, place.span),
    }


def _rule(rule: RuleTrace, policy: Policy) -> dict[str, Any]:
    return {
        **_place(rule.place, policy),
        "fired": rule.fired,
        "conditions": [_condition(each) for each in rule.conditions],
        "effects": [
            {"action": each.action, "claim": each.claim and claim_to_json(each.claim)}
            for each in rule.effects
        ],
    }


def _condition(condition: ConditionTrace) -> dict[str, Any]:
    return {
        "negated": condition.condition.negated,
        "matched": list(condition.matched),
        "missed": [_miss(each) for each in condition.missed],
    }


def _miss(miss: Miss) -> dict[str, Any]:
    expected = list(miss.expected)
    return {
        "claim": miss.claim,
        "property": miss.property,
        "operator": miss.operator,
        "expected": expected[0] if len(expected) == 1 else expected,
        "actual": miss.actual,
    }


def token_claims(
    service: Mapping[str, object],
    outgoing: Iterable[Claim],
    semantics: Semantics = OUR_SEMANTICS,
) -> dict[str, object]:
    """Members of the token: those of the service, then what the policy issued (spec, 12)."""
    issued: dict[str, list[ClaimValue]] = {}
    seen: set[tuple[str, type, ClaimValue]] = set()
    for claim in outgoing:
        values = issued.setdefault(claim.type, [])
        key = claim.type, type(claim.value), claim.value
        if key not in seen or not semantics.repeats_collapse:
            seen.add(key)
            values.append(claim.value)
    members = dict(service)
    for name, values in issued.items():
        if semantics.service_wins and (name in service or name in REGISTERED):
            continue
        members[name] = values[0] if len(values) == 1 else _array(values, semantics)
    return members


def _array(values: list[ClaimValue], semantics: Semantics) -> list[ClaimValue]:
    if semantics.arrays_mix_types or len(set(map(type, values))) == 1:
        return values
    return list(map(value_text, values))


def token_choices(service: Mapping[str, object], outgoing: Iterable[Claim]) -> Iterator[str]:
    """Names of the `Semantics` switches that the claims of the token hang on."""
    issued = tuple(outgoing)
    ours = token_claims(service, issued)
    for name, other in _TOKEN_READINGS.items():
        if token_claims(service, issued, other) != ours:
            yield name


def validity_minutes(
    properties: Iterable[Claim], default: int, semantics: Semantics = OUR_SEMANTICS
) -> int:
    """Life time of the token, the last property of that name counts (spec, 11)."""
    minutes = default
    for claim in properties:
        if claim.type == VALIDITY and type(claim.value) is int:
            allowed = clamped_validity(claim.value)
            if allowed == claim.value or semantics.validity_is_clamped:
                minutes = allowed
    return minutes
