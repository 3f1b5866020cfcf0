"""Every static check of the reference fires where it should, and a right policy draws nothing."""

from __future__ import annotations

import pytest

from sealwright.claims.attestation_type import AttestationType
from sealwright.policy import Severity, check, parse

FRAME = "version=%s;\nauthorizationrules{\n%s\n};\nissuancerules{\n%s\n};\n"


def found(text: str, kind: AttestationType | None = None) -> list[tuple[str, str]]:
    return [(each.code, text[each.span.start : each.span.end]) for each in check(parse(text), kind)]


@pytest.mark.parametrize(
    ("version", "rule", "code", "text"),
    [
        ("1.1", '![type=="a"]=>permit();', "SW106", "!"),
        ("1.1", '[type=="a",value==NegateBool(true)]=>permit();', "SW107", "NegateBool"),
        ("1.2", '=>issueproperty(type="a",value=1);', "SW108", "issueproperty"),
        ("1.2", '=>add(type="a",value=c.value);', "SW109", "c"),
        ("1.2", "c:[type==c.type]=>add(claim=c);", "SW109", "c"),
        ("1.2", 'c:[type=="a"]&&c:[type=="b"]=>add(claim=c);', "SW110", "c"),
        ("1.2", '!c:[type=="a"]=>add(claim=c);', "SW111", "c"),
        ("1.2", "=>add(value=1);", "SW112", "add"),
        ("1.2", '=>add(type="",value=1);', "SW113", '""'),
        ("1.2", "=>add(type=5,value=1);", "SW113", "5"),
        ("1.2", '=>add(type="a");', "SW114", "add"),
        ("1.2", '=>add(type="a",value=1,issuer="x");', "SW115", 'issuer="x"'),
        ("1.2", '=>add(type="a",value=1,valueType="String");', "SW116", '"String"'),
        ("1.2", '[type=="a",value>="5"]=>permit();', "SW117", '>="5"'),
        ("1.2", '[type=="a",value<true]=>permit();', "SW117", "<true"),
        ("1.2", '[type=="a",value==NegateBol(true)]=>permit();', "SW118", "NegateBol"),
        ("1.2", '[type=="a",value==NegateBool()]=>permit();', "SW119", "NegateBool()"),
        ("1.2", '[type=="a",value==NegateBool("x")]=>permit();', "SW120", '"x"'),
        ("1.2", '=>add(type="a",value=1,value=2);', "SW121", "value=2"),
        ("1.2", '=>issue(type="a",value=1);', "SW203", "issue"),
        ("1.2", "[value==1]=>permit();", "SW204", "[value==1]"),
        ("1.2", "[]=>permit();", "SW205", "[]"),
        ("1.2", 'c:[type=="a"]=>permit();', "SW206", "c"),
    ],
)
def test_a_rule_is_checked(version: str, rule: str, code: str, text: str) -> None:
    assert found(FRAME % (version, rule, "")) == [(code, text)]


@pytest.mark.parametrize(
    ("text", "code", "underlined"),
    [
        ("version=1.3;authorizationrules{};", "SW101", "1.3"),
        ("version=01.0;authorizationrules{};", "SW101", "01.0"),
        ("version=1.0;issuancerules{};", "SW102", "version=1.0;"),
        (
            "version=1.0;authorizationrules{};authorizationrules{};",
            "SW103",
            "authorizationrules",
        ),
        ("version=1.0;issuancerules{};authorizationrules{};", "SW104", "authorizationrules"),
        ("version=1.0;configurationrules{};authorizationrules{};", "SW105", "configurationrules"),
    ],
)
def test_the_frame_is_checked(text: str, code: str, underlined: str) -> None:
    assert found(text) == [(code, underlined)]


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("required_pcr_mask", "0", True),
        ("required_pcr_mask", "16777215", True),
        ("required_pcr_mask", "16777216", False),
        ("required_pcr_mask", "-1", False),
        ("required_pcr_mask", "true", False),
        ("require_valid_aik_cert", "false", True),
        ("require_valid_aik_cert", "0", False),
        ("x-ms-sgx-tcbidentifier", '"14"', True),
        ("x-ms-sgx-tcbidentifier", "14", False),
        ("something-else", "14", True),
    ],
)
def test_known_configuration_has_the_right_value(name: str, value: str, *, accepted: bool) -> None:
    text = (
        f'version=1.1;configurationrules{{=>issueproperty(type="{name}",value={value});}};'
        "authorizationrules{=>permit();};"
    )
    assert found(text) == ([] if accepted else [("SW122", value)])


def test_a_name_may_be_a_keyword_and_unused_names_are_only_hinted_at() -> None:
    rule = 'type:[type=="a"]&&value:[type=="b",value==type.value]=>add(claim=value);'
    assert found(FRAME % ("1.0", rule, "")) == []
    (hint,) = check(parse(FRAME % ("1.0", 'c:[type=="a"]=>permit();', "")))
    assert hint.severity is Severity.HINT


def test_one_point_two_is_for_tpm() -> None:
    text = "version=1.2;authorizationrules{=>permit();};"
    assert found(text, AttestationType.TPM) == []
    assert found(text, AttestationType.SGX_ENCLAVE) == [("SW207", "1.2")]


def test_counts_are_limited_inclusively() -> None:
    tests = ",".join(["value==1"] * 63)
    conditions = "&&".join(['[type=="a"]'] * 64)
    assert found(FRAME % ("1.0", f'[type=="a",{tests}]=>permit();', "")) == []
    assert found(FRAME % ("1.0", f'[type=="a",value==2,{tests}]=>permit();', ""))[0][0] == "SW123"
    assert found(FRAME % ("1.0", f"{conditions}=>permit();", "")) == []
    over = FRAME % ("1.0", f'[type=="b"]&&{conditions}=>permit();', "")
    assert found(over)[0][0] == "SW123"
    rules = "=>permit();" * 5_000
    assert found(FRAME % ("1.0", rules, "")) == []
    assert found(FRAME % ("1.0", f"{rules}=>permit();", ""))[0][0] == "SW123"


@pytest.mark.parametrize(
    "rule",
    [
        '[type=="a",value>="5"]=>permit();',
        '=>add(type="a",value=1,valueType="String");',
        '[type=="a",value==NegateBol(true)]=>permit();',
        'count:[type=="a"]=>add(claim=cont);',
        'c:[type=="a"]=>permit();',
        '[type=="a"]=>add(claim=c);',
    ],
)
def test_a_fix_leaves_nothing_to_say(rule: str) -> None:
    text = FRAME % ("1.2", rule, "")
    while problems := check(parse(text)):
        assert problems[0].fix is not None
        text = problems[0].fix.apply(text)


@pytest.mark.parametrize(
    "rule", ["c:[type==c.type]=>add(claim=c);", "[type==c.type]&&c:[]=>add(claim=c);"]
)
def test_a_name_that_comes_too_late_is_not_called_unknown(rule: str) -> None:
    found = check(parse(f"version=1.2;authorizationrules{{{rule}}};"))

    assert [each.message for each in found if each.code == "SW109"] == [
        "`c` is declared further right, or by this very condition"
    ]
