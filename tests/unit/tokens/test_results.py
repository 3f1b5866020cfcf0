"""A management answer proves a change only when it says what was done, and is well signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from helpers.issuing import ISSUER, NOW, Issuer, b64, certificate, rsa_key
from sealwright.errors import TokenError
from sealwright.evidence.basis.certificates import sha1_thumbprint
from sealwright.tokens import answers
from sealwright.tokens.policy_jws import token_hash, unsecured_policy, unsecured_reset
from sealwright.tokens.results import (
    Wire,
    verify_certificate_result,
    verify_certificates_answer,
    verify_policy_answer,
    verify_policy_result,
)

if TYPE_CHECKING:
    from sealwright.tokens.verification.report import Report

SERVICE = Issuer()
WIRE = Wire(SERVICE.key_set(), ISSUER, NOW)
TEXT = "version=1.0;authorizationrules{=>permit();};issuancerules{};"
JWS = unsecured_policy(TEXT)
SIGNER = certificate(rsa_key("administrator"), "Administrator", ca=True)


def answer(**claims: object) -> str:
    names = {name.replace("_", "-"): value for name, value in claims.items()}
    return SERVICE.token(SERVICE.claims(**names))


def failed(report: Report) -> set[str]:
    return {item.id for item in report.failures if "." in item.id}


def updated(**claims: object) -> str:
    return answer(x_ms_policy_result="Updated", x_ms_policy_token_hash=token_hash(JWS), **claims)


def test_an_update_is_proven_by_outcome_and_hash() -> None:
    verify_policy_result(updated(), WIRE, result="Updated", jws=JWS).require()


@pytest.mark.parametrize(
    ("token", "sub"),
    [
        (answer(x_ms_policy_result="Removed", x_ms_policy_token_hash=token_hash(JWS)), "word"),
        (answer(x_ms_policy_result="Updated", x_ms_policy_token_hash=token_hash("other")), "hash"),
        (answer(x_ms_policy_result="Updated"), "hash"),
        (answer(), "form"),
        (answer(x_ms_policy_result=1), "form"),
    ],
)
def test_any_other_answer_to_an_update_proves_nothing(token: str, sub: str) -> None:
    report = verify_policy_result(token, WIRE, result="Updated", jws=JWS)
    assert failed(report) == {f"result.{sub}"}
    with pytest.raises(TokenError) as caught:
        report.require()
    assert caught.value.details["check"] == f"result.{sub}"


def test_the_signer_is_compared_when_the_upload_was_signed() -> None:
    signed = updated(x_ms_policy_signer={"kty": "RSA", "x5c": [b64(SIGNER)]})
    good = verify_policy_result(signed, WIRE, result="Updated", jws=JWS, signer=SIGNER)
    assert good.valid
    unnamed = verify_policy_result(updated(), WIRE, result="Updated", jws=JWS, signer=SIGNER)
    assert failed(unnamed) == {"result.signer"}


def test_a_reset_needs_no_hash() -> None:
    verify_policy_result(answer(x_ms_policy_result="Removed"), WIRE, result="Removed").require()


def test_an_answer_signed_by_another_key_is_refused() -> None:
    claims = SERVICE.claims(**{"x-ms-policy-result": "Removed"})
    forged = Issuer(key="attacker").token(claims, SERVICE.header())
    report = verify_policy_result(forged, WIRE, result="Removed")
    assert failed(report) == {"signature.value"}


def test_weak_keys_do_not_prove_management_answers() -> None:
    weak = Issuer(key="weak", bits=1024)
    token = weak.token(weak.claims(**{"x-ms-policy-result": "Removed"}))
    wire = Wire(weak.key_set(), ISSUER, NOW)
    assert failed(verify_policy_result(token, wire, result="Removed")) == {"signature.strength"}


@pytest.mark.parametrize(
    ("word", "thumbprint", "subs"),
    [
        ("IsPresent", sha1_thumbprint(SIGNER), set()),
        ("IsPresent", sha1_thumbprint(SIGNER).lower(), set()),
        ("IsAbsent", sha1_thumbprint(SIGNER), {"result.word"}),
        ("IsPresent", "00" * 20, {"result.thumbprint"}),
    ],
)
def test_certificate_results(word: str, thumbprint: str, subs: set[str]) -> None:
    token = answer(x_ms_policycertificates_result=word, x_ms_certificate_thumbprint=thumbprint)
    report = verify_certificate_result(token, WIRE, result="IsPresent", certificate=SIGNER)
    assert failed(report) == subs


def test_a_policy_answer_carries_a_policy_that_is_read() -> None:
    token = answer(x_ms_policy=JWS)
    report = verify_policy_answer(token, WIRE)
    report.require()
    policy = answers.policy_answer(report.claims)
    assert policy.text == TEXT
    assert verify_policy_answer(token, WIRE, policy_hash=policy.policy_hash).valid
    stale = verify_policy_answer(token, WIRE, policy_hash="other")
    assert failed(stale) == {"result.hash"}


def test_a_type_without_a_policy_is_an_empty_policy() -> None:
    report = verify_policy_answer(answer(x_ms_policy=unsecured_reset()), WIRE)
    report.require()
    assert answers.policy_answer(report.claims).text == ""


@pytest.mark.parametrize("value", [{"object": 1}, "not a token", ...])
def test_a_policy_answer_without_a_policy_is_refused(value: object) -> None:
    assert failed(verify_policy_answer(answer(x_ms_policy=value), WIRE)) == {"result.form"}


def test_certificates_come_out_as_der() -> None:
    key = {"alg": "RS256", "kty": "RSA", "use": "sig", "x5c": [b64(SIGNER)]}
    report = verify_certificates_answer(answer(x_ms_policy_certificates={"keys": [key]}), WIRE)
    report.require()
    assert answers.certificates(report.claims) == (SIGNER,)
    empty = verify_certificates_answer(answer(x_ms_policy_certificates={"keys": []}), WIRE)
    assert answers.certificates(empty.claims) == ()


@pytest.mark.parametrize("value", [{"keys": [{"kty": "RSA"}]}, {"keys": [1]}, {"keys": 1}, ...])
def test_a_certificates_answer_that_hides_something_is_refused(value: object) -> None:
    report = verify_certificates_answer(answer(x_ms_policy_certificates=value), WIRE)
    assert failed(report) == {"result.form"}
