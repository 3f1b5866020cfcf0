"""What we decided where the reference leaves it open: each a switch, named when it mattered."""

from __future__ import annotations

import pytest

from helpers.evaluating import decide, issued, run, service, twice
from sealwright.claims import AttestationType, Claim
from sealwright.errors import PolicyError
from sealwright.policy import evaluate, parse
from sealwright.policy.evaluation.report import token_choices, token_claims, validity_minutes
from sealwright.policy.outcome import EvaluationError
from sealwright.policy.semantics import OUR_SEMANTICS, SWITCHES, turned


def test_deny_defeats_permit_in_any_order_and_is_a_choice() -> None:
    outcome = decide("=>permit();=>deny();")
    assert not outcome.permitted
    assert outcome.decided_by is not None
    assert outcome.decided_by.number == 2
    assert outcome.choices == ("deny_wins", "every_rule_runs")
    assert decide(
        "=>permit();=>deny();", semantics=OUR_SEMANTICS._replace(deny_wins=False)
    ).permitted
    assert not decide("").permitted


COPY = 'a:[type=="one"]=>add(claim=a);'
ADD = '=>add(type="k",value=1);'
CHOICES = [
    ("strings_match_case", '[type=="a",value=="X"]=>issue(type="r",value=1);', [], [1]),
    ("strings_match_case", '[type=="ONE"]=>issue(type="r",value=1);', [], [1]),
    ("types_are_strict", '[type=="n",value!="1"]=>issue(type="r",value=1);', [1], []),
    ("equal_to_any", 'a:[type=="a"]&&[type=="one",value==a.value]=>issue(type="r",value=1);',
     [1], []),
    ("different_from_all", 'a:[type=="a"]&&[type=="one",value!=a.value]=>issue(type="r",value=1);',
     [], [1]),
    ("copies_once", COPY * 2 + 'a:[type=="one"]=>issue(type="r",value=a.value);',
     ["x", "x"], ["x", "x", "x", "x"]),
    ("mixed_set_fails", 'a:[type=="a"]=>issue(type="r",value=AppendString(a.value,""));',
     None, ["x"]),
    ("equal_members_are_one",
     '=>issue(type="r",value=NegateBool(JsonToClaimValue("[true,true]")));', [False], None),
    ("empty_is_subset", '=>issue(type="r",value=IsSubsetOf(JsonToClaimValue("[]"),1));',
     [True], [False]),
    ("skips_null_members", '=>issue(type="r",value=JsonToClaimValue("[null,1]"));', [1], None),
    ("strings_keep_quotes", '=>issue(type="r",value=JmesPath("{\\"a\\":\\"x\\"}","a"));',
     ['"x"'], ["x"]),
    ("json_is_compact", '=>issue(type="r",value=JmesPath("[[{\\"a\\":[1,2]}]]","@"));',
     ['[[{"a":[1,2]}]]'], ['[[{"a": [1, 2]}]]']),
    ("read_only_fails", 'p:[type=="pcrs"]=>issue(claim=p);', None, []),
    ("copies_become_ours",
     COPY + '[type=="one",issuer=="AttestationPolicy"]=>issue(type="r",value=1);', [1], []),
    ("copies_become_ours", COPY + 'a:[type=="one"]=>issue(type="r",value=a.value);',
     ["x", "x"], ["x"]),
    ("references_multiply", 'a:[type=="a"]=>issue(type="r",value=a.value);', ["x", "y"], ["x"]),
    ("references_multiply", 'a:[type=="a"]=>issue(type=JsonToClaimValue("\\"r\\""),value=a.value);',
     ["x", "y"], ["x"]),
    ("type_is_one_member", 'a:[type=="a"]=>issue(type=a.type,value=1);', None, [1]),
    ("strings_have_no_order",
     'a:[type=="one"]&&[type=="a",value>a.value]=>issue(type="r",value=1);', [], [1]),
    ("operands_match_type", 'n:[type=="n"]=>issue(type="r",value=AppendString(n.value,"!"));',
     None, ["1!"]),
    ("operands_match_type",
     '=>issue(type="r",value=NegateBool(JsonToClaimValue("\\"true\\"")));', None, [False]),
    ("members_match_type",
     'n:[type=="n"]=>issue(type="r",value=IsSubsetOf(n.value,JsonToClaimValue("[\\"1\\",2]")));',
     [False], [True]),
    ("members_match_type", 'n:[type=="n"]=>issue(type="r",value=ContainsOnlyValue(n.value,"1"));',
     [False], [True]),
    ("whole_fractions_fail", '=>issue(type="r",value=JsonToClaimValue("[1.0,2e1]"));',
     None, [1, 20]),
    ("integers_fit", '=>issue(type="r",value=JsonToClaimValue("9223372036854775808"));',
     None, [2**63]),
    ("repeats_stay", ADD * 2 + 'k:[type=="k"]=>issue(type="r",value=k.value);', [1, 1], [1]),
    ("repeats_stay", 'k:[type=="twice"]=>issue(type="r",value=k.value);', [1, 1], [1]),
    ("only_strings_have_case",
     """=>issue(type="r",value=JmesPath("[1]","equals_ignore_case([0],'a')"));""",
     None, ["false"]),
    ("order_with_any", 'n:[type=="m"]&&[type=="n",value<n.value]=>issue(type="r",value=1);',
     [1], []),
    ("value_types_bind", 'n:[type=="n"]=>issue(type="r",value=n.value,valueType="String");',
     None, [1]),
    ("nothing_fails",
     '=>issue(type="r",value=AppendString(JsonToClaimValue("null"),"x"));=>issue(type="r",value=1);',
     None, [1]),
    ("nothing_fails", '=>issue(type="r",value=ContainsOnlyValue(1,JsonToClaimValue("[]")));',
     None, []),
    ("wrong_settings_fail", 'n:[type=="n"]=>issueproperty(type="omit_x5c",value=n.value);',
     None, []),
    ("rules_stop_early",
     '[type=="none"]&&[type==JmesPath("","x")]=>add(type="k",value=2);=>issue(type="r",value=1);',
     [1], None),
    ("rules_stop_early",
     '[type=="none",value==JmesPath("","x")]=>issue(type="r",value=2);=>issue(type="r",value=1);',
     [1], None),
    ("bindings_stay_whole",
     'a:[type=="a"]&&[type=="one",value==a.value]=>issue(type="r",value=a.value);',
     ["x", "y"], ["x"]),
    ("bindings_stay_whole",
     'b:[type=="m"]&&c:[type=="both",value==b.value]&&[value==c.value,type=="n"]=>issue(claim=b);',
     [1, 2], [1]),
    ("copies_see_each_other",
     't:[type=="twice"]=>add(claim=t);t:[issuer=="AttestationPolicy"]=>issue(type="r",value=t.value);',
     [1], [1, 1]),
    ("empty_type_fails", '=>issue(type=JsonToClaimValue("\\"\\""),value=1);', None, [1]),
    ("empty_sets_pass", '=>issue(type="r",value=IsSubsetOf(1,JsonToClaimValue("null")));',
     [False], None),
    ("empty_arrays_pass", '=>issue(type="r",value=JsonToClaimValue("[]"));', [], None),
    ("json_keeps_order", '=>issue(type="r",value=JmesPath("{\\"b\\":1,\\"a\\":2}","@"));',
     ['{"b":1,"a":2}'], ['{"a":2,"b":1}']),
    ("json_is_unescaped", '=>issue(type="r",value=JmesPath("[\\"ü\\"]","@"));',
     ['["ü"]'], ['["\\u00fc"]']),
    ("numbers_are_shortest", '=>issue(type="r",value=JmesPath("[0.1,{\\"a\\":1e0}]","@"));',
     ['[0.1,{"a":1.0}]'], ['[0.10000000000000001,{"a":1.0}]']),
    ("last_key_wins", '=>issue(type="r",value=JmesPath("{\\"a\\":1,\\"a\\":2}","a"));',
     ["2"], ["1"]),
    ("bare_words_are_fields",
     '=>issue(type="r",value=JmesPath("{\\"a\\":true}","[a == true, a.null, {true: a}.true]"));',
     ["[false,null,true]"], ["[true,null,true]"]),
    ("case_folds_simply",
     """=>issue(type="r",value=JmesPath("[1]","equals_ignore_case('ß','SS')"));""",
     ["false"], ["true"]),
    ("read_only_types", 'p:[type=="pcrs"]=>issue(claim=p);', None, ["{}"]),
    ("read_only_is_of_service", '=>issue(type="pcrs",value=1);', [1], None),
    ("read_only_follows",
     'p:[type=="pcrs"]=>add(type="q",value=p.value);q:[type=="q"]=>issue(claim=q);', None, ["{}"]),
    ("read_only_spares_types", 'p:[type=="pcrs"]=>issue(type=p.value,value=1);', [1], None),
    ("idle_settings_are_ignored", '=>issueproperty(type="p",value=1);=>issue(type="r",value=1);',
     [1], None),
]  # fmt: skip


