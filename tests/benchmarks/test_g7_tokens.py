"""G7: the report about a token beside PyJWT's `decode`; the key's attestation is verified once."""

from __future__ import annotations

import base64
import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from benchmarks.rounds import measure, repeated, report
from helpers.issuing import ISSUER, Issuer, b64, rsa_key
from sealwright.evidence.basis.certificates import is_issued_by, load, spki
from sealwright.evidence.intel.sgx_verify import pck_chain
from sealwright.evidence.synthetic.quotes import new_platform
from sealwright.tokens.keyset import enclave_kid, parse_key_set
from sealwright.tokens.signing_certificate import signing_certificate
from sealwright.tokens.verification.key_evidence import embedded_quote, evidence_of
from sealwright.tokens.verification.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

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
    """The signatures alone that a report verifies when nothing is remembered."""
    certificate = x509.load_der_x509_certificate(der)
    certificate.verify_directly_issued_by(certificate)
    found = evidence_of(certificate)
    assert found is not None
    quote = embedded_quote(found[1])
    leaf, authority, root = (x509.load_der_x509_certificate(item) for item in PCK)
    for child, parent in ((leaf, authority), (authority, root), (root, root)):
        child.verify_directly_issued_by(parent)
    key = leaf.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    auth = quote.auth
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


PCK: list[bytes] = []
FRESH = 40


def test_g7_uncached() -> None:
    now = datetime.now(UTC)
    platform = new_platform()
    made = [signing_certificate(rsa_key(), ISSUER, platform) for _ in range(FRESH)]
    kid = enclave_kid(spki(load(made[0])))
    sets = [
        parse_key_set(
            json.dumps({"keys": [{"kid": kid, "kty": "RSA", "x5c": [b64(der)]}]}).encode()
        )
        for der in made
    ]
    found = evidence_of(load(made[0]))
    assert found is not None
    chain = pck_chain(embedded_quote(found[1]))
    PCK[:] = [item.public_bytes(Encoding.DER) for item in chain]
    token, anchors = token_of(kid, now), (platform.anchor(),)
    every = _caches(*_DOMAIN)
    of_the_key = [load.cache_clear, is_issued_by.cache_clear, *_caches(*_ROWS)]

    def report_with(caches: Sequence[Callable[[], None]]) -> None:
        for each in sets:
            for clear in caches:
                clear()
            verify(token, each, issuer=ISSUER, now=now, anchors=anchors)

    def bare() -> None:
        for der in made:
            bare_checks(der, token)

    assert verify(token, sets[0], issuer=ISSUER, now=now, anchors=anchors).valid
    found_times = measure(
        {
            "uncached report": lambda: report_with(of_the_key),
            "nothing remembered": lambda: report_with(every),
            "bare signature checks": bare,
        },
        rounds=11,
    )
    # The vendor's own chain is judged once, for thousands of keys, and the peer judges it anew.
    report(found_times, "uncached report", "bare signature checks", 1.5)
    # Like with like: of the vendor's chain, too, nothing is known yet.
    report(found_times, "nothing remembered", "bare signature checks", 1.5)


_DOMAIN = ("sealwright.evidence", "sealwright.tokens", "sealwright.claims")
_ROWS = (
    "sealwright.tokens.verification.certificate_checks",
    "sealwright.tokens.verification.key_evidence",
)


def _caches(*packages: str) -> list[Callable[[], None]]:
    """What empties every memory of these modules."""
    modules = [module for name, module in sys.modules.items() if name.startswith(packages)]
    values = {id(value): value for module in modules for value in vars(module).values()}
    own = [
        value
        for value in values.values()
        if hasattr(value, "cache_clear") and value.__module__.startswith(packages)
    ]
    return [value.cache_clear for value in own]
