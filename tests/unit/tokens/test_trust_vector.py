"""The trust vector affirms only what was proven, and says what speaks against the rest."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from helpers.issuing import ISSUER, NOW, Issuer, b64, rsa_key
from sealwright.evidence.synthetic.quotes import SandboxPlatform, new_platform
from sealwright.tokens.expectations import ClaimRule, Expectations, Operator
from sealwright.tokens.signing_certificate import signing_certificate
from sealwright.tokens.trust_vector import Tier, trust_vector
from sealwright.tokens.verification.verify import verify

if TYPE_CHECKING:
    from sealwright.tokens.keyset import KeySet

SERVICE = Issuer()


@cache
def platform() -> SandboxPlatform:
    return new_platform()


@cache
def keys() -> KeySet:
    certificate = signing_certificate(rsa_key(), ISSUER, platform())
    return SERVICE.key_set(x5c=[b64(certificate)])


def vector(
    claims: dict[str, Any], expect: Expectations | None = None, token: str = ""
) -> dict[str, Tier]:
    report = verify(
        token or SERVICE.token(SERVICE.claims(**claims)),
        keys(),
        issuer=ISSUER,
        now=NOW,
        anchors=(platform().anchor(),),
        expect=expect or Expectations(),
    )
    found = trust_vector(report)
    assert all(item.reason for item in found)
    return {item.claim: item.tier for item in found}


SGX = {"x-ms-attestation-type": "sgx", "x-ms-sgx-is-debuggable": False}


def test_a_good_token_is_affirmed_where_it_says_something() -> None:
    assert vector(SGX) == {
        "instance-identity": Tier.AFFIRMING,
        "configuration": Tier.AFFIRMING,
        "executables": Tier.NONE,
        "hardware": Tier.NONE,
        "runtime-opaque": Tier.AFFIRMING,
        "sourced-data": Tier.NONE,
    }


def test_nothing_is_affirmed_without_a_signature() -> None:
    head, body, _ = SERVICE.token(SERVICE.claims(**SGX)).split(".")
    forged = Issuer(key="attacker").token(SERVICE.claims(**SGX), SERVICE.header())
    for token in (f"{head}.{body}.", forged):
        found = vector(SGX, token=token)
        assert found.pop("instance-identity") is Tier.CONTRAINDICATED
        assert set(found.values()) == {Tier.NONE}


@pytest.mark.parametrize(
    ("claims", "name", "tier"),
    [
        ({"x-ms-sgx-is-debuggable": True}, "configuration", Tier.CONTRAINDICATED),
        ({"x-ms-sgx-is-debuggable": True}, "runtime-opaque", Tier.CONTRAINDICATED),
        ({"secureboot": False}, "configuration", Tier.WARNING),
        ({"x-ms-azurevm-testsigning-enabled": True}, "configuration", Tier.WARNING),
        ({"attester_tcb_status": "UpToDate"}, "hardware", Tier.AFFIRMING),
        ({"attester_tcb_status": "OutOfDate"}, "hardware", Tier.WARNING),
        ({"attester_tcb_status": "Revoked"}, "hardware", Tier.CONTRAINDICATED),
        ({"x-ms-attestation-type": "azurevm"}, "runtime-opaque", Tier.NONE),
        ({"x-ms-azurevm-kerneldebug-enabled": True}, "configuration", Tier.CONTRAINDICATED),
    ],
)
def test_what_speaks_against_it(claims: dict[str, Any], name: str, tier: Tier) -> None:
    assert vector(SGX | claims)[name] is tier


def test_a_guest_without_debugging_is_affirmed() -> None:
    claims = {"x-ms-attestation-type": "azurevm", "x-ms-azurevm-kerneldebug-enabled": False}
    assert vector(claims)["configuration"] is Tier.AFFIRMING


def test_a_token_of_the_preview_names_its_environment_by_the_old_name() -> None:
    assert vector({"tee": "sgx", "is-debuggable": False})["runtime-opaque"] is Tier.AFFIRMING


def test_the_answer_of_a_policy_call_is_about_no_environment() -> None:
    report = verify(
        SERVICE.token(SERVICE.claims(**{"x-ms-policy-result": "Updated"})),
        keys(),
        issuer=ISSUER,
        now=NOW,
        anchors=(platform().anchor(),),
    )
    told = {item.claim: item.reason for item in trust_vector(report)}
    assert told["runtime-opaque"] == "The token is about no environment."


@pytest.mark.parametrize(("held", "tier"), [("MQ", Tier.AFFIRMING), ("Mg", Tier.CONTRAINDICATED)])
def test_data_that_the_token_holds_is_compared_with_the_hash_in_the_evidence(
    held: str, tier: Tier
) -> None:
    reported = hashlib.sha256(b"1").hexdigest() + "0" * 64
    found = vector(SGX | {"x-ms-sgx-ehd": held, "x-ms-sgx-report-data": reported})
    assert found["sourced-data"] is tier


def test_a_confidential_vm_is_judged_by_its_nested_claims() -> None:
    nested = {"x-ms-attestation-type": "sevsnpvm", "x-ms-sevsnpvm-is-debuggable": False}
    found = vector({"x-ms-attestation-type": "azurevm", "x-ms-isolation-tee": nested})
    assert found["runtime-opaque"] is Tier.AFFIRMING
    assert found["configuration"] is Tier.AFFIRMING


@pytest.mark.parametrize(
    ("expected", "tier"), [("ab" * 32, Tier.AFFIRMING), ("cd" * 32, Tier.CONTRAINDICATED)]
)
def test_measurements_are_compared_with_the_expected_ones(expected: str, tier: Tier) -> None:
    rule = ClaimRule("x-ms-sgx-mrsigner", Operator.EQUALS, expected)
    found = vector(SGX | {"x-ms-sgx-mrsigner": "ab" * 32}, Expectations(claims=(rule,)))
    assert found["executables"] is tier


@pytest.mark.parametrize(("data", "tier"), [(b"1", Tier.AFFIRMING), (b"2", Tier.CONTRAINDICATED)])
def test_runtime_data(data: bytes, tier: Tier) -> None:
    found = vector(SGX | {"x-ms-sgx-ehd": "MQ"}, Expectations(runtime_data=data))
    assert found["sourced-data"] is tier
