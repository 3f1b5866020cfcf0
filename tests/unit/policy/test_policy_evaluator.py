"""The evaluator against the reference: worked example, functions, failures, switches, limits."""

from __future__ import annotations

import itertools
import json

import pytest

from helpers.evaluating import decide, issued, run, service, twice
from sealwright.claims import POLICY_ISSUER, SERVICE_ISSUER, AttestationType, Claim, ClaimValue
from sealwright.errors import PolicyError
from sealwright.policy import parse
from sealwright.policy.evaluation.evaluator import evaluate
from sealwright.policy.evaluation.report import outcome_to_json, token_claims, validity_minutes
from sealwright.policy.limits import Limits
from sealwright.policy.outcome import EvaluationError
from sealwright.policy.semantics import OUR_SEMANTICS

WORKED = """version=1.2;
authorizationrules {
    [type=="x-ms-sgx-is-debuggable", value==true] => deny();
    s:[type=="x-ms-sgx-svn", value>=5] => add(type="fresh", value=true);
    [type=="fresh", value==true] => permit();
};
issuancerules {
    z:[type=="zone", issuer=="CustomClaim"]
      => issue(type="zone", value=AppendString("eu-", z.value));
    f:[type=="fresh"] => issue(type="stale", value=NegateBool(f.value));
    ![type=="exception"] => issue(type="exception", value="none");
};
"""
CLAIMS = [
    Claim("zone", "a"),
    Claim("x-ms-sgx-is-debuggable", False, SERVICE_ISSUER),  # noqa: FBT003 - a claim value
    Claim("x-ms-sgx-svn", 7, SERVICE_ISSUER),
]


def test_worked_example() -> None:
    outcome = evaluate(parse(WORKED), CLAIMS)
    assert outcome.permitted
    assert outcome.reason == "Rule 3 of authorizationrules permitted the request."
    assert {claim.type: claim.value for claim in outcome.outgoing} == {
        "zone": "eu-a",
        "stale": False,
        "exception": "none",
    }
    assert [claim.type for claim in outcome.incoming][:3] == [
        "x-ms-sgx-is-debuggable",
        "x-ms-sgx-svn",
        "zone",
    ]


def test_the_trace_names_the_near_miss() -> None:
    policy = parse(WORKED)
    outcome = evaluate(policy, [service("x-ms-sgx-svn", 4)])
    document = outcome_to_json(outcome, policy)
    assert document["decision"] == "deny"
    assert document["decidedBy"] is None
    second = document["trace"][1]
    assert second["fired"] is False
    assert second["section"] == "authorizationrules"
    assert second["rule"] == 2
    assert second["range"]["start"] == {"line": 4, "column": 5, "offset": WORKED.index("s:[")}
    assert second["conditions"] == [
        {
            "negated": False,
            "matched": [],
            "missed": [
                {"claim": 0, "property": "value", "operator": ">=", "expected": 5, "actual": 4}
            ],
        }
    ]
    json.dumps(document)


@pytest.mark.parametrize(
    ("test", "value", "holds"),
    [
        ("value==1", 1, True),
        ("value==1", True, False),
        ("value!=1", True, True),
        ('value=="1"', 1, False),
        ('value!="1"', 1, True),
        ('value=="A"', "a", False),
        ("value>=5", 5, True),
        ("value<5", "4", False),
        ("value<5", False, False),
        ('valueType=="Integer"', 1, True),
        ('issuer=="AttestationService"', 1, True),
        ('type!="t"', 1, False),
    ],
)
def test_comparisons(test: str, value: ClaimValue, *, holds: bool) -> None:
    outcome = decide(f'[type=="t",{test}]=>permit();', service("t", value))
    assert outcome.permitted is holds


def test_a_condition_is_existential_and_not_is_not() -> None:
    two = (service("svn", 3), service("svn", 4))
    assert decide('[type=="svn",value!=3]=>permit();', *two).permitted
    assert not decide('![type=="svn",value==4]=>permit();', *two).permitted
    assert decide('![type=="svn",value>4]=>permit();', *two).permitted
    assert decide('![type=="other"]=>permit();', *two).permitted


def test_a_join_keeps_what_equals_some_claim_of_the_set() -> None:
    rule = 'h:[type=="said"]&&s:[type=="seen",value==h.value]=>issue(claim=s);'
    outcome = run(rule, service("said", "x"), service("said", "y"), service("seen", "y"))
    assert [(claim.value, claim.issuer) for claim in outcome.outgoing] == [("y", POLICY_ISSUER)]
    assert issued(run(rule, service("said", "x"), service("seen", "z"))) == []


