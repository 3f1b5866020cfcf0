"""Slips of the pen: one finding each, at its characters, and one key puts the text right."""

from __future__ import annotations

import pytest

from sealwright.policy import parse

WHOLE = """version=1.1;
authorizationrules {
    [type=="x-ms-sgx-is-debuggable", value==true] => deny();
    [type=="x-ms-sgx-svn", value>=2] && c:[type=="zone"] => add(type="fresh", value=true);
    [type=="fresh"] => permit();
};
issuancerules {
    => issue(type="tier", value="gold");
};
"""
SLIPS = [
    ("value==true", "value===true", "SW001", "==="),
    ("value>=2", "value=>2", "SW001", "=>"),
    ('"x-ms-sgx-svn"', "x-ms-sgx-svn", "SW026", "x-ms-sgx-svn"),
    ('type=="zone"', "type==zone", "SW026", "zone"),
    ('type=="x-ms-sgx-svn", value', "x-ms-sgx-svn", "SW025", "x-ms-sgx-svn"),
    ('type=="zone"', 'typ=="zone"', "SW025", "typ"),
    ('"x-ms-sgx-svn"', '"x-ms-sgx-svn', "SW006", '"x-ms-sgx-svn'),
    ('"gold"', '"gold', "SW006", '"gold);'),
    ('"gold"', "'gold'", "SW009", "'gold'"),
    ("] && c:", "], c:", "SW001", ","),
    ("] && c:", "] c:", "SW001", "c"),
    ("] && c:", "] & c:", "SW009", "&"),
    ('debuggable", value', 'debuggable" && value', "SW001", "&&"),
    ('debuggable", value', 'debuggable" value', "SW001", "value"),
    ('"fresh", value', '"fresh" value', "SW001", "value"),
    ("true] =>", "true =>", "SW001", "e"),
    ("2] && c", "2 && c", "SW001", "2"),
    ("] => permit", "] -> permit", "SW001", "->"),
    ("] => permit", "] ==> permit", "SW001", "==>"),
    ("] => permit", "] = > permit", "SW001", "= >"),
    ("permit();", "permit;", "SW001", "t"),
    ("permit();", "permit(;", "SW001", "("),
    ('"gold");', '"gold";', "SW001", '"'),
    ("permit", "allow", "SW013", "allow"),
    ("deny", "reject", "SW013", "reject"),
    ("};\nissuance", "issuance", "SW023", "issuancerules"),
    ("version=1.1", "version=1", "SW012", "1"),
]


@pytest.mark.parametrize(("right", "wrong", "code", "underlined"), SLIPS)
def test_a_slip_is_one_finding_and_one_key(
    right: str, wrong: str, code: str, underlined: str
) -> None:
    assert parse(WHOLE).parses
    text = WHOLE.replace(right, wrong, 1)
    assert text != WHOLE
    policy = parse(text)
    (found,) = policy.syntax_errors
    assert (found.code, text[found.span.start : found.span.end]) == (code, underlined)
    assert found.fix is not None
    mended = found.fix.apply(text)
    assert mended.replace("version=1.0", "version=1.1") == WHOLE


@pytest.mark.parametrize("sign", ["||", "or"])
def test_what_has_no_place_in_the_language_is_said_once(sign: str) -> None:
    (found,) = parse(WHOLE.replace("&&", sign)).syntax_errors
    assert (found.code, found.fix) == ("SW014", None)


def test_conditions_on_two_lines_may_be_two_rules() -> None:
    (found,) = parse(WHOLE.replace("] && c:", "]\n    c:")).syntax_errors
    assert found.fix is None


def test_a_sign_of_a_comment_is_put_right() -> None:
    text = WHOLE.replace("    => issue", "    # said by #1\n    => issue")
    while found := [each for each in parse(text).syntax_errors if each.fix]:
        assert found[0].fix is not None
        text = found[0].fix.apply(text)
    assert "    // said by #1\n" in text
    assert parse(text).parses


@pytest.mark.parametrize("wrong", ["permit(", "permit", "permit()"])
def test_an_action_that_stops_too_early_is_finished_key_by_key(wrong: str) -> None:
    text = WHOLE.replace("permit();", wrong)
    for _ in range(2):
        fixes = [each.fix for each in parse(text).syntax_errors if each.fix]
        text = fixes[0].apply(text) if fixes else text
    assert text == WHOLE
