"""Certificates as lists show them, and reading them out of files.

Source: spec rest-api, 6.2 (what a signer certificate has to be).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sealwright.errors import KeyMaterialError

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

    from sealwright.services.model import Certificate

MAX_BUNDLE: Final = 4 * 2**20
"""Bytes. A bundle of certificates is far smaller; anything larger is another kind of file."""

_BLOCK: Final = re.compile(
    rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL
)  # RFC 7468, section 3
_MARK: Final = b"-----BEGIN "
_CERTIFICATE_LABELS: Final = (b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE")
_OTHER_FILES: Final = {
    b"CERTIFICATE REQUEST": "a certificate signing request",
    b"NEW CERTIFICATE REQUEST": "a certificate signing request",
    b"PUBLIC KEY": "a public key",
    b"OPENSSH PRIVATE KEY": "an SSH key",
    b"X509 CRL": "a revocation list",
}


def describe_certificate(der: bytes) -> Certificate:
    """What a list shows of a DER certificate.

    Raises:
        KeyMaterialError: these bytes are no X.509 certificate.
    """
    from cryptography import x509  # noqa: PLC0415 - heavy, and lists of no certificates exist

    try:
        certificate = x509.load_der_x509_certificate(der)
        return _described(der, certificate)
    except (ValueError, TypeError) as error:
        raise KeyMaterialError(
            "This is not a certificate that can be read.",
            hint="Give an X.509 certificate as PEM or DER.",
            details={"reason": str(error)},
        ) from error


def read_certificates(data: bytes) -> tuple[Certificate, ...]:
    """Certificates in PEM, DER or PKCS#7, in their order.

    Raises:
        KeyMaterialError: there is none, or one of them cannot be read.
    """
    return tuple(describe_certificate(der) for der in certificates_in(data))


def certificates_in(data: bytes) -> tuple[bytes, ...]:
    """The same as DER, each of them read once.

    Raises:
        KeyMaterialError: there is none, or one of them cannot be read.
    """
    if len(data) > MAX_BUNDLE:
        raise KeyMaterialError("This file is too large to be a bundle of certificates.")
    if _MARK in data:
        return _from_pem(data)
    if b"ssh-" in data[:8]:
        raise _holds_no_certificate("an SSH key")
    return _from_der(data)


def _from_pem(data: bytes) -> tuple[bytes, ...]:
    found: list[bytes] = []
    others: list[bytes] = []
    end = 0
    for number, block in enumerate(_BLOCK.finditer(data), 1):
        label = block.group(1)
        end = block.end()
        if label in _CERTIFICATE_LABELS:
            found.append(_pem_certificate(block.group(), number))
        elif label in {b"PKCS7", b"CMS"}:
            found.extend(_pkcs7(block.group(), pem=True))
        else:
            others.append(label)
    if _MARK in data[end:]:
        raise KeyMaterialError(
            "The last block of this file is cut off or damaged.",
            hint="Export the certificates again.",
        )
    if not found:
        what = next((_OTHER_FILES[label] for label in others if label in _OTHER_FILES), "no such")
        raise _holds_no_certificate(what)
    return tuple(found)


def _pem_certificate(block: bytes, number: int) -> bytes:
    from cryptography import x509  # noqa: PLC0415 - heavy
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415 - heavy

    try:
        found = x509.load_pem_x509_certificate(block)
        # Names and extensions are read on demand: a broken one must not surface later.
        _ = found.subject, found.issuer, found.extensions, found.public_key()
        return found.public_bytes(Encoding.DER)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyMaterialError(
            f"Block {number} of this file is not a certificate that can be read.",
            hint="Export the certificates again, or leave that block out.",
            details={"reason": str(error)},
        ) from error


def _from_der(data: bytes) -> tuple[bytes, ...]:
    try:
        describe_certificate(data)
    except KeyMaterialError:
        return _pkcs7(data, pem=False)
    return (data,)


def _pkcs7(data: bytes, *, pem: bool) -> tuple[bytes, ...]:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs7  # noqa: PLC0415 - as above

    load = pkcs7.load_pem_pkcs7_certificates if pem else pkcs7.load_der_pkcs7_certificates
    try:
        found = load(data)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _holds_no_certificate("no such") from error
    if not found:
        raise _holds_no_certificate("no such")
    return tuple(one.public_bytes(Encoding.DER) for one in found)


def _holds_no_certificate(what: str) -> KeyMaterialError:
    summary = "This file holds no certificate."
    if what != "no such":
        summary = f"This file is {what}, not a certificate."
    return KeyMaterialError(summary, hint="Give an X.509 certificate as PEM, DER or PKCS#7.")


def _described(der: bytes, certificate: x509.Certificate) -> Certificate:
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - heavy

    # Signing with a key file only reads certificates, and is done before this is imported.
    from sealwright.services.model import Certificate  # noqa: PLC0415 - as above

    return Certificate(
        der=der,
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        serial=f"{certificate.serial_number:x}",
        sha256=certificate.fingerprint(hashes.SHA256()).hex(),
        # The service names certificates by SHA-1: an address, not a protection.
        thumbprint=certificate.fingerprint(hashes.SHA1()).hex().upper(),  # noqa: S303 - as above
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        algorithm=key_words(certificate.public_key()),
        is_ca=_is_ca(certificate),
        self_signed=_is_self_signed(certificate),
    )


def key_words(key: CertificatePublicKeyTypes) -> str:
    """Kind and size of a public key, as `RSA 3072` or `EC secp256r1`."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa  # noqa: PLC0415 - heavy

    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}"
    return type(key).__name__.removesuffix("PublicKey").lstrip("_")


def _is_ca(certificate: x509.Certificate) -> bool:
    from cryptography import x509  # noqa: PLC0415 - heavy

    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _is_self_signed(certificate: x509.Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415 - heavy

    try:
        certificate.verify_directly_issued_by(certificate)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True
