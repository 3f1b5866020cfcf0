"""The formatter: one layout, idempotent, comments kept, meaning unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.policy_texts import claims, policies
from sealwright.errors import PolicyError
from sealwright.policy import EvaluationError, evaluate, parse
from sealwright.policy.reading.lexer import tokens
from sealwright.policy.writing.formatter import format_policy

if TYPE_CHECKING:
    from sealwright.claims import Claim

UGLY = """// head
Version = 1.1 ; // kept


// about the section
AuthorizationRules
{ // opens
      c : [ Type=="a" , value == true ]&&[type=="b"]
   =>Permit( ) ; // why


  // between
  => deny();
  } ;
issuancerules{};
// end
"""
NEAT = """// head
version=1.1;  // kept

// about the section
authorizationrules {  // opens
    c:[type=="a", value==true] && [type=="b"] => permit();  // why

    // between
    => deny();
};

issuancerules {
};
// end
"""


def test_the_one_layout() -> None:
    assert format_policy(UGLY) == NEAT
    assert format_policy(NEAT) == NEAT


def test_long_rules_and_rules_with_comments_are_broken() -> None:
    long = '[type=="' + "x" * 50 + '"]'
    text = f"version=1.0;authorizationrules{{{long}&&{long}=>permit();}};"
    assert format_policy(text).splitlines()[3:6] == [
        f"    {long} &&",
        f"    {long}",
        "        => permit();",
    ]
    text = 'version=1.0;authorizationrules{\n[type=="a"] // why\n&& [type=="b"]\n//own\n=>deny();};'
    assert format_policy(text).splitlines()[3:8] == [
        '    [type=="a"]  // why',
        "        && ".rstrip(),
        '    [type=="b"]',
        "        //own",
        "        => deny();",
    ]


def test_line_ends_and_mark_stay() -> None:
    text = format_policy("\ufeffversion=1.0;\r\nauthorizationrules{=>permit();};")
    assert text == "\ufeffversion=1.0;\r\n\r\nauthorizationrules {\r\n    => permit();\r\n};\r\n"


def test_a_broken_text_is_left_alone() -> None:
    with pytest.raises(PolicyError) as caught:
        format_policy("version=1.0;authorizationrules{=>permit()};")
    assert caught.value.diagnostics


blanks = st.lists(
    st.sampled_from([" ", "\n", "\t", "\r\n", "// note\n", "// x // y\n", "\n\n\n"]), max_size=3
).map("".join)


@st.composite
def respaced(draw: st.DrawFn) -> str:
    text = draw(policies())
    return "".join(draw(blanks) + token.text for token in tokens(text)) + draw(blanks)


def words(text: str) -> list[str]:
    return [token.text for token in tokens(text)]


def comments(text: str) -> list[str]:
    found, end = [], 0
    for token in tokens(text):
        found += text[end : token.start].split("\n")
        end = token.end
    return [line.strip() for line in [*found, *text[end:].split("\n")] if line.strip()]


@settings(max_examples=60, deadline=None)
@given(respaced())
def test_formatting_changes_blanks_only_and_once(text: str) -> None:
    neat = format_policy(text)
    assert words(neat) == words(text)
    assert comments(neat) == comments(text)
    assert format_policy(neat) == neat


@settings(max_examples=40, deadline=None)
@given(respaced(), claims)
def test_formatting_changes_no_decision(text: str, given_claims: list[Claim]) -> None:
    assert outcome(format_policy(text), given_claims) == outcome(text, given_claims)


def outcome(text: str, given_claims: list[Claim]) -> object:
    try:
        found = evaluate(parse(text), given_claims)
    except EvaluationError as error:
        return str(error)
    return found.permitted, list(found.incoming), list(found.outgoing), list(found.properties)
