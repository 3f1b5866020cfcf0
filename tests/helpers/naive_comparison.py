"""Holds the evaluator and the naive one side by side."""

from __future__ import annotations

from helpers.naive_evaluator import Naive, NaiveError
from sealwright.claims import SERVICE_ISSUER, Claim
from sealwright.policy import check, parse
from sealwright.policy.checks import accepted
from sealwright.policy.evaluator import evaluate
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


def real(text: str, given_claims: list[Claim]) -> Outcome | None:
    try:
        return evaluate(parse(text), given_claims)
    except EvaluationError:
        return None


def rows(found: object) -> list[tuple[object, ...]]:
    assert hasattr(found, "__iter__")
    return [(row[0], type(row[1]), row[1], row[2], row[3]) for row in found]


def compare(text: str, given_claims: list[Claim]) -> None:
    assert accepted(check(parse(text))), check(parse(text))
    expected, actual = naive(text, given_claims), real(text, given_claims)
    assert (expected is None) == (actual is None)
    if expected is None or actual is None:
        return
    assert actual.permitted is expected.permitted
    assert rows(actual.incoming) == rows(expected.incoming)
    assert rows(actual.outgoing) == rows(expected.outgoing)
    assert rows(actual.properties) == rows(expected.properties)
