"""Evaluates short policies; nobody may see whether a policy was compiled."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sealwright.claims import SERVICE_ISSUER, Claim, ClaimValue
from sealwright.policy import Policy, parse
from sealwright.policy.evaluation.evaluator import prepare
from sealwright.policy.outcome import EvaluationError, Outcome
from sealwright.policy.semantics import OUR_SEMANTICS, Semantics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.policy.limits import Limits


def service(name: str, value: ClaimValue) -> Claim:
    return Claim(name, value, SERVICE_ISSUER)


def run(
    rules: str,
    *claims: Claim,
    semantics: Semantics = OUR_SEMANTICS,
    limits: Limits | None = None,
) -> Outcome:
    text = f"version=1.2;authorizationrules{{=>permit();}};issuancerules{{{rules}}};"
    policy = parse(text, limits) if limits else parse(text)
    return twice(policy, claims, semantics)


def decide(rules: str, *claims: Claim, semantics: Semantics = OUR_SEMANTICS) -> Outcome:
    return twice(parse(f"version=1.2;authorizationrules{{{rules}}};"), claims, semantics)


def twice(policy: Policy, claims: Sequence[Claim], semantics: Semantics) -> Outcome:
    """Evaluate as when asked once and as when asked often; nobody may see a difference."""
    prepared = prepare(policy, semantics)
    try:
        first = prepared.evaluate(claims)
    except EvaluationError as error:
        prepared.compile()
        with pytest.raises(EvaluationError, match=re.escape(error.summary)):
            prepared.evaluate(claims)
        raise
    prepared.compile()
    second = prepared.evaluate(claims)
    assert second.decided_by == first.decided_by
    assert [second.incoming, second.outgoing, second.properties] == [
        first.incoming,
        first.outgoing,
        first.properties,
    ]
    assert second.account == first.account
    assert second.choices == first.choices
    return second


def issued(outcome: Outcome) -> list[object]:
    return [claim.value for claim in outcome.outgoing]