def test_different_from_every_member() -> None:
    rule = 'a:[type=="a"]&&b:[type=="b",value!=a.value]=>issue(claim=b);'
    claims = (service("a", 1), service("a", 2), service("b", 2), service("b", 3))
    outcome = run(rule, *claims)
    assert issued(outcome) == [3]
    assert outcome.choices == ("different_from_all",)
    other = run(rule, *claims, semantics=OUR_SEMANTICS._replace(different_from_all=False))
    assert issued(other) == [2, 3]


@pytest.mark.parametrize(
    ("comparison", "kept"),
    [("<", [1, 3, 4]), ("<=", [1, 3, 4, 5]), (">", [4, 5, 9]), (">=", [3, 4, 5, 9])],
)
def test_an_order_holds_for_one_member(comparison: str, kept: list[int]) -> None:
    rule = f'a:[type=="a"]&&b:[type=="b",value{comparison}a.value]=>issue(claim=b);'
    numbers = [service("b", each) for each in (1, 3, 4, 5, 9)]
    outcome = run(rule, service("a", 3), service("a", "x"), service("a", 5), *numbers)
    assert issued(outcome) == kept


def test_a_rule_fires_once_and_sees_what_earlier_rules_added() -> None:
    rules = (
        '=>add(type="x",value=1);[type=="x"]=>add(type="x",value=2);x:[type=="x"]=>issue(claim=x);'
    )
    assert issued(run(rules)) == [1, 2]
    once = '[type=="a",value>0]=>issue(type="x",value=1);'
    assert issued(run(once, service("a", 1), service("a", 2))) == [1]


def test_copies_are_not_added_twice() -> None:
    rules = 'c:[type=="a"]=>add(claim=c);c:[type=="a"]=>add(claim=c);'
    outcome = run(rules, service("a", 1), service("a", 1))
    assert [claim.issuer for claim in outcome.incoming] == [SERVICE_ISSUER] * 2 + [POLICY_ISSUER]
    assert outcome.choices == ()


@pytest.mark.parametrize(
    ("expression", "results"),
    [
        ('JmesPath(j.value, "foo")', ['"bar"']),
        ('JmesPath(j.value, "nothing")', ["null"]),
        ('JmesPath(j.value, "list[?@ > `1`]")', ["[2,3]"]),
        ('JmesPath(j.value, "{a: foo, b: list[0]}")', ['{"a":"bar","b":1}']),
        ("JmesPath(j.value, \"equals_ignore_case(foo, 'BAR')\")", ["true"]),
        ('JsonToClaimValue(JmesPath(j.value, "foo"))', ["bar"]),
        ('JsonToClaimValue(JmesPath(j.value, "list"))', [1, 2, 3]),
        ('JsonToClaimValue("[1,null,1]")', [1, 1]),
        ('JsonToClaimValue("null")', []),
        ('JsonToClaimValue("[]")', []),
        ('AppendString("", "x")', ["x"]),
        ("NegateBool(true)", [False]),
        ('IsSubsetOf(1, JsonToClaimValue(JmesPath(j.value, "list")))', [True]),
        ('IsSubsetOf("1", JsonToClaimValue(JmesPath(j.value, "list")))', [False]),
        ('IsSubsetOf(JsonToClaimValue("[]"), 1)', [True]),
        ('ContainsOnlyValue(JsonToClaimValue("[7,7]"), 7)', [True]),
        ('ContainsOnlyValue(JsonToClaimValue("[]"), 7)', [False]),
        ('ContainsOnlyValue(JsonToClaimValue("[true]"), 1)', [False]),
        ('AppendString(JsonToClaimValue("[\\"a\\",\\"a\\"]"), "b")', ["ab"]),
    ],
)
def test_functions(expression: str, results: list[object]) -> None:
    document = '{"foo":"bar","list":[1,2,3]}'
    outcome = run(
        f'j:[type=="j"]=>issue(type="r",value={expression});'
        if "j.value" in expression
        else f'=>issue(type="r",value={expression});',
        service("j", document),
    )
    assert issued(outcome) == results
    assert [type(value) for value in issued(outcome)] == [type(value) for value in results]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ('=>issue(type="r",value=JmesPath("","a"));', "not empty"),
        ('=>issue(type="r",value=JmesPath("{","a"));', "not JSON"),
        ('=>issue(type="r",value=JmesPath("NaN","a"));', "not JSON"),
        ('=>issue(type="r",value=JmesPath("{}","a["));', "not a JMESPath query"),
        ('=>issue(type="r",value=JmesPath("1","equals_ignore_case(@,\'a\')"));', "failed"),
        ('=>issue(type="r",value=JmesPath("[]","[?PcrIndex == 20]"));', "not a JMESPath query"),
        ('=>issue(type="r",value=JsonToClaimValue("1.0"));', "without fractions"),
        ('=>issue(type="r",value=JsonToClaimValue("{}"));', "primitive"),
        ('=>issue(type="r",value=JsonToClaimValue("[[1]]"));', "primitive"),
        ('=>issue(type="r",value=JsonToClaimValue("9223372036854775808"));', "64 bits"),
        ('=>issue(type="r",value=JmesPath("{}",JsonToClaimValue("[]")));', "given none"),
        ('=>issue(type="r",value=NegateBool(JsonToClaimValue("[true,false]")));', "different"),
        ('=>issue(type="r",value=NegateBool(JsonToClaimValue("1")));', "takes a boolean"),
        ('c:[type=="a"]=>issue(type=c.value,value=1);', "exactly one string"),
        ('c:[type=="a"]=>issue(type="r",value=c.value,valueType="Integer");', "type String"),
        ('c:[type=="pcrs"]=>issue(claim=c);', "read-only"),
        ('c:[type=="pcrs"]=>issue(type="p",value=JmesPath(c.value,"a"));', "read-only"),
        (
            'c:[type=="pcrs"]=>add(type="p",value=c.value);d:[type=="p"]=>issue(claim=d);',
            "read-only",
        ),
        ('=>issueproperty(type="omit_x5c",value=JsonToClaimValue("1"));', "type Boolean"),
        ("""=>issue(type="t",value=JsonToClaimValue("\\"\\\\ud800\\""));""", "surrogate"),
        ("""=>add(type="t",value=JmesPath("[\\"\\\\ud800\\"]","@"));""", "surrogate"),
    ],
)
def test_failures_fail_the_evaluation_and_name_the_rule(rule: str, words: str) -> None:
    claims = (service("a", "x"), service("a", "y"), service("pcrs", "{}"))
    with pytest.raises(EvaluationError, match=words) as caught:
        run(rule, *claims)
    assert caught.value.place is not None
    assert caught.value.details["section"] == "issuancerules"


