"""Which keys and certificates prove a token, and what is said of one that does not."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from helpers.checking import ATTACKER, SERVICE, check, failed
from helpers.issuing import NOW, Issuer, b64, certificate, rsa_key
from sealwright.evidence.basis.certificates import load, spki_sha256
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.evidence.basis.trust import TOKEN_CA, TrustAnchor
from sealwright.tokens.chain import Stop, draw_chain
from sealwright.tokens.jose import b64url_decode, b64url_encode
from sealwright.tokens.keyset import KeySet, enclave_kid, issued_kid, parse_key_set
from sealwright.tokens.verification.case import Rules
from sealwright.tokens.verification.report import Verdict


def test_keys_that_came_with_the_token_prove_nothing() -> None:
    report = check(SERVICE.token(), rules=Rules(keys_trusted=False))
    assert report.verdict is Verdict.UNTRUSTED
    assert not report.failures
    origin = report.check("key-set.origin")
    assert origin is not None
    assert origin.status is CheckStatus.WARN


def test_without_keys_the_signature_is_not_evaluated() -> None:
    report = check(SERVICE.token(), keys=parse_key_set(b'{"keys":[]}'))
    signature = report.check("signature")
    assert signature is not None
    assert signature.status is CheckStatus.SKIP
    assert report.verdict is Verdict.UNTRUSTED
    late = check(SERVICE.token(), keys=parse_key_set(b'{"keys":[]}'), now=NOW + timedelta(days=9))
    # Nothing is disproven by its age.
    assert late.verdict is Verdict.UNTRUSTED


def test_two_keys_of_one_id_are_refused() -> None:
    entries = (*SERVICE.key_set().entries, replace(ATTACKER.key_set().entries[0], kid=SERVICE.kid))
    report = check(SERVICE.token(), keys=KeySet(entries))
    assert failed(report) == {"key-set.unique"}
    assert report.verdict is Verdict.INVALID


def test_the_same_key_listed_twice_is_one_key() -> None:
    assert check(SERVICE.token(), keys=KeySet(SERVICE.key_set().entries * 2)).valid


@pytest.mark.parametrize(
    ("members", "sub"),
    [
        ({"x5c": []}, "key-set.certificate"),
        ({"x5c": ["AAAA"]}, "key-set.certificate"),
        ({"n": "AQAB", "e": "AQAB"}, "key-set.members"),
        ({"n": "***", "e": "AQAB"}, "key-set.members"),
        ({"n": 5}, "key-set.members"),
        ({"e": None}, "key-set.members"),
        ({"kty": "EC"}, "key-set.members"),
        ({"kty": ["RSA"]}, "key-set.members"),
        ({"use": "enc"}, "key-set.use"),
        ({"use": ["sig"]}, "key-set.use"),
        ({"key_ops": ["encrypt"]}, "key-set.use"),
        ({"key_ops": "verify"}, "key-set.use"),
        ({"alg": "PS256"}, "key-set.use"),
        ({"alg": "HS256"}, "key-set.use"),
    ],
)
def test_an_unusable_key_says_why(members: dict[str, object], sub: str) -> None:
    report = check(SERVICE.token(), keys=SERVICE.key_set(**members))
    assert not report.valid
    assert sub in failed(report)


def test_members_that_agree_with_the_certificate_are_fine() -> None:
    numbers = rsa_key().public_key().public_numbers()
    n = b64url_encode(numbers.n.to_bytes(256))
    assert check(SERVICE.token(), keys=SERVICE.key_set(n=n, e="AQAB")).valid
    keys = SERVICE.key_set(use="sig", key_ops=["verify"], alg="RS256")
    assert check(SERVICE.token(), keys=keys).valid


def test_a_certificate_of_another_provider_is_refused() -> None:
    other = Issuer(uri="https://fabrikam.eus.attest.azure.net")
    report = check(SERVICE.token(), keys=other.key_set())
    assert failed(report) == {"certificate.subject"}
    assert report.verdict is Verdict.UNTRUSTED


def test_an_attackers_key_under_the_services_id_is_refused() -> None:
    keys = SERVICE.key_set(x5c=[b64(ATTACKER.der)])
    report = check(ATTACKER.token(header=SERVICE.header()), keys=keys)
    assert failed(report) == {"certificate.kid"}


def test_what_explains_the_other_failures_is_named_first() -> None:
    wrong_key = SERVICE.key_set(x5c=[b64(Issuer(key="small", bits=1024).der)])
    report = check(SERVICE.token(), keys=wrong_key)
    assert {"signature.length", "certificate.kid"} <= failed(report)
    assert report.decisive is not None
    assert report.decisive.id == "certificate.kid"
    problem = draw_chain(report, wrong_key).first_problem
    assert problem is not None
    assert problem.place == "named"
    other = Issuer(uri="https://fabrikam.eus.attest.azure.net", key="other")
    report = check(other.token())
    assert {"key-set.kid", "issuer.name"} <= failed(report)
    assert report.decisive is not None
    named = "issued by fabrikam.eus.attest.azure.net, not by contoso.eus.attest.azure.net"
    assert named in report.decisive.detail
    problem = draw_chain(report, SERVICE.key_set()).first_problem
    assert problem is not None
    assert problem.place == "named"


def test_a_key_that_cannot_be_read_is_red_in_the_picture() -> None:
    keys = SERVICE.key_set(x5c=["AAAA"])
    problem = draw_chain(check(SERVICE.token(), keys=keys), keys).first_problem
    assert isinstance(problem, Stop)
    assert (problem.place, problem.status) == ("key", CheckStatus.FAIL)
    assert "cannot be read" in problem.lines[0]


def test_a_changed_certificate_is_refused() -> None:
    der = bytearray(SERVICE.der)
    der[-1] ^= 1
    report = check(SERVICE.token(), keys=SERVICE.key_set(x5c=[b64(bytes(der))]))
    assert failed(report) == {"certificate.self-signature"}


@pytest.mark.parametrize(("bits", "status"), [(1024, CheckStatus.WARN), (2048, CheckStatus.PASS)])
def test_weak_keys_are_named(bits: int, status: CheckStatus) -> None:
    weak = Issuer(key="weak", bits=bits)
    report = check(weak.token(), keys=weak.key_set())
    strength = report.check("signature.strength")
    assert strength is not None
    assert strength.status is status
    assert report.valid
    strict = check(weak.token(), keys=weak.key_set(), rules=Rules(minimum_bits=2048))
    assert strict.valid == (bits == 2048)


class IssuedKey:
    """A key with a CA-issued certificate, as TPM tokens are signed with."""

    root = certificate(rsa_key("root"), "Root", ca=True)
    middle = certificate(
        rsa_key("middle"), "Middle", issuer="Root", issuer_key=rsa_key("root"), ca=True
    )
    leaf = certificate(rsa_key(), "Attestation", issuer="Middle", issuer_key=rsa_key("middle"))
    anchor = TrustAnchor(
        TOKEN_CA, "test-root", "Root", spki_sha256(load(root)), "test", "1", "2026-01-01"
    )

    @classmethod
    def keys(cls, *chain: bytes) -> KeySet:
        entry = {
            "kid": issued_kid(chain[0]),
            "kty": "RSA",
            "x5c": [b64(der) for der in chain],
        }
        return parse_key_set(json.dumps({"keys": [entry]}).encode())

    @classmethod
    def token(cls) -> str:
        return SERVICE.token(header=SERVICE.header(kid=issued_kid(cls.leaf)))


def test_an_issued_key_needs_its_chain_to_a_pinned_root() -> None:
    keys = IssuedKey.keys(IssuedKey.leaf, IssuedKey.middle, IssuedKey.root)
    assert check(IssuedKey.token(), keys=keys, anchors=(IssuedKey.anchor,)).valid
    unpinned = check(IssuedKey.token(), keys=keys)
    assert failed(unpinned) == {"certificate.root"}
    assert unpinned.verdict is Verdict.UNTRUSTED


def test_a_root_that_has_ended_vouches_for_no_issued_key() -> None:
    keys = IssuedKey.keys(IssuedKey.leaf, IssuedKey.middle, IssuedKey.root)
    ended = replace(IssuedKey.anchor, until=(NOW.date() - timedelta(days=1)).isoformat())
    assert failed(check(IssuedKey.token(), keys=keys, anchors=(ended,))) == {"certificate.root"}
    renewed = replace(IssuedKey.anchor, id="renewed", until=NOW.date().isoformat())
    assert check(IssuedKey.token(), keys=keys, anchors=(ended, renewed)).valid


def test_a_broken_chain_is_refused() -> None:
    impostor = certificate(
        rsa_key("attacker"), "Middle", issuer="Root", issuer_key=rsa_key("root"), ca=True
    )
    keys = IssuedKey.keys(IssuedKey.leaf, impostor, IssuedKey.root)
    report = check(IssuedKey.token(), keys=keys, anchors=(IssuedKey.anchor,))
    assert failed(report) == {"certificate.links"}


def test_an_issuer_that_is_no_authority_is_refused() -> None:
    middle = certificate(rsa_key("middle"), "Middle", issuer="Root", issuer_key=rsa_key("root"))
    keys = IssuedKey.keys(IssuedKey.leaf, middle, IssuedKey.root)
    report = check(IssuedKey.token(), keys=keys, anchors=(IssuedKey.anchor,))
    assert failed(report) == {"certificate.authorities"}


def test_an_issued_certificate_expires() -> None:
    keys = IssuedKey.keys(IssuedKey.leaf, IssuedKey.middle, IssuedKey.root)
    late = NOW.replace(year=2060)
    report = check(IssuedKey.token(), keys=keys, anchors=(IssuedKey.anchor,), now=late)
    assert "certificate.validity" in failed(report)


def test_the_key_id_is_the_hash_of_the_key_text() -> None:
    spki = rsa_key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pem = rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    digest = hashlib.sha256(pem + b"\0").digest()
    assert enclave_kid(spki) == b64(digest)
    assert b64url_decode(issued_kid(SERVICE.der)) == hashlib.sha1(SERVICE.der).digest()  # noqa: S324 - x5t
