"""What must hold of the policy language for any text at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from helpers.naive_comparison import compare
from sealwright.claims import SERVICE_ISSUER, AttestationType, Catalogue, Claim
from sealwright.policy import check, highlight, parse, service_error
from sealwright.policy.checking.checks import accepted
from sealwright.policy.checking.linter import Analysis
from sealwright.policy.comparison import semantic_diff
from sealwright.policy.writing.explanation import explain
from sealwright.policy.writing.formatter import format_policy

if TYPE_CHECKING:
    from sealwright.policy.syntax import Policy

CATALOGUE: Final = Catalogue.from_json(
    (Path(__file__).parents[2] / "resources" / "claims.json").read_text("utf-8")
)
FRAGMENTS: Final = (
    "version=1.0;", "version=1.1;", "version=1.2;", "configurationrules {", "authorizationrules {",
    "issuancerules {", "};", "}", "{", ";", "=>", "&&", "!", "[", "]", "(", ")", ",", ":", ".", "=",
    "==", "!=", "<", "<=", ">", ">=", "permit()", "deny()", "add(", "issue(", "issueproperty(",
    "claim=c", "c:", "c.value", "c.type", "type==", "value==", "issuer==", "valueType==", "type=",
    "value=", "true", "false", "1", "-1", "007", "9223372036854775808", '"a"', '"b', '"', "\\",
    '"\\u0041"', '"\\ud800"', '"\U0001f600"', "JmesPath(", "JsonToClaimValue(", "IsSubsetOf(",
    "AppendString(", "NegateBool(", "ContainsOnlyValue(", '"[1,\\"x\\",null]"', '"k[?@==\'x\']"',
    "// c\n", "/* c */", "\n", "\r", "\t", "\ufeff", "\u201c", "\u201d", "\u00a0", "<value>", "||",
    "=~", "c", "d:", '"x-ms-sgx-svn"', '"pcrs"', '"omit_x5c"', '[type=="a"] => permit();',
    'c:[type=="a"] => issue(claim=c);', '=> issue(type="t", value=1);', "Permit()", "Type==", "$a",
    'c:[type=="a"] => add(type="b", value=', '[type=="b", value==', 'd:[type=="a", value!=c.value]',
)  # fmt: skip
"""Pieces a text is put together from; blanks are among them."""
CLAIMS: Final = [
    Claim("a", "x", SERVICE_ISSUER),
    Claim("a", '["x",1,null,true]', SERVICE_ISSUER),
    Claim("a", 3, SERVICE_ISSUER),
    Claim("b", value=True),
    Claim("pcrs", '{"k":[1,"x"]}', SERVICE_ISSUER),
    Claim("x-ms-sgx-svn", 5, SERVICE_ISSUER),
]


def text_of(data: bytes) -> str:
    """Fragments named by bytes; after a byte 255, the text itself."""
    parts = []
    for place, byte in enumerate(data):
        if byte == 255:
            parts.append(data[place + 1 :].decode("utf-8", "replace"))
            break
        parts.append(FRAGMENTS[byte % len(FRAGMENTS)])
    return "".join(parts)


def hold(text: str, cut: int) -> None:
    """Fail when something does not hold of this text; `cut` chooses an edit.

    Raises:
        AssertionError: it does not hold.
    """
    policy = parse(text)
    assert str(policy) == text
    problems = check(policy)
    assert (service_error(text, problems) is None) is accepted(problems)
    assert all(0 <= each.span.start <= each.span.end <= len(text) for each in highlight(text))
    analysis = Analysis(policy, CATALOGUE, AttestationType.SGX_ENCLAVE)
    for each in analysis.diagnostics:
        assert 0 <= each.span.start <= each.span.end <= len(text), each
        if each.fix:
            parse(each.fix.apply(text))
    _hold_after_edit(text, analysis, cut)
    if policy.parses:
        _hold_of_layout(text, policy)
        explain(policy)
    if accepted(problems):
        compare(text, CLAIMS)


def _hold_after_edit(text: str, analysis: Analysis, cut: int) -> None:
    start = cut % (len(text) + 1)
    end = min(len(text), start + cut % 5)
    new = FRAGMENTS[cut % len(FRAGMENTS)]
    edited = analysis.edited(start, end, new)
    after = text[:start] + new + text[end:]
    fresh = Analysis.of(after, CATALOGUE, AttestationType.SGX_ENCLAVE)
    assert str(edited.policy) == after
    assert edited.diagnostics == fresh.diagnostics


def _hold_of_layout(text: str, policy: Policy) -> None:
    tidy = format_policy(text)
    again = parse(tidy)
    assert again.parses
    assert format_policy(tidy) == tidy
    assert semantic_diff(policy, again).equal
