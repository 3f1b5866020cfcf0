"""The claims of a well signed token are judged too: form, binding, and what a party insists on."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from helpers.issuing import ISSUER, NOW, SECOND, Issuer, b64, certificate, rsa_key
from sealwright.claims.catalogue import Catalogue
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.tokens.expectations import ClaimRule, Expectations, Operator
from sealwright.tokens.jose import b64url_encode
from sealwright.tokens.verification.report import Report, Verdict
from sealwright.tokens.verification.verify import verify

SERVICE = Issuer()
SGX: dict[str, Any] = {
    "is-debuggable": False,
    "product-id": 3,
    "sgx-mrsigner": "ab" * 32,
    "x-ms-attestation-type": "sgx",
    "x-ms-policy-hash": "z0FRjKS0ssQTNur1V6BV8WIrh9M3fzgTo0EfHRvapWU",
    "x-ms-sgx-is-debuggable": False,
    "x-ms-sgx-mrenclave": "cd" * 32,
    "x-ms-sgx-mrsigner": "ab" * 32,
    "x-ms-sgx-product-id": 3,
    "x-ms-sgx-svn": 7,
    "x-ms-ver": "1.0",
}
TDX: dict[str, Any] = {
    "attester_tcb_status": "UpToDate",
    "dbgstat": "disabled",
    "tdx_td_attributes": "0000001000000000",
    "tdx_td_attributes_debug": False,
    "x-ms-attestation-type": "tdxvm",
    "x-ms-ver": "1.0",
}
GUEST: dict[str, Any] = {
    "secureboot": True,
    "x-ms-attestation-type": "azurevm",
    "x-ms-azurevm-vmid": "5ABC2520-3FE5-44FA-8D4F-8F1B3D8B2C1D",
    "x-ms-isolation-tee": {
        "x-ms-attestation-type": "sevsnpvm",
        "x-ms-compliance-status": "azure-compliant-cvm",
        "x-ms-runtime": {
            "vm-configuration": {
                "secure-boot": True,
                "vmUniqueId": "5abc2520-3fe5-44fa-8d4f-8f1b3d8b2c1d",
            }
        },
        "x-ms-sevsnpvm-is-debuggable": False,
        "x-ms-sevsnpvm-vmpl": 0,
    },
    "x-ms-runtime": {"client-payload": {"nonce": b64(b"hello")}},
    "x-ms-ver": "1.0",
}


@cache
def catalogue() -> Catalogue:
    path = Path(__file__).resolve().parents[3] / "resources" / "claims.json"
    return Catalogue.from_json(path.read_text("utf-8"))


def check(claims: dict[str, Any], expect: Expectations | None = None) -> Report:
    return verify(
        SERVICE.token(SERVICE.claims(**claims)),
        SERVICE.key_set(),
        issuer=ISSUER,
        now=NOW,
        catalogue=catalogue(),
        expect=expect or Expectations(),
    )


def failed(report: Report) -> set[str]:
    return {item.id for item in report.failures if "." in item.id}


def warned(report: Report) -> set[str]:
    return {item.id for item in report.checks if item.status is CheckStatus.WARN and "." in item.id}


@pytest.mark.parametrize("claims", [SGX, TDX, GUEST])
def test_good_claims_pass(claims: dict[str, Any]) -> None:
    report = check(claims)
    assert report.valid
    row = report.check("schema")
    assert row is not None
    assert row.status is CheckStatus.PASS


@pytest.mark.parametrize(
    "claims",
    [
        TDX
        | {
            "tdx_td_attributes": "00000050000000" + "80",
            "tdx_td_attributes_key_locker": False,
            "tdx_td_attributes_perfmon": True,
            "tdx_td_attributes_protection_keys": True,
            "tdx_td_attributes_septve_disable": True,
        },
        TDX | {"tdx_tee_tcb_svn": "0301" + "00" * 14, "tdx_seamsvn": 259},
        TDX | {"aas-ehd": "AAAA", "maa-ehd": "AAAA"},
    ],
)
def test_facts_that_agree_are_fine(claims: dict[str, Any]) -> None:
    assert check(claims).valid


@pytest.mark.parametrize(("kind", "known"), [("tdxvm", True), ("sgx", False), (None, False)])
def test_the_hardware_underneath_a_confidential_vm_is_a_known_one(
    kind: str | None, *, known: bool
) -> None:
    nested = GUEST["x-ms-isolation-tee"] | {"x-ms-attestation-type": kind}
    report = check(GUEST | {"x-ms-isolation-tee": nested})
    assert ("schema.nested-type" in warned(report)) is not known


@pytest.mark.parametrize(
    ("base", "changes", "sub"),
    [
        (SGX, {"x-ms-ver": "2.0"}, "version"),
        (SGX, {"x-ms-sgx-svn": "7"}, "claims"),
        (SGX, {"x-ms-sgx-svn": True}, "claims"),
        (GUEST, {"secureboot": 1}, "claims"),
        (SGX, {"x-ms-sgx-mrenclave": "CD" * 32}, "claims"),
        (SGX, {"x-ms-sgx-mrenclave": "cd" * 31}, "claims"),
        (SGX, {"x-ms-runtime": "text"}, "claims"),
        (SGX, {"is-debuggable": True}, "names"),
        (SGX, {"sgx-mrsigner": "ac" * 32}, "names"),
        (SGX, {"product-id": True, "x-ms-sgx-product-id": 1}, "names"),
        (TDX, {"dbgstat": "enabled"}, "consistency"),
        (TDX, {"tdx_td_attributes": "0100001000000000"}, "consistency"),
        (TDX, {"tdx_td_attributes_septve_disable": False}, "consistency"),
        (TDX, {"tdx_td_attributes_perfmon": True}, "consistency"),
        (TDX, {"tdx_tee_tcb_svn": "0300" + "00" * 14, "tdx_seamsvn": 4}, "consistency"),
        (TDX, {"aas-ehd": "AAAA", "maa-ehd": "BBBB"}, "names"),
        (GUEST, {"secureboot": False}, "consistency"),
        (GUEST, {"x-ms-azurevm-vmid": "00000000-0000-0000-0000-000000000000"}, "consistency"),
    ],
)
def test_claims_that_the_service_does_not_issue_so_are_refused(
    base: dict[str, Any], changes: dict[str, Any], sub: str
) -> None:
    report = check(base | changes)
    assert f"schema.{sub}" in failed(report)
    assert all(id_.startswith("schema.") for id_ in failed(report))
    assert report.verdict is Verdict.INVALID


def test_nested_claims_are_judged_like_their_own_type() -> None:
    nested = GUEST["x-ms-isolation-tee"] | {"x-ms-sevsnpvm-vmpl": "0"}
    assert failed(check(GUEST | {"x-ms-isolation-tee": nested})) == {"schema.claims"}


def test_what_the_client_sent_is_not_judged() -> None:
    assert check(SGX | {"x-ms-runtime": {"x-ms-sgx-svn": "seven", "svn": 1}}).valid


def test_claims_of_the_policys_own_making_are_not_judged() -> None:
    assert check(SGX | {"my-claim": [1], "x-ms-future-claim": "X"}).valid


def test_an_unknown_type_is_a_warning() -> None:
    report = check({"x-ms-attestation-type": "newvm", "x-ms-ver": "1.0"})
    assert warned(report) >= {"schema.type"}
    assert report.valid


@pytest.mark.parametrize(("expected", "subs"), [("SGX", set()), ("tdxvm", {"schema.type"})])
def test_the_expected_type(expected: str, subs: set[str]) -> None:
    assert failed(check(SGX, Expectations(attestation_type=expected))) == subs


def test_a_management_token_is_no_attestation_token() -> None:
    assert check({"x-ms-policy-result": "Updated"}).valid
    report = check({"x-ms-policy-result": "Updated"}, Expectations(attestation_type="sgx"))
    assert failed(report) == {"schema.type"}


@pytest.mark.parametrize(
    ("claims", "nonce", "subs"),
    [
        ({"nonce": "abc"}, "abc", set()),
        ({"rp_data": "abc"}, "abc", set()),
        (GUEST, "hello", set()),
        (GUEST, b64(b"hello"), set()),
        ({"nonce": "abd"}, "abc", {"binding.nonce"}),
        ({}, "abc", {"binding.nonce"}),
        ({"nonce": 5}, "5", {"binding.nonce"}),
    ],
)
def test_the_nonce(claims: dict[str, Any], nonce: str, subs: set[str]) -> None:
    assert failed(check(claims, Expectations(nonce=nonce))) == subs


DATA = b'{"keys":[]}'
DIGEST = hashlib.sha256(DATA).hexdigest()


@pytest.mark.parametrize(
    ("claims", "subs"),
    [
        ({"x-ms-sgx-report-data": DIGEST + "00" * 32}, set()),
        ({"x-ms-sevsnpvm-reportdata": DIGEST + "00" * 32}, set()),
        ({"tdx_report_data": DIGEST + "00" * 32}, set()),
        ({"x-ms-sgx-ehd": b64url_encode(DATA)}, set()),
        ({"x-ms-runtime": {"keys": []}}, set()),
        (
            {"x-ms-sgx-report-data": "00" * 64, "x-ms-runtime": {"keys": []}},
            {"binding.runtime-data"},
        ),
        ({"x-ms-sgx-ehd": b64url_encode(b"other")}, {"binding.runtime-data"}),
        ({"x-ms-runtime": {"keys": [1]}}, {"binding.runtime-data"}),
        ({}, {"binding.runtime-data"}),
    ],
)
def test_runtime_data(claims: dict[str, Any], subs: set[str]) -> None:
    assert failed(check(claims, Expectations(runtime_data=DATA))) == subs


@pytest.mark.parametrize(
    ("held", "subs"),
    [
        ({"a": [{"b": True}], "c": {}}, set()),
        ({"a": [{"b": 1}], "c": {}}, {"binding.runtime-data"}),
        ({"a": [{"b": True}]}, {"binding.runtime-data"}),
        ([], {"binding.runtime-data"}),
    ],
    ids=["same", "one is not true", "less", "no object"],
)
def test_runtime_data_is_compared_with_its_types(held: object, subs: set[str]) -> None:
    expect = Expectations(runtime_data=b'{"c":{},"a":[{"b":true}]}')
    assert failed(check({"x-ms-runtime": held}, expect)) == subs


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_the_key_of_the_peer(kind: str) -> None:
    key = rsa_key() if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        point = key.public_key().public_numbers()
        parts = {"x": point.x.to_bytes(32), "y": point.y.to_bytes(32)}
    else:
        numbers = key.public_key().public_numbers()
        parts = {"n": numbers.n.to_bytes(256), "e": numbers.e.to_bytes(3)}
    jwk = {"kty": kind.upper()} | {name: b64url_encode(part) for name, part in parts.items()}
    expect = Expectations(peer_key=spki)
    assert failed(check({"cnf": {"jwk": jwk}}, expect)) == set()
    for name in parts:
        changed = jwk | {name: "AQAC"}
        assert failed(check({"cnf": {"jwk": changed}}, expect)) == {"binding.key"}
    assert failed(check({}, expect)) == {"binding.key"}


def test_an_unreadable_peer_key_never_matches() -> None:
    assert failed(check({"cnf": {"jwk": {}}}, Expectations(peer_key=b"x"))) == {"binding.key"}


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        (SGX | {"x-ms-sgx-is-debuggable": True, "is-debuggable": True}, "x-ms-sgx-is-debuggable"),
        (TDX | {"dbgstat": "enabled", "tdx_td_attributes_debug": True}, "dbgstat"),
    ],
)
def test_debugging_is_a_warning_until_somebody_decides(claims: dict[str, Any], name: str) -> None:
    claims = {member: value for member, value in claims.items() if member != "tdx_td_attributes"}
    found = check(claims).check("relying-party.debug")
    assert found is not None
    assert found.status is CheckStatus.WARN
    assert name in found.actual
    assert failed(check(claims, Expectations(allow_debug=False))) == {"relying-party.debug"}
    assert check(claims, Expectations(allow_debug=True)).check("relying-party.debug") is None


def test_the_policy_and_its_signer() -> None:
    signer = certificate(rsa_key("administrator"), "Administrator", ca=True)
    claims = SGX | {"x-ms-policy-signer": {"kty": "RSA", "x5c": [b64(signer)]}}
    known = frozenset({hashlib.sha256(signer).hexdigest()})
    good = Expectations(policy_hashes=frozenset({SGX["x-ms-policy-hash"]}), policy_signers=known)
    assert failed(check(claims, good)) == set()
    assert failed(check(SGX, good)) == {"relying-party.policy-signer"}
    other = Expectations(policy_hashes=frozenset({"other"}))
    assert failed(check(claims, other)) == {"relying-party.policy-hash"}


@pytest.mark.parametrize(("age", "subs"), [(3000, set()), (10, {"relying-party.age"})])
def test_the_age(age: int, subs: set[str]) -> None:
    claims = SGX | {"iat": SECOND - 1000, "nbf": SECOND - 1000}
    assert failed(check(claims, Expectations(max_age=timedelta(seconds=age)))) == subs


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        (ClaimRule("x-ms-sgx-mrsigner", Operator.EQUALS, "ab" * 32), True),
        (ClaimRule("x-ms-sgx-mrsigner", Operator.ONE_OF, ["00", "11"]), False),
        (ClaimRule("x-ms-sgx-svn", Operator.AT_LEAST, 7), True),
        (ClaimRule("x-ms-sgx-svn", Operator.AT_LEAST, 8), False),
        (ClaimRule("x-ms-isolation-tee", Operator.PRESENT, operand=False), True),
        (ClaimRule("x-ms-isolation-tee", Operator.PRESENT, operand=True), False),
        (ClaimRule("x-ms-sgx-svn", Operator.PRESENT, operand=False), False),
    ],
)
def test_expected_claims(rule: ClaimRule, *, holds: bool) -> None:
    report = check(SGX, Expectations(claims=(rule,)))
    assert failed(report) == (set() if holds else {f"relying-party.claim.{rule.claim}"})


def test_claims_are_found_in_nested_objects() -> None:
    rule = ClaimRule(
        "/x-ms-isolation-tee/x-ms-compliance-status", Operator.EQUALS, "azure-compliant-cvm"
    )
    assert check(GUEST, Expectations(claims=(rule,))).valid


def test_the_reason_is_in_the_error() -> None:
    rule = ClaimRule("x-ms-sgx-svn", Operator.AT_LEAST, 9)
    found = check(SGX, Expectations(claims=(rule,))).check("relying-party.claim.x-ms-sgx-svn")
    assert found is not None
    assert (found.expected, found.actual) == ("atLeast 9", "7")
    assert json.loads(found.actual) == 7
