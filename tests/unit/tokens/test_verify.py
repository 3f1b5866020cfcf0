"""A token is valid only when every link holds, and the report names the link that does not."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from helpers.checking import ATTACKER, SERVICE, check, failed
from helpers.issuing import ISSUER, NOW, SECOND, Issuer, rsa_key
from sealwright.errors import TokenError
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.tokens.jose import b64url_encode
from sealwright.tokens.verification.case import Rules
from sealwright.tokens.verification.report import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = [
    "shape",
    "header",
    "issuer-choice",
    "key-set",
    "signature",
    "times",
    "issuer",
    "certificate",
    "key-attestation",
    "schema",
    "binding",
    "relying-party",
]


def test_a_good_token_is_valid_and_names_its_key() -> None:
    report = check(SERVICE.token())
    report.require()
    assert report.verdict is Verdict.VALID
    assert report.signed_by is not None
    assert report.signed_by.subject == f"CN={ISSUER}"
    rows = [item.id for item in report.checks if "." not in item.id]
    assert rows == ROWS
    assert [link.link for link in report.chain][:3] == ["token", "key", "certificate"]


def test_an_expired_token_is_told_from_an_invalid_one() -> None:
    report = check(SERVICE.token(), now=NOW + timedelta(days=1))
    assert report.verdict is Verdict.EXPIRED
    with pytest.raises(TokenError, match="expired") as caught:
        report.require()
    assert caught.value.details["check"] == "times.expiry"


@pytest.mark.parametrize(
    ("name", "value", "checks"),
    [
        ("alg", "none", {"header.algorithm"}),
        ("alg", "NONE", {"header.algorithm"}),
        ("alg", "HS256", {"header.algorithm"}),
        ("alg", "RSA256", {"header.algorithm"}),
        ("alg", "PS256", {"header.algorithm"}),
        ("alg", ["RS256"], {"header.algorithm"}),
        ("alg", ..., {"header.algorithm"}),
        ("crit", ["exp"], {"header.extension"}),
        ("b64", False, {"header.extension"}),
        ("zip", "DEF", {"header.extension"}),
        ("typ", "JOSE", {"header.type"}),
        ("kid", ..., {"header.kid"}),
        ("kid", "", {"header.kid"}),
        ("kid", 1, {"header.kid"}),
        ("kid", "../../certs", {"key-set.kid"}),
        ("jwk", {"kty": "RSA"}, {"header.key"}),
        ("x5u", "https://attacker.example/c", {"header.key"}),
        ("x5c", ["MIIC"], {"header.key"}),
        ("jku", ..., {"issuer-choice.url"}),
        ("jku", 7, {"issuer-choice.url"}),
        ("jku", "https://[::1", {"issuer-choice.url"}),
        (
            "jku",
            "http://contoso.eus.attest.azure.net/certs",
            {"issuer-choice.url", "issuer-choice.host"},
        ),
        ("jku", f"{ISSUER}/certs?x=1", {"issuer-choice.url", "issuer-choice.host"}),
        ("jku", f"{ISSUER}/certs#x", {"issuer-choice.url", "issuer-choice.host"}),
        ("jku", f"{ISSUER}/certs?", {"issuer-choice.url", "issuer-choice.host"}),
        ("jku", f"{ISSUER}/certs#", {"issuer-choice.url", "issuer-choice.host"}),
        ("jku", f"{ISSUER}/ce\trts", {"issuer-choice.url", "issuer-choice.host"}),
        ("jku", f"{ISSUER}/certs\n", {"issuer-choice.url", "issuer-choice.host"}),
        ("jku", f" {ISSUER}/certs", {"issuer-choice.url", "issuer-choice.host"}),
        ("jku", f"\0{ISSUER}/certs", {"issuer-choice.url", "issuer-choice.host"}),
        ("jku", f"{ISSUER}/keys", {"issuer-choice.url", "issuer-choice.host"}),
        ("jku", "https://other.eus.attest.azure.net/certs", {"issuer-choice.host"}),
        (
            "jku",
            "https://attest.azure.net.attacker.example/certs",
            {"issuer-choice.host", "issuer-choice.trusted"},
        ),
        (
            "jku",
            "https://contoso.eus.attest.azure.net@attacker.example/certs",
            {"issuer-choice.url", "issuer-choice.host", "issuer-choice.trusted"},
        ),
    ],
)
def test_each_header_member_matters_even_when_signed(
    name: str, value: object, checks: set[str]
) -> None:
    report = check(SERVICE.token(header=SERVICE.header(**{name: value})))
    assert not report.valid
    assert failed(report) == checks


@pytest.mark.parametrize(
    ("changes", "checks"),
    [
        ({"exp": SECOND}, {"times.order"}),
        ({"iat": SECOND - 9, "nbf": SECOND + 9, "exp": SECOND - 5}, {"times.order"}),
        ({"exp": ...}, {"times.form"}),
        ({"exp": "soon"}, {"times.form"}),
        ({"iat": True}, {"times.form"}),
        ({"iat": 1.5}, {"times.form"}),
        ({"nbf": -1}, {"times.form"}),
        ({"exp": 10**30}, {"times.form"}),
        ({"iat": SECOND + 61}, {"times.issued"}),
        ({"nbf": SECOND + 61}, {"times.not-before"}),
        ({"iss": ...}, {"issuer.name"}),
        ({"iss": 5}, {"issuer.name"}),
        (
            {"iss": f"{ISSUER}/"},
            {"issuer.name", "issuer-choice.host", "certificate.subject"},
        ),
        (
            {"iss": ISSUER.replace("https", "http")},
            {"issuer.name", "issuer-choice.host", "certificate.subject"},
        ),
    ],
)
def test_each_claim_that_proves_something_matters(
    changes: dict[str, object], checks: set[str]
) -> None:
    report = check(SERVICE.token(SERVICE.claims(**changes)))
    assert not report.valid
    assert failed(report) == checks


@pytest.mark.parametrize("shift", [-60, 60, 3600 + 60])
def test_the_skew_is_allowed_to_the_second(shift: int) -> None:
    token = SERVICE.token()
    at = NOW + timedelta(seconds=shift)
    assert check(token, now=at).valid
    beyond = at + timedelta(seconds=1 if shift > 60 else -1)
    assert check(token, now=beyond).valid == (shift == 60)


def test_every_changed_character_of_a_segment_breaks_the_token() -> None:
    token = SERVICE.token()
    for position in range(0, len(token), 7):
        letter = "A" if token[position] != "A" else "B"
        changed = token[:position] + letter + token[position + 1 :]
        assert not check(changed).valid, position


def test_a_token_signed_by_another_key_is_refused() -> None:
    forged = ATTACKER.token(header=SERVICE.header())
    report = check(forged)
    assert failed(report) == {"signature.value"}
    assert report.verdict is Verdict.INVALID
    assert report.signed_by is None


def test_the_public_key_is_no_shared_secret() -> None:
    public = rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = b64url_encode(json.dumps(SERVICE.header(alg="HS256")).encode())
    body = b64url_encode(json.dumps(SERVICE.claims()).encode())
    value = hmac.digest(public, f"{head}.{body}".encode(), hashlib.sha256)
    assert failed(check(f"{head}.{body}.{b64url_encode(value)}")) == {"header.algorithm"}


@pytest.mark.parametrize("name", ["HS256", "none"])
def test_what_signs_nothing_is_refused_whoever_allows_it(name: str) -> None:
    rules = Rules(algorithms=frozenset({"RS256", name}))
    report = check(SERVICE.token(header=SERVICE.header(alg=name)), rules=rules)
    assert failed(report) == {"header.algorithm"}
    algorithm = report.check("header.algorithm")
    assert algorithm is not None
    assert algorithm.expected == "RS256"


def test_a_stripped_signature_makes_it_unsecured() -> None:
    head, body, _ = SERVICE.token().split(".")
    report = check(f"{head}.{body}.")
    assert report.verdict is Verdict.UNSECURED


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda token: token.rpartition(".")[0] + ".", "no signature"),
        (lambda token: token.rpartition(".")[0], "three parts"),
        (lambda token: token[:-8] + "AAAAAAAA", "does not belong"),
    ],
    ids=["stripped", "two parts", "changed"],
)
def test_the_first_link_fails_for_whatever_is_wrong_with_the_token(
    change: Callable[[str], str], word: str
) -> None:
    link = check(change(SERVICE.token())).chain[0]
    assert (link.link, link.status) == ("token", CheckStatus.FAIL)
    assert word in link.detail


def test_claims_that_are_there_twice_are_refused() -> None:
    header = json.dumps(SERVICE.header()).encode()
    payload = json.dumps(SERVICE.claims()).encode()
    doubled = payload[:-1] + b',"iss":"https://attacker.example"}'
    report = check(SERVICE.sign(header, doubled))
    assert failed(report) == {"shape.duplicate"}
    times = report.check("times")
    assert times is not None
    assert times.status is CheckStatus.SKIP


def test_without_an_expected_issuer_nothing_is_proven() -> None:
    report = check(SERVICE.token(), issuer="")
    assert report.verdict is Verdict.UNTRUSTED
    with pytest.raises(TokenError, match="not proven"):
        report.require()


def test_a_provider_on_a_local_port_is_trusted_when_it_is_the_expected_one() -> None:
    local = Issuer(uri="https://contoso.eus.attest.localhost:8443")
    assert check(local.token(), keys=local.key_set(), issuer=local.uri).valid
    other = check(local.token(), keys=local.key_set())
    assert failed(other) == {"issuer.name", "issuer-choice.trusted"}


@pytest.mark.parametrize("token", ["", "a", "..", "a.b.c", "\ud800.a.b", "e30..", "x" * 100])
def test_garbage_is_invalid_and_raises_nothing(token: str) -> None:
    report = check(token)
    assert not report.valid
    assert report.checks[0].id == "shape"
