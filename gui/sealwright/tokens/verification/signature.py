"""Row 5 of a verification, and the signatures of administrators' tokens.

Only the received bytes are verified, and only with a key that the caller chose
(RFC 7515 section 5.2; spec tokens, 8 row 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from sealwright.errors import KeyMaterialError, TokenError
from sealwright.evidence.basis.certificates import broken_link, load
from sealwright.evidence.basis.checks import Check, judge, row, skip, warn
from sealwright.tokens.unwrap import RS256_NAMES, signer_chain
from sealwright.tokens.verification.report import SignedBy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

    from sealwright.tokens.jose import Jws
    from sealwright.tokens.verification.case import Case

STRONG_BITS: Final = 2048
"""RSA keys below this are reported as weak (spec tokens, 4.3)."""

_EC_HASHES: Final = {"ES256": SHA256, "ES384": SHA384}
_EC_BITS: Final = {"ES256": 256, "ES384": 384}
_ECDH256: Final = "ECDH256"
"""What one SDK writes over an ECDSA signature in DER (spec rest-api, 4.3)."""
_ELLIPTIC_NAMES: Final = (*_EC_HASHES, _ECDH256)


def signature(case: Case) -> tuple[Check, ...]:
    """Row 5: length, key strength and the signature itself."""
    title = "Signature"
    why = _not_now(case)
    if why or case.jws is None or case.certificate is None:
        return row("signature", title, (skip("signature.value", title, why or "no key"),))
    key = case.certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        return row("signature", title, (_value(case.jws, key),))
    parts = (_strength(key, case.rules.minimum_bits), _length(case.jws, key))
    return row("signature", title, (*parts, _value(case.jws, key)))


def _not_now(case: Case) -> str:
    if case.jws is None:
        return "the token cannot be read"
    if case.jws.algorithm not in case.algorithms:
        return "the algorithm is refused"
    return "" if case.entry else "no key to check it with"


def _strength(key: RSAPublicKey, minimum: int) -> Check:
    title, actual = "Key strength", f"RSA {key.key_size}"
    expected = f"RSA {max(minimum, STRONG_BITS)} or more"
    if minimum <= key.key_size < STRONG_BITS:
        why = f"The key has only {key.key_size} bits."
        return warn("signature.strength", title, why, expected=expected, actual=actual)
    return judge(
        "signature.strength",
        title,
        f"The key has only {key.key_size} bits.",
        passed=key.key_size >= minimum,
        expected=expected,
        actual=actual,
    )


def _length(jws: Jws, key: RSAPublicKey) -> Check:
    wanted = (key.key_size + 7) // 8
    return judge(
        "signature.length",
        "Signature length",
        "The signature is not as long as the key.",
        passed=len(jws.signature) == wanted,
        expected=f"{wanted} bytes",
        actual=f"{len(jws.signature)} bytes",
    )


def _value(jws: Jws, key: CertificatePublicKeyTypes) -> Check:
    return judge(
        "signature.value",
        "Signature over the received bytes",
        "The signature does not belong to this header, these claims and this key.",
        passed=verifies(jws.algorithm, key, jws.signature, jws.signing_input),
    )


def verifies(algorithm: str, key: CertificatePublicKeyTypes, value: bytes, signed: bytes) -> bool:
    """Whether `value` is a JOSE signature over `signed` (RFC 7518 section 3)."""
    try:
        if isinstance(key, RSAPublicKey):
            return _verify_rsa(algorithm, key, value, signed)
        if isinstance(key, ec.EllipticCurvePublicKey):
            return _verify_ec(algorithm, key, value, signed)
    except (InvalidSignature, ValueError):
        pass
    return False


def _verify_rsa(algorithm: str, key: RSAPublicKey, value: bytes, signed: bytes) -> bool:
    if algorithm == "RS256":
        key.verify(value, signed, padding.PKCS1v15(), SHA256())
        return True
    if algorithm == "PS256":
        pss = padding.PSS(padding.MGF1(SHA256()), SHA256.digest_size)
        key.verify(value, signed, pss, SHA256())
        return True
    return False


def _verify_ec(algorithm: str, key: ec.EllipticCurvePublicKey, value: bytes, signed: bytes) -> bool:
    bits = _EC_BITS.get(algorithm)
    if bits != key.curve.key_size or len(value) * 4 != bits:
        return False
    half = len(value) // 2
    r, s = int.from_bytes(value[:half]), int.from_bytes(value[half:])
    key.verify(utils.encode_dss_signature(r, s), signed, ec.ECDSA(_EC_HASHES[algorithm]()))
    return True


def signed_by(case: Case) -> SignedBy | None:
    """The key that a verified token was signed with."""
    return None if case.entry is None else SignedBy(case.entry.kid, case.entry.chain[0])


@dataclass(frozen=True, slots=True)
class RequestSigner:
    """Who signed an administrator's token, after the signature was verified."""

    chain: tuple[bytes, ...]
    """DER certificates as they were sent, leaf first; each is signed by the next."""
    bits: int


def check_request(jws: Jws) -> RequestSigner:
    """Verify the signature of a policy, reset or certificate JWS with the key that it names.

    Who that key belongs to, and whether it may sign, is for the trust model to say.

    Raises:
        TokenError: unsigned, another algorithm, no certificate, not RSA, a broken chain, or a
            signature that does not fit; `details["check"]` names the rule.
    """
    if jws.algorithm not in RS256_NAMES:
        raise _refusal("algorithm", f"`alg` is `{jws.algorithm[:40]}`; RS256 was expected.")
    chain, certificates = _named(jws)
    key = certificates[0].public_key()
    if not isinstance(key, RSAPublicKey):
        raise _refusal("key", "The key of the signer is not RSA.")
    _require_signed(certificates, fits=verifies("RS256", key, jws.signature, jws.signing_input))
    return RequestSigner(chain, key.key_size)


def check_any_request(jws: Jws) -> RequestSigner:
    """The same where a signer may have a key of any kind: elliptic curves are taken as well.

    Raises:
        TokenError: as `check_request` does.
    """
    if jws.algorithm not in _ELLIPTIC_NAMES:
        return check_request(jws)
    chain, certificates = _named(jws)
    key = certificates[0].public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise _refusal("key", "The key of the signer is not one of an elliptic curve.")
    _require_signed(certificates, fits=_fits_curve(jws, key))
    return RequestSigner(chain, key.key_size)


def _fits_curve(jws: Jws, key: ec.EllipticCurvePublicKey) -> bool:
    if jws.algorithm != _ECDH256:
        return verifies(jws.algorithm, key, jws.signature, jws.signing_input)
    try:
        key.verify(jws.signature, jws.signing_input, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _named(jws: Jws) -> tuple[tuple[bytes, ...], list[x509.Certificate]]:
    """The chain that a request names, as it was sent and read."""
    chain = signer_chain(jws)
    if not chain:
        raise _refusal("certificate", "The token brings no certificate (`x5c`).")
    try:
        return chain, [load(der) for der in chain]
    except KeyMaterialError:
        raise _refusal("certificate", "A certificate in `x5c` cannot be read.") from None


def _require_signed(certificates: Sequence[x509.Certificate], *, fits: bool) -> None:
    if not fits:
        raise _refusal("signature", "The signature does not fit the certificate in `x5c`.")
    if broken_link(certificates) is not None:
        raise _refusal("chain", "The certificates in `x5c` do not sign each other.")


def _refusal(check: str, summary: str) -> TokenError:
    return TokenError(summary, details={"check": check})
