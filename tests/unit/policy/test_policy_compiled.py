"""A policy that is asked often is compiled, and says what it said before."""

from __future__ import annotations

import pytest

from helpers.evaluating import issued, run, service
from sealwright.claims import SERVICE_ISSUER, Claim
from sealwright.policy import parse
from sealwright.policy.evaluation.evaluator import prepare
from sealwright.policy.limits import Limits
from sealwright.policy.outcome import EvaluationError

CLAIMS = [
    Claim("zone", "a"),
    Claim("x-ms-sgx-is-debuggable", False, SERVICE_ISSUER),  # noqa: FBT003 - a claim value
    Claim("x-ms-sgx-svn", 7, SERVICE_ISSUER),
]
PLAIN = """version=1.1;
configurationrules { => issueproperty(type="x-ms-sgx-tcbidentifier", value="14"); };
authorizationrules {
    [type=="x-ms-sgx-is-debuggable", value==true] => deny();
    s:[type=="x-ms-sgx-svn", value>=2] && z:[type=="zone", issuer!="AttestationPolicy"]
        => add(claim=z);
    [type=="zone", issuer=="AttestationPolicy"] => permit();
};
issuancerules { s:[type=="x-ms-sgx-svn"] => issue(type="svn", value=s.value); };
"""


def test_a_policy_that_is_asked_often_is_compiled_and_says_the_same() -> None:
    prepared = prepare(parse(PLAIN))
    seen = {(outcome.reason, outcome.account) for outcome in map(prepared.evaluate, [CLAIMS] * 99)}
    assert len(seen) == 1
    assert prepared.compile()
    outcome = prepared.evaluate([Claim("zone", "a"), service("x-ms-sgx-svn", 1)])
    assert not outcome.permitted
    assert outcome.configuration == {"x-ms-sgx-tcbidentifier": "14"}
    assert outcome.trace[2].conditions[0].missed == ((0, "value", ">=", (2,), 1),)


@pytest.mark.parametrize(
    "rule",
    [
        'c:[type=="a"]=>add(type="b",value=AppendString(c.value,"x"));',
        'c:[type=="pcrs"]=>add(type="b",value=c.value);',
        'c:[type=="a"]=>add(type=c.value,value=1);',
    ],
)
def test_a_rare_shape_is_not_compiled(rule: str) -> None:
    prepared = prepare(parse(f"version=1.2;authorizationrules{{{rule}}};"))
    assert not prepared.compile()
    assert prepared.evaluate([]).reason == "No rule permitted the request."


@pytest.mark.parametrize(("count", "fits"), [(64, True), (65, False)])
def test_only_a_rule_beyond_the_usual_limit_has_too_many_conditions(
    count: int,
    fits: bool,  # noqa: FBT001 - what is expected
) -> None:
    rule = "&&".join(['[type=="a",value!=1]'] * count) + "=>permit();"
    policy = parse(f"version=1.0;authorizationrules{{{rule}}};", Limits(conditions=99))
    prepared = prepare(policy)
    assert prepared.compile() is fits
    assert prepared.evaluate([service("a", 2)]).permitted
    assert len(prepared.evaluate([service("a", 2)]).trace[0].conditions) == count


def test_what_a_compiled_policy_noted_says_which_test_a_claim_failed_first() -> None:
    rule = (
        'h:[type=="h"]&&s:[type=="a",value!=2,issuer=="CustomClaim",value>h.value]=>add(claim=s);'
    )
    prepared = prepare(parse(f"version=1.0;authorizationrules{{{rule}}};"))
    claims = [service("h", 5), service("a", 9), *(Claim("a", value) for value in (2, 4, "9", 9))]
    recorded = prepared.evaluate(claims).account
    assert prepared.compile()
    outcome = prepared.evaluate(claims)
    assert outcome.account == recorded
    condition = outcome.trace[0].conditions[1]
    assert condition.matched == (5,)
    assert [(miss.claim, miss.operator, miss.expected) for miss in condition.missed] == [
        (1, "==", ("CustomClaim",)),
        (2, "!=", (2,)),
        (3, ">", (5,)),
        (4, ">", (5,)),
    ]
    assert outcome.choices == ()


def test_claims_of_the_service_come_first_in_a_compiled_policy_too() -> None:
    rule = 'c:[type=="a"]=>issue(type="b",value=c.value);'
    mixed = (service("a", 1), Claim("a", 2), service("a", 3))
    assert issued(run(rule, *mixed)) == [1, 3, 2]


def test_a_compiled_policy_keeps_to_the_limits() -> None:
    rules = 'c:[type=="a"]=>add(type="a",value=c.value);' * 20 + "=>permit();"
    policy = parse(f"version=1.0;authorizationrules{{{rules}}};", Limits(claims=1_000, seconds=2))
    prepared = prepare(policy)
    assert prepared.compile()
    with pytest.raises(EvaluationError, match=r"more than 1,000 claims"):
        prepared.evaluate([service("a", 1)])
    assert prepared.evaluate([]).permitted
    ticks = iter(range(1_000_000))
    with pytest.raises(EvaluationError, match="longer than 2 seconds"):
        prepared.evaluate([], clock=lambda: float(next(ticks)) * 9)
