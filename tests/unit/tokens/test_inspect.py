"""Any token can be taken apart, and what matters about it is said at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helpers.issuing import Issuer
from sealwright.claims.catalogue import Catalogue
from sealwright.errors import TokenError
from sealwright.tokens.inspect import Meaning, inspect, meanings, without_scheme
from sealwright.tokens.jose import b64url_encode
from sealwright.tokens.policy_jws import unsecured_policy, unsecured_reset

SERVICE = Issuer()


def compact(header: object, claims: object) -> str:
    parts = (b64url_encode(json.dumps(part).encode()) for part in (header, claims))
    return f"{'.'.join(parts)}.AA"


@pytest.mark.parametrize(
    "wrap",
    [
        "{}",
        "Bearer {}",
        "Authorization: Bearer {}",
        "authorization:bearer {}",
        '"{}"',
        '{{"token":"{}"}}',
        " {}\n",
    ],
)
def test_what_is_around_a_token_is_shed(wrap: str) -> None:
    token = SERVICE.token()
    assert inspect(wrap.format(token)).jws.compact == token


@pytest.mark.parametrize(
    ("claims", "kind"),
    [
        ({"x-ms-attestation-type": "sgx"}, "maa-attestation"),
        ({"maa-policyHash": "00"}, "maa-attestation"),
        ({"x-ms-attestation-type": "sgx", "x-ms-policy": {}}, "maa-attestation"),
        ({"x-ms-policy-result": "Updated"}, "maa-policy-result"),
        ({"x-ms-policy": "a.b.c"}, "maa-policy-get"),
        ({"x-ms-policy-certificates": {"keys": []}}, "maa-certificates"),
        ({"aas-policyCertificates": {"keys": []}}, "maa-certificates"),
        ({"x-ms-policycertificates-result": "IsPresent"}, "maa-certificates"),
        ({"x-ms-certificate-result": "IsAbsent"}, "maa-certificates"),
        ({"policyCertificate": {}}, "policy-certificate"),
        ({"aas-policyCertificate": {}}, "policy-certificate"),
        ({"sub": "somebody"}, "other"),
    ],
)
def test_kinds(claims: dict[str, object], kind: str) -> None:
    assert inspect(compact({"alg": "RS256"}, claims)).kind == kind


def test_policies_of_administrators_are_recognised() -> None:
    assert inspect(unsecured_policy("version=1.0;")).kind == "policy"
    assert inspect(unsecured_reset()).kind == "policy"


def test_claims_are_explained_at_any_depth() -> None:
    claims = {"x-ms-isolation-tee": {"tee": "sevsnpvm"}, "a/b": [{"tee": 1}], "own": 1}
    catalogue = {"tee": Meaning("the type", deprecated=True, preferred="x-ms-attestation-type")}
    found = inspect(compact({"alg": "RS256"}, claims), catalogue.get).explained
    assert {item.path for item in found} == {"/x-ms-isolation-tee/tee", "/a~1b/0/tee"}
    assert all(item.deprecated and item.preferred for item in found)


@pytest.mark.parametrize(
    ("header", "claims", "code"),
    [
        ({"alg": "none"}, {}, "unsecured"),
        ({"alg": "HS256"}, {}, "shared-secret"),
        ({"alg": "RSA256"}, {}, "algorithm-name"),
        ({"alg": "RS256", "crit": ["x"]}, {}, "critical"),
        ({"alg": "RS256"}, {"x-ms-sgx-is-debuggable": True}, "debuggable"),
        ({"alg": "RS256"}, {"dbgstat": "enabled"}, "debuggable"),
        (
            {"alg": "RS256"},
            {"x-ms-isolation-tee": {"x-ms-sevsnpvm-is-debuggable": True}},
            "debuggable",
        ),
    ],
)
def test_warnings(header: dict[str, object], claims: dict[str, object], code: str) -> None:
    assert [item.code for item in inspect(compact(header, claims)).warnings] == [code]


def test_nothing_to_warn_of() -> None:
    sent = {"x-ms-sgx-is-debuggable": True}
    claims = {"x-ms-sgx-is-debuggable": False, "dbgstat": "disabled", "x-ms-runtime": sent}
    assert inspect(compact({"alg": "RS256"}, claims)).warnings == ()


@pytest.mark.parametrize("text", ["", "hello", "{}", "a.b", "Bearer " * 5000])
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(TokenError):
        inspect(text)


def test_the_catalogue_explains() -> None:
    path = Path(__file__).resolve().parents[3] / "resources" / "claims.json"
    meaning_of = meanings(Catalogue.from_json(path.read_text("utf-8")))
    found = inspect(compact({"alg": "RS256"}, {"tee": "sgx", "own": 1}), meaning_of).explained
    assert [(item.path, item.deprecated, item.preferred) for item in found] == [
        ("/tee", True, "x-ms-attestation-type")
    ]
    assert found[0].meaning


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("x-ms-policy-result", "Removed"),
        ("x-ms-policycertificates-result", "IsAbsent"),
        ("x-ms-certificate-thumbprint", "SHA-1"),
        ("x-ms-policy-token-hash", "SHA-256"),
        ("AttestationPolicy", "base64url"),
    ],
)
def test_claims_of_management_tokens_mean_something_at_the_top_only(name: str, word: str) -> None:
    found = inspect(compact({"alg": "RS256"}, {name: "a", "own": {name: "b"}})).explained
    assert [(item.path, word in item.meaning) for item in found] == [(f"/{name}", True)]


def test_only_a_scheme_at_the_start_is_shed_however_long_the_text() -> None:
    assert without_scheme(" Authorization: Bearer a.b.c") == "a.b.c"
    assert without_scheme("a.b.c bearer d") == "a.b.c bearer d"
    # A search that starts again at each blank would take hours.
    blanks = "x" + " " * 4_000_000
    assert without_scheme(blanks) == blanks
