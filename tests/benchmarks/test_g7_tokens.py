"""G7: the report about a token beside PyJWT's `decode`; the key's attestation is verified once."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import jwt
from cryptography import x509

from benchmarks.rounds import measure, repeated, report
from helpers.issuing import ISSUER, Issuer, b64, rsa_key
from sealwright.evidence.certificates import load, spki
from sealwright.evidence.synthesize import new_platform
from sealwright.tokens.keyset import enclave_kid, parse_key_set
from sealwright.tokens.signing_certificate import signing_certificate
from sealwright.tokens.verify import verify

if TYPE_CHECKING:
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
