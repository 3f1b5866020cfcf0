"""What people bring in place of a token."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.issuing import Issuer
from sealwright.tokens.pasted import Pasted, guess, is_like_token


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (" \n\t\ufeff", Pasted.NOTHING),
        ("-----BEGIN RSA PRIVATE KEY-----\nAA==", Pasted.PRIVATE_KEY),
        ("notes\n-----BEGIN ENCRYPTED PRIVATE KEY-----", Pasted.PRIVATE_KEY),
        ('{"kty": "RSA", "n": "x", "d": "y"}', Pasted.PRIVATE_KEY),
        ("-----BEGIN CERTIFICATE-----\nAA==", Pasted.CERTIFICATE),
        ("version= 1.0;\nauthorizationrules{=> permit();};", Pasted.POLICY),
        ("// mine\nversion=1.1;\nauthorizationrules {};", Pasted.POLICY),
        ('{"keys": []}', Pasted.KEY_SET),
        ('{"iss": "https://a.example", "exp": 1}', Pasted.CLAIMS),
        ('{"alg": "RS256"}', Pasted.CLAIMS),
        ('{"error": {"code": "x"}}', Pasted.JSON),
        ("[1, 2]", Pasted.JSON),
        ("{ no json", Pasted.TEXT),
        (f"ey{'A' * 40}.a.b.c.d", Pasted.ENCRYPTED),
        ("https://contoso.eus.attest.azure.net/certs", Pasted.ADDRESS),
        ("<html><body>sign in</body></html>", Pasted.MARKUP),
        ("03000200" * 20, Pasted.BYTES),
        ("AwACAAAA" * 20, Pasted.BYTES),
        ("MZ\0\ufffd", Pasted.BINARY),
        ("many words and no dot in them, so that nobody could take them for bytes", Pasted.TEXT),
        ("hello", Pasted.TEXT),
    ],
)  # fmt: skip
def test_what_it_is(text: str, kind: Pasted) -> None:
    assert guess(text) is kind
    assert not is_like_token(text.strip())


@pytest.mark.parametrize(
    "text",
    [
        Issuer().token(),
        Issuer().token().rpartition(".")[0],
        Issuer().token().replace("e", "+", 3).replace("ey", "", 1),
        "eyJ broken .by.blanks",
    ],
)
def test_a_damaged_token_is_still_worth_its_checks(text: str) -> None:
    assert is_like_token(text)


@given(st.text())
def test_any_text_is_something(text: str) -> None:
    assert guess(text) in Pasted
