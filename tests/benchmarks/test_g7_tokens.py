"""G7: the report about a token beside PyJWT's `decode`; the key's attestation is verified once."""

from __future__ import annotations

import base64
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256

from benchmarks.rounds import measure, repeated, report
from helpers.issuing import ISSUER, Issuer, b64, rsa_key
from sealwright.evidence.basis.certificates import load, spki
from sealwright.evidence.synthetic.quotes import new_platform
from sealwright.tokens.keyset import enclave_kid, parse_key_set
from sealwright.tokens.signing_certificate import signing_certificate
from sealwright.tokens.verification.key_evidence import embedded_quote, evidence_of
from sealwright.tokens.verification.verify import verify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.evidence.synthetic.quotes import SandboxPlatform
    from sealwright.tokens.keyset import KeySet
    from sealwright.tokens.verification.report import Report

_TIMES = 100


def token_of(kid: str, now: datetime) -> str:
    """An SGX token of about 3 KB."""
    second = int(now.timestamp())
    service = Issuer()
    claims = service.claims(
        iat=second,
        nbf=second,
        exp=second + 3600,
        **{f"claim-{number}": "ab" * 32 for number in range(22)},
    )
    return service.token(claims, service.header(kid=kid))


def test_g7() -> None:
    now = datetime.now(UTC)
    platform = new_platform()
    der = signing_certificate(rsa_key(), ISSUER, platform)
    kid = enclave_kid(spki(load(der)))
    keys = parse_key_set(
        json.dumps({"keys": [{"kid": kid, "kty": "RSA", "x5c": [b64(der)]}]}).encode()
    )
    token, public = token_of(kid, now), rsa_key().public_key()
    anchors = (platform.anchor(),)

    def ours() -> object:
        return verify(token, keys, issuer=ISSUER, now=now, anchors=anchors)

    def decode(key: RSAPublicKey) -> object:
        return jwt.decode(token, key, algorithms=["RS256"], issuer=ISSUER)

    def decode_with_chain() -> object:
        certificate = x509.load_der_x509_certificate(base64.b64decode(b64(der)))
        certificate.verify_directly_issued_by(certificate)
        return decode(public)

    checked = verify(token, keys, issuer=ISSUER, now=now, anchors=anchors)
    assert checked.valid, checked.failures
    found = measure(
        {
            "token report": repeated(ours, _TIMES),
            "PyJWT": repeated(lambda: decode(public), _TIMES),
            "PyJWT with the chain": repeated(decode_with_chain, _TIMES),
        },
        rounds=11,
    )
    report(found, "token report", "PyJWT", 0.75)
    report(found, "token report", "PyJWT with the chain", 1.0)


def bare_checks(der: bytes, token: str) -> None:
    """The signatures alone that a report verifies when nothing is remembered.

    The vendor's chain is the one inside the quote, as the report has to take it.
    """
    certificate = x509.load_der_x509_certificate(der)
    certificate.verify_directly_issued_by(certificate)
    found = evidence_of(certificate)
    assert found is not None
    quote = embedded_quote(found[1])
    auth = quote.auth
    leaf, authority, root = x509.load_pem_x509_certificates(auth.certification_data)
    for child, parent in ((leaf, authority), (authority, root), (root, root)):
        child.verify_directly_issued_by(parent)
    key = leaf.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    point = ec.EllipticCurvePublicKey.from_encoded_point(
        ec.SECP256R1(), b"\x04" + auth.attestation_key
    )
    for signer, value, data in (
        (key, auth.qe_report_signature, auth.qe_report_raw),
        (point, auth.signature, quote.signed),
    ):
        r, s = int.from_bytes(value[:32]), int.from_bytes(value[32:])
        signer.verify(utils.encode_dss_signature(r, s), data, ec.ECDSA(SHA256()))
    signed, _, signature = token.rpartition(".")
    public = certificate.public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    public.verify(raw, signed.encode(), padding.PKCS1v15(), SHA256())


_FRESH = 12


@dataclass(frozen=True)
class Fresh:
    """A token under a key that nobody saw before."""

    token: str
    der: bytes
    keys: KeySet
    anchors: tuple[TrustAnchor, ...]


def fresh(platform: SandboxPlatform, now: datetime) -> Fresh:
    """A token, and its key's certificate with a quote of the platform."""
    der = signing_certificate(rsa_key(), ISSUER, platform)
    kid = enclave_kid(spki(load(der)))
    document = json.dumps({"keys": [{"kid": kid, "kty": "RSA", "x5c": [b64(der)]}]})
    return Fresh(token_of(kid, now), der, parse_key_set(document.encode()), (platform.anchor(),))


def test_g7_uncached() -> None:
    now, platform = datetime.now(UTC), new_platform()
    keys = [fresh(platform, now) for _ in range(_FRESH)]
    chains = [fresh(new_platform(), now) for _ in range(_FRESH)]

    def report_of(each: Fresh) -> Report:
        return verify(each.token, each.keys, issuer=ISSUER, now=now, anchors=each.anchors)

    def reports(of: Sequence[Fresh]) -> None:
        # At once: emptying a memory before each report would take time that no report takes.
        forget()
        for each in of:
            report_of(each)

    def bare() -> None:
        for each in chains:
            bare_checks(each.der, each.token)

    assert all(report_of(each).valid for each in (*keys, *chains))
    found = measure(
        {
            "uncached report": lambda: reports(keys),
            "nothing remembered": lambda: reports(chains),
            "bare signature checks": bare,
        },
        rounds=61,
    )
    # The vendor's own chain is judged once, for thousands of keys, and the peer judges it anew.
    report(found, "uncached report", "bare signature checks", 1.5)
    # Like with like: of the vendor's chain, too, nothing is known yet.
    report(found, "nothing remembered", "bare signature checks", 1.5)


def forget() -> None:
    """Empty every memory of what a report is made of."""
    packages = ("sealwright.evidence", "sealwright.tokens", "sealwright.claims")
    modules = [module for name, module in sys.modules.items() if name.startswith(packages)]
    values = {id(value): value for module in modules for value in vars(module).values()}
    for value in values.values():
        memory = hasattr(value, "cache_clear") and not isinstance(value, type)
        if memory and value.__module__.startswith(packages):
            value.cache_clear()
