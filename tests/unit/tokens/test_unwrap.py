"""Every form in which a policy travels is read; nothing else is taken for one."""

from __future__ import annotations

import base64
import json

import pytest

from sealwright.errors import TokenError
from sealwright.tokens.jose import b64url_encode
from sealwright.tokens.policy_jws import unsecured_policy, unsecured_reset
from sealwright.tokens.unwrap import PolicyForm, unwrap

TEXT = "version=1.0;\r\nauthorizationrules{=>permit();};issuancerules{};"


def compact(header: object, payload: object, signature: str = "") -> str:
    parts = (b64url_encode(json.dumps(part).encode()) for part in (header, payload))
    return f"{'.'.join(parts)}.{signature}"


def policy(claim: str, **header: object) -> str:
    return compact(header or {"alg": "none"}, {"AttestationPolicy": claim})


ENCODED = b64url_encode(TEXT.encode())
ANSWER = compact({"alg": "RS256"}, {"x-ms-policy": unsecured_policy(TEXT)}, "AA")


@pytest.mark.parametrize(
    ("source", "form", "wrapping"),
    [
        (TEXT, PolicyForm.TEXT, ()),
        ("// mine\n" + TEXT, PolicyForm.TEXT, ()),
        (unsecured_policy(TEXT), PolicyForm.ENCODED, ()),
        (f"  {unsecured_policy(TEXT)}\r\n", PolicyForm.ENCODED, ()),
        (json.dumps(unsecured_policy(TEXT)), PolicyForm.ENCODED, ("json-string",)),
        (policy(ENCODED, typ="JWT", alg="none"), PolicyForm.ENCODED, ()),
        (policy(TEXT), PolicyForm.PLAIN, ()),
        (policy(base64.b64encode(b"~~~" + TEXT.encode()).decode()), PolicyForm.ENCODED, ()),
        (json.dumps({"Policy": policy(TEXT)}), PolicyForm.PLAIN, ("preview-answer",)),
        (ANSWER, PolicyForm.ENCODED, ("policy-answer",)),
        (json.dumps({"token": ANSWER}), PolicyForm.ENCODED, ("answer", "policy-answer")),
    ],
)
def test_known_forms(source: str, form: PolicyForm, wrapping: tuple[str, ...]) -> None:
    result = unwrap(source)
    assert result.text.endswith(TEXT)
    assert (result.form, result.wrapping) == (form, wrapping)


@pytest.mark.parametrize("source", [unsecured_reset(), compact({"alg": "none"}, {}), policy("")])
def test_a_token_without_a_policy_is_empty(source: str) -> None:
    result = unwrap(source)
    assert (result.text, result.form) == ("", PolicyForm.EMPTY)
    assert result.policy_hash == "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"


@pytest.mark.parametrize(
    "source",
    [
        "",
        "hello",
        "{}",
        '{"token": 1}',
        compact({"alg": "none"}, {"other": 1}),
        compact({"alg": "none"}, {"AttestationPolicy": 1}),
        policy("ÿ not base64"),
        policy(b64url_encode(b"\xff\xfe")),
    ],
)
def test_anything_else_is_refused(source: str) -> None:
    with pytest.raises(TokenError):
        unwrap(source)


@pytest.mark.parametrize("comment", ["/**/", "/* * ** */", "// c\n", "/* version", " \t"])
def test_many_comments_before_something_else_are_read_once(comment: str) -> None:
    with pytest.raises(TokenError):
        unwrap(comment * 20_000 + "garbage")
    if not comment.endswith("version"):
        assert unwrap(comment * 20_000 + TEXT).form is PolicyForm.TEXT


def test_endless_wrapping_is_refused() -> None:
    source = unsecured_policy(TEXT)
    for _ in range(10):
        source = json.dumps(source)
    with pytest.raises(TokenError):
        unwrap(source)


def test_unusual_headers_are_read_and_named() -> None:
    header = {"alg": "RSA256", "typ": "JWT", "jwk": {"x5c": ["bGVhZg=="]}}
    result = unwrap(compact(header, {"AttestationPolicy": ENCODED}, "AA"))
    assert result.chain == (b"leaf",)
    assert result.signed
    assert len(result.warnings) == 3


@pytest.mark.parametrize("x5c", [[], "text", [1], ["***"]])
def test_a_broken_certificate_list_is_refused(x5c: object) -> None:
    with pytest.raises(TokenError):
        unwrap(compact({"alg": "RS256", "x5c": x5c}, {"AttestationPolicy": ENCODED}, "AA"))
