"""Which switches an evaluation hung on: those that, turned alone, give something else.

While a policy is evaluated, each switch is noted where its two readings part. What parted may meet
again further on; so every noted switch is turned, and the policy evaluated once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sealwright.claims.attestation_type import AttestationType
from sealwright.policy.evaluation.recorder import Recorder, prepare_rules
from sealwright.policy.evaluation.report import validity_minutes
from sealwright.policy.evaluation.run import identity_of
from sealwright.policy.outcome import EvaluationError
from sealwright.policy.semantics import turned
from sealwright.policy.syntax import CONFIGURATION, Call, Literal, Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sealwright.claims.claim import Claim
    from sealwright.policy.evaluation.recorder import Rules, Terms
    from sealwright.policy.outcome import Outcome
    from sealwright.policy.syntax import Test


class Case(NamedTuple):
    """What was evaluated, and by what terms."""

    terms: Terms
    rules: Rules
    claims: Sequence[Claim]


def noted_choices(case: Case, recorder: Recorder) -> set[str]:
    """What an evaluation noted, and what only its end, its terms or the rules tell."""
    noted, rules = set(recorder.noted), case.rules
    if not case.terms.semantics.read_only_types:
        noted.add("read_only_types")
    incoming = recorder.incoming
    if len(set(map(identity_of, incoming))) < len(incoming):
        noted.add("repeats_stay")
    if any(each.rule.conditions for each in rules[CONFIGURATION]):
        noted.add("configuration_is_blind")
    tests = [
        test
        for section in rules.values()
        for each in section
        for condition in each.rule.conditions
        for test in condition.tests
    ]
    # Claims of another type are not looked at one by one.
    names = {claim.type for claim in incoming} | _types_named(tests)
    if len({name.lower() for name in names}) < len(names):
        noted.add("strings_match_case")
    sides = {type(test.expression) for test in tests}
    if Call in sides:
        noted.add("rules_stop_early")
    if Reference in sides:
        noted.add("bindings_stay_whole")
    return noted


def _types_named(tests: Iterable[Test]) -> set[str]:
    sides = [test.expression for test in tests if test.property == "type"]
    return {str(side.value) for side in sides if isinstance(side, Literal)}


def choices_that_mattered(
    case: Case, noted: Iterable[str], ours: object, late: Callable[[], bool] | None
) -> list[str]:
    """Those of the noted switches without which the result is not `ours`.

    Args:
        case: the evaluation.
        noted: where readings parted.
        ours: what `result_of` or `failure_of` says of the evaluation.
        late: whether the time is up; what has not been tried until then counts as if it mattered.
    """
    return [each for each in noted if _result_of_turned(case, each, late) != ours]


def result_of(outcome: Outcome, terms: Terms) -> tuple[object, ...]:
    """What matters of an outcome: decision, claims and settings, but not how they came about."""
    minutes = 0
    if terms.attestation_type in {None, AttestationType.TPM}:
        minutes = validity_minutes(outcome.properties, 0, terms.semantics)
    settings = [(name, type(value), value) for name, value in outcome.configuration.items()]
    sets = (
        [identity_of(claim)[:3] for claim in outcome.outgoing],
        [identity_of(claim)[:3] for claim in outcome.properties],
    )
    return outcome.permitted, sets, sorted(settings, key=str), minutes


def failure_of(error: EvaluationError) -> tuple[object, ...]:
    """What matters of a failure: the rule that failed, whatever it was that it met first."""
    return ("failure", error.place)


def _result_of_turned(
    case: Case, switch: str, late: Callable[[], bool] | None
) -> tuple[object, ...]:
    terms = case.terms._replace(semantics=turned(case.terms.semantics, switch))
    rules = prepare_rules(case.rules, terms)
    try:
        return result_of(Recorder(terms, late).run(rules, case.claims), terms)
    except EvaluationError as error:
        return failure_of(error)