@pytest.mark.parametrize(("switch", "rules", "results", "otherwise"), CHOICES)
def test_each_choice_is_a_switch_and_is_named(
    switch: str, rules: str, results: list[object] | None, otherwise: list[object] | None
) -> None:
    claims = [service("a", "x"), service("a", "y"), service("one", "x"), service("n", 1)]
    claims += [service("twice", 1), service("twice", 1), service("pcrs", "{}")]
    claims += [service("m", 1), service("m", 2), service("both", 1), service("both", 2)]
    for semantics, expected in (
        (OUR_SEMANTICS, results),
        (turned(OUR_SEMANTICS, switch), otherwise),
    ):
        if expected is None:
            with pytest.raises(EvaluationError) as caught:
                run(rules, *claims, semantics=semantics)
            assert switch in caught.value.choices
        else:
            outcome = run(rules, *claims, semantics=semantics)
            assert issued(outcome) == expected
            assert switch in outcome.choices


OTHERWISE_TRIED = {
    "deny_wins", "every_rule_runs", "references_look_left", "issue_may_authorize",
    "last_setting_wins", "validity_is_clamped", "configuration_is_blind", "configuration_is_apart",
    "service_comes_first", "service_wins", "repeats_collapse", "arrays_mix_types",
}  # fmt: skip
"""By a test of their own, here or beside the evaluator's."""
RIGHT = 'a:[type=="a"]&&[type=="one",value==a.value]=>issue(type="r",value=a.value);'
AHEAD = '[type=="one",value==a.value]&&a:[type=="a"]=>issue(type="r",value=a.value);'