def test_pcrs_may_be_tested_and_only_those_of_the_service_are_read_only() -> None:
    rule = 'c:[type=="pcrs"]=>issue(type="n",value=ContainsOnlyValue(c.value,"{}"));'
    assert issued(run(rule, service("pcrs", "{}"))) == [True]
    assert issued(run('c:[type=="pcrs"]=>issue(claim=c);', Claim("pcrs", "mine"))) == ["mine"]
    with_type = 'c:[type=="pcrs"]=>issue(type="t",value=c.type);'
    assert issued(run(with_type, service("pcrs", "{}"))) == ["pcrs"]


def test_a_function_that_is_not_reached_fails_nothing() -> None:
    bad = 'value==JmesPath("","a")'
    assert not decide(f'[type=="none",{bad}]=>permit();', service("a", 1)).permitted
    assert not decide(f'[type=="none"]&&[{bad}]=>permit();', service("a", 1)).permitted
    with pytest.raises(EvaluationError):
        decide(f'[{bad},type=="none"]=>permit();', service("a", 1))


def test_a_later_rule_can_fail_a_permitted_request() -> None:
    rules = '=>permit();[type=="a",value==JmesPath("","x")]=>deny();'
    with pytest.raises(EvaluationError):
        decide(rules, service("a", 1))
    early = OUR_SEMANTICS._replace(every_rule_runs=False)
    assert decide(rules, service("a", 1), semantics=early).permitted


def test_issue_in_authorizationrules_acts_as_add() -> None:
    outcome = decide('=>issue(type="a",value=1);[type=="a"]=>permit();')
    assert outcome.permitted
    assert len(outcome.outgoing) == 0
    assert outcome.choices == ("issue_may_authorize",)


CONFIGURED = """version=1.1;
configurationrules {
    => issueproperty(type="required_pcr_mask", value=15);
    [type=="required_pcr_mask"] => issueproperty(type="required_pcr_mask", value=7);
    => issueproperty(type="x-ms-sgx-tcbidentifier", value="14");
    => issueproperty(type="unheard-of", value="14");
};
authorizationrules { ![type=="required_pcr_mask"] => permit(); };
"""


def test_configuration_is_kept_apart() -> None:
    policy = parse(CONFIGURED.replace("1.1", "1.2", 1))
    outcome = evaluate(policy, [], attestation_type=AttestationType.TPM)
    assert outcome.permitted
    assert outcome.configuration == {"required_pcr_mask": 7}
    assert len(outcome.warnings) == 2
    assert len(outcome.properties) == 0
    untyped = evaluate(policy, [])
    assert untyped.configuration == {"required_pcr_mask": 7, "x-ms-sgx-tcbidentifier": "14"}


