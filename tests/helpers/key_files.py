"""Keys and certificates of every kind, in every form, made once a test run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

PASSPHRASE = "öpen sesame"  # noqa: S105 - of test keys


@cache
def rsa_key(bits: int = 2048, number: int = 0) -> rsa.RSAPrivateKey:
    """The `number`-th RSA key of a size, always the same in one run."""
    del number
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def certificate(  # noqa: PLR0913 - what certificates differ in
    key: rsa.RSAPrivateKey,
    name: str = "Contoso policy signing",
    *,
    issuer_key: rsa.RSAPrivateKey | None = None,
    issuer: str = "",
    ca: bool = True,
    days: tuple[int, int] = (-1, 365),
) -> x509.Certificate:
    """A certificate for a key, self-signed unless an issuer is given."""
    now = datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    by = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer or name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    return builder.sign(issuer_key or key, hashes.SHA256())


def pem(*certificates: x509.Certificate) -> bytes:
    """Certificates as PEM, one behind the other."""
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)


def der(one: x509.Certificate) -> bytes:
    """A certificate as DER."""
    return one.public_bytes(Encoding.DER)


def key_bytes(
    key: PrivateKeyTypes,
    form: PrivateFormat = PrivateFormat.PKCS8,
    encoding: Encoding = Encoding.PEM,
    passphrase: str = "",
) -> bytes:
    """A private key in a form, encrypted when a passphrase is given."""
    encryption = (
        BestAvailableEncryption(passphrase.encode("utf-8")) if passphrase else NoEncryption()
    )
    return key.private_bytes(encoding, form, encryption)


def pkcs12_bytes(
    key: rsa.RSAPrivateKey, *certificates: x509.Certificate, passphrase: str = PASSPHRASE
) -> bytes:
    """A PKCS#12 file."""
    encryption = (
        BestAvailableEncryption(passphrase.encode("utf-8")) if passphrase else NoEncryption()
    )
    return pkcs12.serialize_key_and_certificates(
        b"key", key, certificates[0], certificates[1:], encryption
    )