def test_names_are_known_from_the_left_and_that_is_a_choice() -> None:
    claims = [service("a", "x"), service("one", "x")]
    with pytest.raises(PolicyError) as caught:
        run(AHEAD, *claims)
    assert caught.value.details["choices"] == "references_look_left"
    either = turned(OUR_SEMANTICS, "references_look_left")
    outcome = run(AHEAD, *claims, semantics=either)
    assert issued(outcome) == ["x"]
    assert outcome.choices == ("references_look_left",)
    assert run(RIGHT, *claims, semantics=either).choices == ()
    circle = "a:[type==b.type]&&b:[type==a.type]=>issue(claim=a);"
    with pytest.raises(PolicyError) as caught:
        run(circle, *claims, semantics=either)
    assert "choices" not in caught.value.details


def test_every_switch_of_the_evaluation_is_tried_here() -> None:
    tried = {switch for switch, *_ in CHOICES} | OTHERWISE_TRIED
    assert tried == set(SWITCHES)


def test_the_last_of_a_repeated_setting_holds_and_is_a_choice() -> None:
    setting = '=>issueproperty(type="required_pcr_mask",value={0});'
    text = f"version=1.1;configurationrules{{{setting.format(1)}{setting.format(3)}}};"
    policy = parse(text + "authorizationrules{=>permit();};")
    outcome = evaluate(policy, ())
    assert outcome.configuration == {"required_pcr_mask": 3}
    assert outcome.choices == ("last_setting_wins",)
    first = OUR_SEMANTICS._replace(last_setting_wins=False)
    assert evaluate(policy, (), semantics=first).configuration == {"required_pcr_mask": 1}
    twice = parse(str(policy).replace("value=3", "value=1"))
    assert evaluate(twice, ()).choices == ()


