"""Holds the evaluator and the naive one side by side."""

from __future__ import annotations

from helpers.naive_evaluator import Naive, NaiveError
from sealwright.claims import SERVICE_ISSUER, Claim
from sealwright.policy import check, parse
from sealwright.policy.checking.checks import accepted
from sealwright.policy.evaluation.evaluator import PreparedPolicy, prepare
from sealwright.policy.outcome import EvaluationError, Outcome


def naive(text: str, given_claims: list[Claim]) -> Naive | None:
    rows = [
        (claim.type, claim.value, claim.issuer, claim.type == "pcrs" and claim[2] == SERVICE_ISSUER)
        for claim in given_claims
    ]
    run = Naive(parse(text), rows)
    try:
        run.run()
    except NaiveError:
        return None
    return run


def real(prepared: PreparedPolicy, given_claims: list[Claim]) -> Outcome | None:
    try:
        return prepared.evaluate(given_claims)
    except EvaluationError:
        return None


def rows(found: object) -> list[tuple[object, ...]]:
    assert hasattr(found, "__iter__")
    return [(row[0], type(row[1]), row[1], row[2], row[3]) for row in found]


def compare(text: str, given_claims: list[Claim]) -> None:
    """Recorded as at first, and decided by the compiled function as when it is asked often."""
    assert accepted(check(parse(text))), check(parse(text))
    expected, prepared = naive(text, given_claims), prepare(parse(text))
    recorded = real(prepared, given_claims)
    prepared.compile()
    decided = real(prepared, given_claims)
    for actual in (recorded, decided):
        assert (expected is None) == (actual is None)
        if expected is None or actual is None:
            continue
        assert actual.permitted is expected.permitted
        assert rows(actual.incoming) == rows(expected.incoming)
        assert rows(actual.outgoing) == rows(expected.outgoing)
        assert rows(actual.properties) == rows(expected.properties)
        assert actual.configuration == expected.configuration
    if recorded is not None and decided is not None:
        assert decided.decided_by == recorded.decided_by
        assert decided.account == recorded.account
