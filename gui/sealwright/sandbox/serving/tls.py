"""The sandbox's own certificate authority for TLS on this computer.

The certificates carry what strict TLS stacks ask for since Python 3.13: key usage and key
identifiers. The authority's key never leaves the sandbox's file.
"""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sealwright.errors import StorageError

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.sandbox.state import State

AUTHORITY_NAME: Final = "Sealwright Sandbox TLS CA"
LOCAL_NAMES: Final = ("localhost", "127.0.0.1", "::1")

_AUTHORITY_LIFE: Final = timedelta(days=3650)
_LEAF_LIFE: Final = timedelta(days=397)
"""The longest that common TLS stacks accept."""
_SLACK: Final = timedelta(days=1)
_FACT: Final = "tls-authority"


class TlsAuthority:
    """Issues server certificates; made once for a sandbox's file."""

    def __init__(self, state: State, now: datetime) -> None:
        kept = state.fact(_FACT) or _keep(state, _new_authority(now))
        key = load_pem_private_key(kept, None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise StorageError("The sandbox's TLS key is damaged.")
        self._key = key
        self._certificate = x509.load_pem_x509_certificate(kept)

    @property
    def certificate(self) -> bytes:
        """What clients must trust (PEM)."""
        return self._certificate.public_bytes(Encoding.PEM)

    def server(self, hosts: tuple[str, ...], now: datetime) -> bytes:
        """A certificate for these names and addresses, then its key (PEM)."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = [_general_name(host) for host in dict.fromkeys(hosts)]
        builder = (
            _builder(key.public_key(), "localhost", AUTHORITY_NAME, now - _SLACK, _LEAF_LIFE)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
        )
        return builder.sign(self._key, SHA256()).public_bytes(Encoding.PEM) + _pem(key)


def _keep(state: State, made: bytes) -> bytes:
    with state.writing():
        kept = state.fact(_FACT)
        if kept is None:
            state.put_fact(_FACT, made)
    return kept or made


def _new_authority(now: datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        _builder(key.public_key(), AUTHORITY_NAME, AUTHORITY_NAME, now - _SLACK, _AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
    )
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM) + _pem(key)


def _builder(
    key: ec.EllipticCurvePublicKey,
    subject: str,
    issuer: str,
    first: datetime,
    life: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(first)
        .not_valid_after(first + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(text: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Sealwright sandbox"),
            x509.NameAttribute(NameOID.COMMON_NAME, text),
        ]
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