@pytest.mark.parametrize(
    ("values", "ours", "otherwise", "choices"),
    [
        ([0], 1, 1440, ("validity_is_clamped",)),
        ([60, 525_601], 525_600, 60, ("validity_is_clamped",)),
        ([525_601, 60], 60, 60, ()),
        ([1, 525_600], 525_600, 525_600, ()),
    ],
)
def test_a_life_time_out_of_range_becomes_the_nearest_and_is_a_choice(
    values: list[int], ours: int, otherwise: int, choices: tuple[str, ...]
) -> None:
    setting = '=>issueproperty(type="report_validity_in_minutes",value={0});'
    outcome = run("".join(setting.format(each) for each in values))
    assert validity_minutes(outcome.properties, 1440) == ours
    ignored = OUR_SEMANTICS._replace(validity_is_clamped=False)
    assert validity_minutes(outcome.properties, 1440, ignored) == otherwise
    assert outcome.choices == choices


def test_claims_of_the_service_come_first_and_that_is_a_choice() -> None:
    rules = 'a:[type=="a"]=>issue(type="r",value=a.value);'
    mixed = [Claim("a", 1), service("a", 2), Claim("a", 3)]
    outcome = run(rules, *mixed)
    assert issued(outcome) == [2, 1, 3]
    assert "service_comes_first" in outcome.choices
    as_given = OUR_SEMANTICS._replace(service_comes_first=False)
    outcome = run(rules, *mixed, semantics=as_given)
    assert issued(outcome) == [1, 2, 3]
    assert "service_comes_first" in outcome.choices
    assert "service_comes_first" not in run(rules, mixed[1], mixed[0]).choices


def test_the_token_names_the_choices_that_it_hangs_on() -> None:
    outgoing = run(
        '=>issue(type="m",value=1);=>issue(type="m",value=true);=>issue(type="m",value="x");'
        '=>issue(type="one",value=1);'
    ).outgoing
    assert token_claims({}, outgoing) == {"m": [1, True, "x"], "one": 1}
    texts = OUR_SEMANTICS._replace(arrays_mix_types=False)
    assert token_claims({}, outgoing, texts) == {"m": ["1", "true", "x"], "one": 1}
    assert set(token_choices({}, outgoing)) == {"arrays_mix_types"}
    assert set(token_choices({"one": 2}, outgoing)) == {"arrays_mix_types", "service_wins"}
    repeated = run('=>issue(type="m",value=1);=>issue(type="m",value=1);').outgoing
    assert set(token_choices({}, repeated)) == {"repeats_collapse"}


def test_what_both_readings_give_hangs_on_no_choice() -> None:
    claims = [service("n", 1), service("s", "b"), service("t", "a"), service("yes", value=True)]
    for rules in (
        't:[type=="t"]&&[type=="s",value<t.value]=>issue(type="r",value=1);',
        'n:[type=="n"]=>issue(type="r",value=IsSubsetOf(n.value,JsonToClaimValue("[1,2]")));',
        'n:[type=="n"]=>issue(claim=n);[type=="s"]=>issue(type="r",value=1);',
        'n:[type=="n"]=>issue(type="r",value=ContainsOnlyValue(n.value,"2"));',
        '=>issue(type="r",value=JsonToClaimValue("9223372036854775807"));',
    ):
        assert run(rules, *claims).choices == ()
    loose = OUR_SEMANTICS._replace(operands_match_type=False, whole_fractions_fail=False)
    assert run('y:[type=="yes"]=>issue(type="r",value=NegateBool(y.value));', *claims,
               semantics=loose).choices == ()  # fmt: skip
    for broken in ('NegateBool(JsonToClaimValue("\\"yes\\""))', 'JsonToClaimValue("1.5")'):
        with pytest.raises(EvaluationError):
            run(f'=>issue(type="r",value={broken});', *claims, semantics=loose)


def test_a_failure_names_the_choices_until_then_and_no_others() -> None:
    late = '=>permit();n:[type=="n"]=>add(type="r",value=NegateBool(n.value));'
    with pytest.raises(EvaluationError) as caught:
        decide(late, service("n", 1))
    assert caught.value.choices == ("every_rule_runs",)
    assert caught.value.details["choices"] == "every_rule_runs"
    for rule in ('JsonToClaimValue("1.5")', 'JsonToClaimValue("{")', 'JsonToClaimValue("[{}]")'):
        with pytest.raises(EvaluationError) as caught:
            run(f'=>issue(type="r",value={rule});')
        assert caught.value.choices == ()
        assert "choices" not in caught.value.details


