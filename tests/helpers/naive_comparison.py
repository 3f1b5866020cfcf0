"""Holds the evaluator and the naive one side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.naive_evaluator import Naive
from helpers.naive_functions import NaiveError
from sealwright.policy import check, parse
from sealwright.policy.checking.checks import accepted
from sealwright.policy.evaluation.evaluator import PreparedPolicy, prepare
from sealwright.policy.outcome import EvaluationError, Outcome
from sealwright.policy.semantics import OUR_SEMANTICS, SWITCHES, Semantics, turned

if TYPE_CHECKING:
    from sealwright.claims import Claim

_OF_THE_TOKEN = {"service_wins", "repeats_collapse", "arrays_mix_types"}


def naive(text: str, given_claims: list[Claim], semantics: Semantics = OUR_SEMANTICS) -> Naive:
    """The finished evaluation; `trying` is the rule that failed, or "" when none did."""
    run = Naive(parse(text), [(*claim[:3], False) for claim in given_claims], semantics)
    try:
        run.run()
    except NaiveError:
        return run
    run.done = True
    return run


def real(prepared: PreparedPolicy, given_claims: list[Claim]) -> Outcome | EvaluationError:
    try:
        return prepared.evaluate(given_claims)
    except EvaluationError as error:
        return error


def rows(found: object) -> list[tuple[object, ...]]:
    assert hasattr(found, "__iter__")
    return [(row[0], type(row[1]), row[1], row[2], row[3]) for row in found]


def compare(
    text: str, given_claims: list[Claim], semantics: Semantics = OUR_SEMANTICS
) -> Outcome | EvaluationError:
    """Recorded as at first, and decided by the compiled function as when it is asked often."""
    problems = check(parse(text), None, semantics)
    assert accepted(problems), problems
    expected, prepared = naive(text, given_claims, semantics), prepare(parse(text), semantics)
    recorded = real(prepared, given_claims)
    prepared.compile()
    decided = real(prepared, given_claims)
    for actual in (recorded, decided):
        if isinstance(actual, EvaluationError):
            assert not expected.done
            assert (actual.place and actual.place[:2]) == expected.trying
            continue
        assert expected.done
        assert actual.permitted is expected.permitted
        assert rows(actual.incoming) == rows(expected.incoming)
        assert rows(actual.outgoing) == rows(expected.outgoing)
        assert rows(actual.properties) == rows(expected.properties)
        assert actual.configuration == expected.configuration
    if isinstance(recorded, Outcome) and isinstance(decided, Outcome):
        assert decided.decided_by == recorded.decided_by
        assert decided.account == recorded.account
        assert decided.choices == recorded.choices
    return decided


def choices_by_trial(text: str, given_claims: list[Claim], semantics: Semantics) -> list[str]:
    """Every switch that, turned, gives something else: tried one by one."""
    policy = parse(text)
    ours = _matters(naive(text, given_claims, semantics))
    found = []
    for switch in sorted(set(SWITCHES) - _OF_THE_TOKEN):
        other = turned(semantics, switch)
        refused = not accepted(check(policy, None, other))
        if refused or _matters(naive(text, given_claims, other)) != ours:
            found.append(switch)
    return found


def _matters(run: Naive) -> tuple[object, ...]:
    if not run.done:
        return ("failure", run.trying)
    minutes = 0
    for kind, value, _, _ in run.properties:
        if kind == "report_validity_in_minutes":
            allowed = min(max(value, 1), 525_600)
            if allowed == value or run.semantics.validity_is_clamped:
                minutes = allowed
    sets = [[row[:3] for row in rows(each)] for each in (run.outgoing, run.properties)]
    return run.permitted, sets, sorted(run.configuration.items()), minutes