@pytest.mark.parametrize("value", [-1, 16777216])
def test_a_mask_out_of_range_fails_also_when_it_is_computed(value: int) -> None:
    rules = f"""=> issueproperty(type="n", value={value});
        n:[type=="n"] => issueproperty(type="required_pcr_mask", value=n.value);"""
    policy = parse(f"version=1.1;configurationrules{{{rules}}};authorizationrules{{=>permit();}};")
    with pytest.raises(EvaluationError, match="from 0 to 16777215") as caught:
        twice(policy, [], OUR_SEMANTICS)
    assert caught.value.details == {
        "section": "configurationrules",
        "rule": "2",
        "choices": "wrong_settings_fail",
    }


def test_a_policy_with_errors_is_not_evaluated() -> None:
    with pytest.raises(PolicyError) as caught:
        evaluate(parse("version=1.0;"), [])
    assert [each.code for each in caught.value.diagnostics if hasattr(each, "code")] == ["SW102"]


def test_limits() -> None:
    with pytest.raises(EvaluationError, match="more than 3 claims"):
        run('=>add(type="a",value=1);', *[service("a", 1)] * 3, limits=Limits(claims=3))
    assert run("", *[service("a", 1)] * 3, limits=Limits(claims=3)).permitted
    with pytest.raises(EvaluationError, match="larger than 4 bytes"):
        run('=>add(type="a",value=AppendString("\u00e9\u00e9","x"));', limits=Limits(value_bytes=4))
    ticks = iter(range(1_000_000))
    slow = parse("version=1.0;authorizationrules{" + "=>permit();" * 100 + "};", Limits(seconds=2))
    with pytest.raises(EvaluationError, match="longer than 2 seconds"):
        evaluate(slow, [], clock=lambda: float(next(ticks)))


@pytest.mark.parametrize("comparison", ["==", "!=", ">"])
def test_one_rule_that_compares_everything_with_everything_is_stopped(comparison: str) -> None:
    text = f'a:[type=="a"] && b:[type=="a", value{comparison}a.value, value<0] => permit();'
    policy = parse(f"version=1.0;authorizationrules{{{text}}};", Limits(seconds=2))
    claims = [service("a", number) for number in range(300)]
    ticks = iter(range(1_000_000))
    with pytest.raises(EvaluationError, match="longer than 2 seconds") as caught:
        evaluate(policy, claims, clock=lambda: float(next(ticks)))
    assert caught.value.place is not None
    assert not evaluate(policy, claims).permitted


def test_names_that_narrow_each_other_count_against_the_time() -> None:
    names = "abcdefghijkl"
    joined = [f'{own}:[type=="n",value>={other}.value]' for other, own in itertools.pairwise(names)]
    rule = " && ".join(['a:[type=="n"]', *joined])
    text = f"version=1.0;authorizationrules{{{rule} => permit();}};"
    claims = [service("n", number) for number in range(50)]
    narrowing = OUR_SEMANTICS._replace(bindings_stay_whole=False)
    ticks = itertools.count()
    with pytest.raises(EvaluationError, match="longer than 10 seconds"):
        # Comparing them all takes six looks at the clock, agreeing on what stays as many again.
        evaluate(parse(text), claims, semantics=narrowing, clock=lambda: float(next(ticks)))


@pytest.mark.parametrize("doubled", ["|[@,@]", "|[@,@]|[]", "|{a:@,b:@}"])
def test_a_query_that_doubles_its_result_again_and_again_is_stopped(doubled: str) -> None:
    query = f"[@]{doubled * 40}"
    small = Limits(value_bytes=10_000)
    with pytest.raises(EvaluationError, match=r"than 1,000,000 members|larger than 10,000 bytes"):
        run(f'=>add(type="a",value=JmesPath("1","{query}"));', limits=small)
    run(f'=>add(type="a",value=JmesPath("1","[@]{doubled * 3}"));')


def test_many_values_of_one_type_become_one_array() -> None:
    issued = [Claim("z", number, POLICY_ISSUER) for number in range(50_000)] * 2
    assert token_claims({}, issued) == {"z": list(range(50_000))}


def test_from_outgoing_to_the_token() -> None:
    rules = (
        '=>issue(type="many",value=1);=>issue(type="many",value="x");=>issue(type="many",value=1);'
        '=>issue(type="one",value=true);=>issue(type="one",value=true);'
        '=>issue(type="x-ms-ver",value="9");=>issue(type="iss",value="me");'
        '=>issueproperty(type="report_validity_in_minutes",value=999999);'
    )
    outcome = run(rules)
    assert token_claims({"x-ms-ver": "1.0"}, outcome.outgoing) == {
        "x-ms-ver": "1.0",
        "many": [1, "x"],
        "one": True,
    }
    assert validity_minutes(outcome.properties, 480) == 525_600
    assert outcome.warnings == ("`report_validity_in_minutes` is 999999 and counts as 525600.",)
