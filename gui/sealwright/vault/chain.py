"""The certificate chain of a key: its own certificate first, then who issued whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.errors import KeyMaterialError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey


def chain_for(public: RSAPublicKey, certificates: Iterable[bytes]) -> tuple[bytes, ...]:
    """The chain as DER, leaf first, out of certificates in any order; strangers are left out.

    Raises:
        KeyMaterialError: there is no certificate, or none belongs to this key.
    """
    from cryptography import x509  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415 - heavy

    pool = [x509.load_der_x509_certificate(der) for der in dict.fromkeys(certificates)]
    own = [one for one in pool if one.public_key() == public]
    if not own:
        raise _no_match(pool)
    # A renewed certificate has the same key: the one that lasts longest is meant.
    chain = [max(own, key=lambda one: one.not_valid_after_utc)]
    while (issuer := _issuer(chain[-1], pool)) is not None and issuer not in chain:
        chain.append(issuer)
    return tuple(one.public_bytes(Encoding.DER) for one in chain)


def _issuer(certificate: x509.Certificate, pool: list[x509.Certificate]) -> x509.Certificate | None:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415 - heavy

    for candidate in pool:
        try:
            certificate.verify_directly_issued_by(candidate)
        except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
            continue
        return candidate
    return None


def _no_match(pool: list[x509.Certificate]) -> KeyMaterialError:
    if not pool:
        return KeyMaterialError(
            "There is no certificate for this key.",
            hint="Give its certificate as well: providers know a signer by its certificate.",
            details={"check": "no-certificate"},
        )
    names = ", ".join(f"`{one.subject.rfc4514_string()}`" for one in pool)
    return KeyMaterialError(
        f"The certificate does not belong to this key: {names}.",
        hint="Choose the certificate that was issued for this key.",
        details={"check": "mismatch"},
    )
