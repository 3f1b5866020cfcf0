"""Hash, error text of the service and editor colours."""

from __future__ import annotations

import pytest

from sealwright.policy import (
    TokenKind,
    check,
    highlight,
    parse,
    policy_hash,
    service_error,
)


def refusal(text: str) -> str:
    error = service_error(text, check(parse(text)))
    assert error is not None
    return error.message


def test_hash_of_the_reference() -> None:
    text = "version= 1.0;authorizationrules{=> permit();};"
    assert policy_hash(text) == "9NY0VnTQ-IiBriBplVUpFbczcDaEBUwsiFYAzHu_gco"


def test_the_report_of_the_troubleshooting_guide() -> None:
    assert (
        "Msg:[Policy Parser Exception Thrown: Offending symbol: '[' Line: '2', Column: '1' "
        "Failure message: 'mismatched input '[' expecting ';'' "
        "Failing rule: 'policy > versionInfo']"
    ) in refusal("version=1.0\n [")


def test_reports_at_the_end_and_of_strange_characters() -> None:
    assert "Offending symbol: '<EOF>' Line: '2', Column: '0'" in refusal(
        "version=1.0;authorizationrules{\n"
    )
    assert "token recognition error at: '\u00a7'" in refusal("version=1.0;\u00a7")


@pytest.mark.parametrize(
    ("after", "symbol"), [(";", ";"), (" ;};", ";"), (" x", "x"), (" x y", "x"), (" { };", "{")]
)
def test_what_follows_the_last_section_is_named(after: str, symbol: str) -> None:
    text = f"version=1.0;authorizationrules{{}};{after}"
    column = text.index(symbol, len(text) - len(after))
    said = refusal(text)
    assert f"Offending symbol: '{symbol}' Line: '1', Column: '{column}'" in said
    assert f"mismatched input '{symbol}' expecting {{'configurationrules'," in said


def test_a_symbol_as_long_as_a_policy_is_not_repeated_whole() -> None:
    said = refusal('version=1.0;authorizationrules{[type=="' + "a" * 400_000)
    assert "Offending symbol: '\"aaaa" in said
    assert "mismatched input '\"aaaa" in said
    assert len(said) < 1_000
    assert "\n" not in refusal("version=1.0;/*\n" + "a" * 400_000)


LONG = "a" * 10_000


@pytest.mark.parametrize(
    "text",
    [
        f"{LONG} {{ }};",
        f"authorizationrules{{=>{LONG}();}};",
        f"authorizationrules{{[type==<{LONG}>]=>permit();}};",
        f"authorizationrules{{[{LONG}==1]=>permit();}};",
        f"authorizationrules{{[type=={LONG}]=>permit();}};",
        f'authorizationrules{{[type=="a",value=={LONG}.value]=>permit();}};',
        f'authorizationrules{{{LONG}:[type=="a"]&&{LONG}:[type=="b"]=>permit();}};',
        f'authorizationrules{{[type=="a",value=={LONG}()]=>permit();}};',
    ],
)
def test_a_word_as_long_as_a_policy_is_not_repeated_whole(text: str) -> None:
    found = check(parse(f"version=1.2;{text}"))
    assert max(len(each.message) + len(each.help) for each in found) < 300


def test_a_static_error_is_refused_in_the_same_form() -> None:
    text = "version=1.0;\nauthorizationrules{ =>issueproperty(claim=c); };"
    error = service_error(text, check(parse(text)))
    assert error is not None
    assert error.code == "PolicyParsingError"
    assert "Offending symbol: 'issueproperty' Line: '2', Column: '22'" in error.message


def test_a_policy_with_warnings_is_taken() -> None:
    text = "version=1.0;authorizationrules{[]=>permit();};"
    assert check(parse(text))
    assert service_error(text, check(parse(text))) is None


def test_colours() -> None:
    text = (
        'version=1.2;issuancerules{c:[type=="t",value==1]=>add(type="u",value=F(c.value,"x"));}// e'
    )
    kinds = [(text[each.span.start : each.span.end], each.kind) for each in highlight(text)]
    for expected in [
        ("issuancerules", TokenKind.SECTION),
        ("c", TokenKind.IDENTIFIER),
        ("type", TokenKind.PROPERTY),
        ('"t"', TokenKind.CLAIM_NAME),
        ("1", TokenKind.NUMBER),
        ("add", TokenKind.ACTION),
        ('"u"', TokenKind.CLAIM_NAME),
        ("F", TokenKind.FUNCTION),
        ('"x"', TokenKind.STRING),
        ("=>", TokenKind.OPERATOR),
        ("// e", TokenKind.COMMENT),
    ]:
        assert expected in kinds
    assert highlight("=> permit();")[1].kind is TokenKind.PERMIT
    assert highlight("=> deny();")[1].kind is TokenKind.DENY
    assert highlight('"open')[0].kind is TokenKind.ERROR
