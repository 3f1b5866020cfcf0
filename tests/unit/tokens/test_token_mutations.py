"""Change one thing of a good token: the verdict changes, and the report names what was changed."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.issuing import ISSUER, NOW, SECOND, Issuer, b64, rsa_key
from helpers.simulators import bundled
from sealwright.claims.catalogue import Catalogue
from sealwright.evidence.basis.certificates import load, spki
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.evidence.synthetic.quotes import SandboxPlatform, new_platform
from sealwright.tokens.chain import ChainLink, Stop, draw_chain
from sealwright.tokens.expectations import parse_expectations
from sealwright.tokens.jose import b64url_decode, b64url_encode
from sealwright.tokens.keyset import KeySet, enclave_kid, parse_key_set
from sealwright.tokens.signing_certificate import signing_certificate
from sealwright.tokens.verification.report import Verdict
from sealwright.tokens.verification.verify import verify

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.tokens.verification.report import Report

HEX = "ab" * 32
CLAIMS: dict[str, Any] = {
    "exp": SECOND + 3600,
    "iat": SECOND,
    "iss": ISSUER,
    "jti": HEX,
    "nbf": SECOND,
    "nonce": "42",
    "x-ms-attestation-type": "sgx",
    "x-ms-policy-hash": "z0FRjKS0ssQTNur1V6BV8WIrh9M3fzgTo0EfHRvapWU",
    "x-ms-sgx-is-debuggable": False,
    "x-ms-sgx-mrenclave": HEX,
    "x-ms-sgx-mrsigner": HEX,
    "x-ms-sgx-product-id": 1,
    "x-ms-sgx-report-data": HEX + HEX,
    "x-ms-sgx-svn": 2,
    "x-ms-ver": "1.0",
}
RULES = parse_expectations(
    json.dumps(
        {
            "attestationType": "sgx",
            "policyHashes": [CLAIMS["x-ms-policy-hash"]],
            "allowDebug": False,
            "requireEvidence": True,
            "claims": [
                {"claim": name, "equals": CLAIMS[name]}
                for name in (
                    "jti",
                    "nonce",
                    "x-ms-sgx-mrenclave",
                    "x-ms-sgx-mrsigner",
                    "x-ms-sgx-product-id",
                    "x-ms-sgx-report-data",
                    "x-ms-sgx-svn",
                )
            ],
        }
    ).encode()
)
NAMED = {
    "exp": "times.",
    "iat": "times.",
    "nbf": "times.",
    "iss": "issuer.name",
    "x-ms-attestation-type": "schema.type",
    "x-ms-policy-hash": "relying-party.policy-hash",
    "x-ms-sgx-is-debuggable": "relying-party.debug",
    "x-ms-ver": "schema.version",
}
OTHER: dict[str, Any] = {
    "exp": SECOND - 3600,
    "iat": SECOND + 7200,
    "nbf": SECOND + 7200,
    "x-ms-sgx-is-debuggable": True,
    "iss": "https://other.eus.attest.azure.net",
}


@cache
def service() -> tuple[SandboxPlatform, bytes, KeySet, dict[str, Any]]:
    """A provider whose key is vouched for by evidence: platform, certificate, keys, header."""
    platform = new_platform()
    der = signing_certificate(rsa_key(), ISSUER, platform)
    kid = enclave_kid(spki(load(der)))
    header = {"alg": "RS256", "jku": f"{ISSUER}/certs", "kid": kid, "typ": "JWT"}
    return platform, der, keys_of(der, kid), header


def keys_of(der: bytes, kid: str) -> KeySet:
    entry = {"kid": kid, "kty": "RSA", "x5c": [b64(der)]}
    return parse_key_set(json.dumps({"keys": [entry]}).encode())


def check(token: str, keys: KeySet | None = None, *, now: datetime = NOW, **more: object) -> Report:
    platform, _, own, _ = service()
    del more
    return verify(
        token,
        own if keys is None else keys,
        issuer=ISSUER,
        now=now,
        anchors=(platform.anchor(),),
        catalogue=Catalogue.from_json(bundled("claims.json").decode()),
        expect=RULES,
    )


def good(claims: dict[str, Any] | None = None, header: dict[str, Any] | None = None) -> str:
    return Issuer().token(claims or CLAIMS, header or service()[3])


def failed(report: Report) -> set[str]:
    return {item.id for item in report.failures if "." in item.id}


def test_the_token_that_is_changed_below_is_valid() -> None:
    report = check(good())
    assert report.verdict is Verdict.VALID, report.failures


def test_a_claim_changed_by_who_signs_is_named() -> None:
    for name, value in CLAIMS.items():
        other = OTHER.get(name, value + 1 if isinstance(value, int) else "cd" + str(value)[2:])
        report = check(good(CLAIMS | {name: other}))
        wanted = NAMED.get(name, f"relying-party.claim.{name}")
        assert report.verdict is not Verdict.VALID, name
        assert any(id_.startswith(wanted) for id_ in failed(report)), (name, failed(report))


def test_a_claim_left_out_is_named() -> None:
    for name in CLAIMS:
        report = check(good({key: value for key, value in CLAIMS.items() if key != name}))
        if name == "x-ms-sgx-is-debuggable":
            # Nothing then says that it can be debugged, which is what the rule asks for.
            continue
        wanted = NAMED.get(name, f"relying-party.claim.{name}")
        assert report.verdict is not Verdict.VALID, name
        assert any(id_.startswith(wanted) for id_ in failed(report)), (name, failed(report))


def test_a_claim_or_header_changed_by_anybody_else_breaks_the_signature() -> None:
    head, payload, signature = good().split(".")
    for name in CLAIMS:
        changed = json.dumps(CLAIMS | {name: "x"}, separators=(",", ":")).encode()
        report = check(f"{head}.{b64url_encode(changed)}.{signature}")
        assert "signature.value" in failed(report), name
    header = service()[3]
    wanted = {
        "alg": "header.algorithm",
        "jku": "issuer-choice.host",
        "kid": "key-set.kid",
        "typ": "header.type",
    }
    for name in header:
        changed = json.dumps(header | {name: "x"}, separators=(",", ":")).encode()
        report = check(f"{b64url_encode(changed)}.{payload}.{signature}")
        names = failed(report)
        assert any(id_.startswith(wanted[name].partition(".")[0]) for id_ in names), (name, names)
        assert report.verdict is not Verdict.VALID
        assert draw_chain(report, service()[2]).first_problem is not None


def test_every_byte_of_the_certificate_counts() -> None:
    _, der, _, header = service()
    kid = str(header["kid"])
    token = good()
    step = max(len(der) // 60, 1)
    for at in range(0, len(der), step):
        changed = bytearray(der)
        changed[at] ^= 1
        report = check(token, keys_of(bytes(changed), kid))
        assert report.verdict is not Verdict.VALID, at
        rows = {id_.partition(".")[0] for id_ in failed(report)}
        assert rows & {"key-set", "certificate", "key-attestation", "signature"}, (at, rows)


def test_every_bit_of_the_signature_counts() -> None:
    head, payload, signature = good().split(".")
    raw = b64url_decode(signature)
    for at in range(0, len(raw), 16):
        changed = bytearray(raw)
        changed[at] ^= 0x80
        report = check(f"{head}.{payload}.{b64url_encode(bytes(changed))}")
        assert "signature.value" in failed(report)
    for wrong in (raw[:-1], raw + b"\0", b"", raw[::-1]):
        report = check(f"{head}.{payload}.{b64url_encode(wrong)}")
        assert report.verdict in (Verdict.INVALID, Verdict.UNSECURED)


@pytest.mark.parametrize(
    ("offset", "verdict"),
    [
        (timedelta(seconds=-61), Verdict.INVALID),
        (timedelta(seconds=-60), Verdict.VALID),
        (timedelta(0), Verdict.VALID),
        (timedelta(seconds=3660), Verdict.VALID),
        (timedelta(seconds=3661), Verdict.EXPIRED),
    ],
)
def test_the_edges_of_time_lie_at_the_skew(offset: timedelta, verdict: Verdict) -> None:
    assert check(good(), now=NOW + offset).verdict is verdict


def raw_token(header: bytes, payload: bytes) -> str:
    return Issuer().sign(header, payload)


HEADER = json.dumps(
    {"alg": "RS256", "jku": f"{ISSUER}/certs", "kid": "K", "typ": "JWT"}, separators=(",", ":")
)


@pytest.mark.parametrize(
    ("payload", "wanted"),
    [
        ('{"iss":"a","iss":"b"}', "shape.duplicate"),
        ('{"x":{"a":1,"a":2}}', "shape.duplicate"),
        ('{"exp":1e999}', "shape.number"),
        ('{"exp":%s}' % ("9" * 5000), "shape.number"),
        ('{"a":%s}' % ("[" * 300 + "]" * 300), "shape.depth"),
        ('{"a":NaN}', "shape.json"),
        ('{"a":1} {"b":2}', "shape.json"),
        ('{"a":1}\x00', "shape.json"),
        ("[1]", "shape.json"),
        ("", "shape.json"),
        ('{"a":"\\ud800"}', "shape.json"),
    ],
)
def test_payloads_that_two_readers_would_read_differently_are_refused(
    payload: str, wanted: str
) -> None:
    report = check(raw_token(HEADER.encode(), payload.encode("utf-8", "surrogatepass")))
    assert wanted in failed(report)
    assert report.verdict is Verdict.INVALID


def test_forms_of_base64_that_are_not_canonical_are_refused() -> None:
    head, payload, signature = good().split(".")
    last = signature[-1]
    # The last character holds bits that stand for nothing: another one decodes to the same bytes.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = alphabet[alphabet.index(last) ^ 1]
    assert b64url_decode(signature[:-1] + twin, canonical=False) == b64url_decode(signature)
    standard = base64.b64encode(b64url_decode(signature)).decode()
    for changed in (signature[:-1] + twin, signature + "==", standard, signature + "\n"):
        report = check(f"{head}.{payload}.{changed}")
        assert report.verdict is Verdict.INVALID, changed[-4:]
        assert any(id_.startswith("shape.") for id_ in failed(report))
    for changed in (f"{good()}.", f".{good()}", f"{head}.{payload}", good() + ".x"):
        assert "shape.segments" in failed(check(changed))


def test_a_key_that_the_token_brings_is_never_used() -> None:
    attacker = Issuer(key="attacker")
    own = {"x5c": [b64(attacker.der)], "jwk": {"kty": "RSA", "x5c": [b64(attacker.der)]}}
    for name, value in own.items():
        for kid in (service()[3]["kid"], attacker.kid, "../../certs", "K\x00"):
            header = service()[3] | {name: value, "kid": kid}
            report = check(attacker.token(CLAIMS, header))
            assert report.verdict is Verdict.INVALID
            assert "header.key" in failed(report)
            assert report.signed_by is None


def test_of_a_forged_token_that_is_old_the_forgery_is_named_first() -> None:
    head, _, signature = good().split(".")
    claims = b64url_encode(json.dumps(CLAIMS | {"tier": "gold"}).encode())
    late = NOW + timedelta(days=30)
    forged = check(f"{head}.{claims}.{signature}", now=late)
    problem = draw_chain(forged, service()[2]).first_problem
    assert isinstance(problem, ChainLink)
    assert (problem.place, problem.word) == ("signed", "Signature does not hold")
    assert forged.decisive is not None
    assert forged.decisive.id == "signature.value"
    honest = check(good(), now=late)
    old = draw_chain(honest, service()[2]).first_problem
    assert isinstance(old, Stop)
    assert (old.place, honest.decisive and honest.decisive.id) == ("token", "times.expiry")


def test_reports_of_tpms_may_bring_only_the_certificate_of_their_key() -> None:
    _, der, _, header = service()
    claims = {**CLAIMS, "x-ms-attestation-type": "tpm"}
    mine = check(good(claims, header | {"x5c": [b64(der)]}))
    row = mine.check("header.key")
    assert row is not None
    assert row.status is CheckStatus.PASS
    renewed = signing_certificate(rsa_key(), ISSUER, service()[0])
    assert renewed != der
    assert "header.key" not in failed(check(good(claims, header | {"x5c": [b64(renewed)]})))
    for none in (None, [], ["AAAA"]):
        assert not check(good(claims, header | {"x5c": none})).valid
    stranger = Issuer(key="attacker").der
    other = check(good(claims, header | {"x5c": [b64(stranger)]}))
    assert "header.key" in failed(other)
    named = good(claims, header | {"x5t": "AAAA"})
    renewable = check(named).check("header.key")
    assert renewable is not None
    assert renewable.status is CheckStatus.WARN
    entry = {"kid": header["kid"], "kty": "RSA", "x5c": [b64(der), b64(stranger)]}
    issued = parse_key_set(json.dumps({"keys": [entry]}).encode())
    assert "header.key" in failed(check(named, issued))


@given(st.text(max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_text_gets_a_report_and_no_text_is_valid(text: str) -> None:
    report = check(text)
    assert not report.valid
    chain = draw_chain(report, service()[2])
    assert chain.first_problem is not None
    assert chain.first_problem.status is CheckStatus.FAIL


@given(st.binary(max_size=120), st.binary(max_size=120), st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_three_parts_get_a_report(header: bytes, payload: bytes, signature: bytes) -> None:
    parts = (b64url_encode(part) for part in (header, payload, signature))
    assert not check(".".join(parts)).valid


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=12), JSON, max_size=6))
@settings(max_examples=80, deadline=None)
def test_any_claims_of_a_genuine_key_are_reported_as_they_are(claims: dict[str, Any]) -> None:
    token = Issuer().token(claims, service()[3])
    report = check(token)
    assert report.claims == claims
    signature = report.check("signature.value")
    assert signature is not None
    assert signature.status is CheckStatus.PASS
    assert not report.valid