CONFIGURED = """version=1.1;configurationrules{{{0}}};
    authorizationrules{{=>permit();[type=="required_pcr_mask",value==7]=>deny();}};"""
MASK = '=>issueproperty(type="required_pcr_mask",value={0});'


def test_configuration_rules_see_no_claims_and_that_is_a_choice() -> None:
    sees = OUR_SEMANTICS._replace(configuration_is_blind=False)
    policy = parse(CONFIGURED.format(MASK.format(1) + '[type=="a"]' + MASK.format(3)))
    for semantics, mask in ((OUR_SEMANTICS, 1), (sees, 3)):
        outcome = twice(policy, [service("a", 1)], semantics)
        assert outcome.configuration == {"required_pcr_mask": mask}
        assert "configuration_is_blind" in outcome.choices
        assert "configuration_is_blind" not in twice(policy, [service("b", 1)], semantics).choices


def test_claims_of_configuration_rules_are_gone_and_that_is_a_choice() -> None:
    stay = OUR_SEMANTICS._replace(configuration_is_apart=False)
    policy = parse(CONFIGURED.format(MASK.format(7)))
    for semantics, permitted in ((OUR_SEMANTICS, True), (stay, False)):
        outcome = twice(policy, [service("a", 1)], semantics)
        assert outcome.permitted is permitted
        assert "configuration_is_apart" in outcome.choices
    unasked = parse(str(policy).replace('=="required_pcr_mask"', '=="other"'))
    assert twice(unasked, [service("a", 1)], OUR_SEMANTICS).choices == ()


def test_what_a_property_without_effect_does_is_a_choice() -> None:
    text = "version=1.1;configurationrules{{{0}}};authorizationrules{{=>permit();}};"
    mask = '=>issueproperty(type="required_pcr_mask",value={0});'
    sgx = AttestationType.SGX_ENCLAVE
    policy = parse(text.format(mask.format(7)))
    outcome = evaluate(policy, (), attestation_type=sgx)
    assert outcome.configuration == {}
    assert outcome.choices == ("idle_settings_are_ignored",)
    fails = OUR_SEMANTICS._replace(idle_settings_are_ignored=False)
    with pytest.raises(EvaluationError, match="no effect on SgxEnclave") as caught:
        evaluate(policy, (), semantics=fails, attestation_type=sgx)
    assert caught.value.choices == ("idle_settings_are_ignored",)
    assert evaluate(policy, (), semantics=fails).choices == ()


def test_equal_claims_that_change_nothing_hang_on_no_choice() -> None:
    for rules in (ADD * 2 + '[type=="k"]=>issue(type="r",value=1);', ADD * 2, ""):
        assert run(rules, service("n", 1), service("n", 1)).choices == ()


def test_json_without_parts_hangs_on_no_choice() -> None:
    for result in ("[]", "[[7]]", "{}", "true", "7"):
        outcome = run(f'=>issue(type="r",value=JmesPath("{result}","@"));')
        assert issued(outcome) == [result]
        assert outcome.choices == ()


def test_choices_about_issue_and_the_token() -> None:
    strict = OUR_SEMANTICS._replace(issue_may_authorize=False)
    with pytest.raises(EvaluationError, match="not allowed"):
        decide('=>issue(type="a",value=1);', semantics=strict)
    free = OUR_SEMANTICS._replace(read_only_types=())
    assert issued(run('p:[type=="pcrs"]=>issue(claim=p);', service("pcrs", "{}"), semantics=free))
    outgoing = run(
        '=>issue(type="x-ms-ver",value="9");=>issue(type="x-ms-ver",value="9");'
    ).outgoing
    ours = {"x-ms-ver": "1.0"}
    assert token_claims(ours, outgoing) == ours
    loose = OUR_SEMANTICS._replace(service_wins=False)
    assert token_claims(ours, outgoing, loose) == {"x-ms-ver": "9"}
    kept = loose._replace(repeats_collapse=False)
    assert token_claims(ours, outgoing, kept) == {"x-ms-ver": ["9", "9"]}
