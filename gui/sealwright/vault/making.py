"""New keys with self-signed certificates, and keys in the forms they leave the vault in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sealwright.errors import KeyMaterialError, UsageError
from sealwright.vault.material import Material
from sealwright.vault.signing import load_own_key

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import KeySerializationEncryption

    from sealwright.secret import Secret
    from sealwright.services.ports import NewKey

SIZES: Final = (2048, 3072, 4096)
MAX_DAYS: Final = 7300
_BACKDATED: Final = timedelta(minutes=10)
"""Clocks differ; a certificate must not be from the future at the provider."""
_KDF_ROUNDS: Final = 600_000
"""PBKDF2-HMAC-SHA256 rounds of an exported PKCS#12."""


def check_request(new: NewKey) -> None:
    """Refuse what cannot be made, before anything is.

    Raises:
        UsageError: size, validity or subject.
    """
    if new.bits not in SIZES:
        raise UsageError(
            f"A key of {new.bits} bits is not made here.", hint="Choose 2048, 3072 or 4096."
        )
    if not 1 <= new.valid_days <= MAX_DAYS:
        raise UsageError(
            f"A certificate cannot be valid for {new.valid_days} days.",
            hint=f"Choose 1 to {MAX_DAYS}.",
        )
    _subject(new)


def make_key(new: NewKey, now: datetime) -> Material:
    """A new key and its self-signed certificate; blocking, but without the interpreter lock."""
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - heavy
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key = rsa.generate_private_key(public_exponent=65537, key_size=new.bits)
    certificate = _self_signed(key, _subject(new), now, new.valid_days)
    return Material(
        pkcs8=key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        chain=(certificate.public_bytes(Encoding.DER),),
        bits=new.bits,
    )


def export_pkcs8(name: str, pkcs8: bytes, passphrase: Secret[str]) -> bytes:
    """The key as encrypted PKCS#8 in PEM; blocking."""
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - heavy
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
    )

    encryption = BestAvailableEncryption(passphrase.reveal().encode("utf-8"))
    key = load_own_key(name, pkcs8)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def export_pkcs12(
    name: str, pkcs8: bytes, chain: tuple[bytes, ...], passphrase: Secret[str]
) -> bytes:
    """The key and its certificates as PKCS#12; blocking."""
    from cryptography import x509  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.serialization import pkcs12  # noqa: PLC0415 - heavy

    certificates = [x509.load_der_x509_certificate(der) for der in chain]
    return pkcs12.serialize_key_and_certificates(
        name.encode("utf-8"),
        load_own_key(name, pkcs8),
        certificates[0],
        certificates[1:],
        _pkcs12_encryption(passphrase),
    )


def _pkcs12_encryption(passphrase: Secret[str]) -> KeySerializationEncryption:
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12  # noqa: PLC0415 - as above

    return (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(_KDF_ROUNDS)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(passphrase.reveal().encode("utf-8"))
    )


def _subject(new: NewKey) -> x509.Name:
    from cryptography import x509  # noqa: PLC0415 - heavy

    try:
        if not new.subject:
            return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, new.name[:64])])
        subject = x509.Name.from_rfc4514_string(new.subject)
    except ValueError as error:
        raise KeyMaterialError(
            f"`{new.subject}` is not a subject name.",
            hint="Write it as `CN=Contoso policy signing,O=Contoso,C=DE`.",
            details={"check": "subject", "reason": str(error)},
        ) from error
    if not list(subject):
        raise KeyMaterialError("The subject name is empty.", details={"check": "subject"})
    return subject


def _self_signed(
    key: RSAPrivateKey, subject: x509.Name, now: datetime, days: int
) -> x509.Certificate:
    from cryptography import x509  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - heavy

    start = now.replace(microsecond=0) - _BACKDATED
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        # The service takes a self-signed signer only when it is a CA (spec rest-api, 6.2).
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_key_usage(), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return builder.sign(key, hashes.SHA256())


def _key_usage() -> x509.KeyUsage:
    from cryptography import x509  # noqa: PLC0415 - heavy

    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
