"""What an administrator signed is judged by the certificate that it brings, and never `valid`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from helpers.key_files import certificate, rsa_key
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.tokens.chain import draw_chain
from sealwright.tokens.keyset import KeySet
from sealwright.tokens.policy_jws import (
    assemble,
    certificate_input,
    signed_policy_input,
    signed_reset_input,
)
from sealwright.tokens.verification.report import Report, Verdict
from sealwright.tokens.verification.verify import verify

if TYPE_CHECKING:
    from cryptography import x509

TEXT = "version=1.0;authorizationrules{=>permit();};"
KEY = rsa_key()
SIGNER: x509.Certificate = certificate(KEY, "Ada")
CHAIN = (SIGNER.public_bytes(Encoding.DER),)
NOW = SIGNER.not_valid_before_utc + (SIGNER.not_valid_after_utc - SIGNER.not_valid_before_utc) / 2
LATER = datetime(2999, 1, 1, tzinfo=UTC)


def signed(signing_input: bytes) -> str:
    return assemble(signing_input, KEY.sign(signing_input, padding.PKCS1v15(), SHA256()))


def judged(token: str, now: datetime = NOW) -> Report:
    return verify(token, KeySet(()), issuer="https://shared.example", now=now)


def status(report: Report, id_: str) -> CheckStatus:
    return next(check.status for check in report.checks if check.id == id_)


@pytest.mark.parametrize(
    "signing_input",
    [
        signed_policy_input(TEXT, CHAIN),
        signed_reset_input(CHAIN),
        certificate_input(CHAIN[0], CHAIN),
    ],
    ids=["policy", "reset", "certificate"],
)
def test_a_request_holds_but_its_signer_is_for_the_provider_to_know(signing_input: bytes) -> None:
    report = judged(signed(signing_input))
    assert report.verdict is Verdict.UNTRUSTED
    assert report.failures == ()
    assert status(report, "signature") is CheckStatus.PASS
    assert status(report, "key-set.origin") is CheckStatus.WARN
    assert status(report, "times") is CheckStatus.SKIP
    assert report.signed_by is not None
    assert "Ada" in report.signed_by.subject


@pytest.mark.parametrize("make", [signed_policy_input, lambda _, chain: signed_reset_input(chain)])
def test_a_changed_request_is_refused_by_its_signature(make: object) -> None:
    assert callable(make)
    header, _, signature = signed(make(TEXT, CHAIN)).split(".")
    other = signed_policy_input(TEXT.replace("permit", "deny"), CHAIN).decode().split(".")[1]
    report = judged(f"{header}.{other}.{signature}")
    assert report.verdict is Verdict.INVALID
    assert status(report, "signature.value") is CheckStatus.FAIL
    assert report.signed_by is None


def test_a_certificate_of_another_key_is_refused() -> None:
    stranger = certificate(rsa_key(number=1), "Eve").public_bytes(Encoding.DER)
    report = judged(signed(signed_policy_input(TEXT, (stranger,))))
    assert report.verdict is Verdict.INVALID
    assert status(report, "signature") is CheckStatus.FAIL


def test_what_is_no_certificate_is_named_as_the_reason() -> None:
    report = judged(signed(signed_policy_input(TEXT, (b"no certificate",))))
    assert status(report, "key-set.certificate") is CheckStatus.FAIL
    assert report.verdict is Verdict.INVALID


def test_an_expired_certificate_is_remarked_on() -> None:
    report = judged(signed(signed_policy_input(TEXT, CHAIN)), LATER)
    assert status(report, "certificate.validity") is CheckStatus.WARN
    assert report.verdict is Verdict.UNTRUSTED


def test_the_picture_of_a_request_ends_at_its_certificate() -> None:
    chain = draw_chain(judged(signed(signed_reset_input(CHAIN))), KeySet(()))
    assert [stop.place for stop in chain.stops] == ["token", "key", "certificate"]
    assert [link.status for link in chain.links] == [CheckStatus.WARN, CheckStatus.SKIP]
    assert "policy signer" in chain.links[0].reason
