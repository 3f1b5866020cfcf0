"""A provider of the tests: signs tokens as the service does, with a key of its own."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from sealwright.evidence.basis.certificates import load, spki
from sealwright.tokens.jose import b64url_encode
from sealwright.tokens.keyset import KeySet, enclave_kid, parse_key_set

ISSUER = "https://contoso.eus.attest.azure.net"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = int(NOW.timestamp())


def rsa_key(label: str = "service", bits: int = 2048) -> rsa.RSAPrivateKey:
    """One key for each label, made once in a test run."""
    return _rsa_key(label, bits)


@cache
def _rsa_key(label: str, bits: int) -> rsa.RSAPrivateKey:
    del label
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def certificate(  # noqa: PLR0913 - the parts of a certificate
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    subject: str = ISSUER,
    *,
    issuer: str | None = None,
    issuer_key: rsa.RSAPrivateKey | None = None,
    ca: bool = False,
    first: datetime = datetime(2019, 5, 1, tzinfo=UTC),
    last: datetime = datetime(2050, 12, 31, tzinfo=UTC),
) -> bytes:
    """A certificate as DER, self-signed unless an issuer is named."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer or subject))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(first)
        .not_valid_after(last)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    return builder.sign(issuer_key or key, SHA256()).public_bytes(Encoding.DER)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def b64(der: bytes) -> str:
    return base64.b64encode(der).decode()


@dataclass(frozen=True)
class Issuer:
    """A provider with one enclave key."""

    uri: str = ISSUER
    key: str = "service"
    bits: int = 2048

    @property
    def der(self) -> bytes:
        return certificate(rsa_key(self.key, self.bits), self.uri)

    @property
    def kid(self) -> str:
        return enclave_kid(spki(load(self.der)))

    def key_set(self, **members: object) -> KeySet:
        entry = {"kid": self.kid, "kty": "RSA", "x5c": [b64(self.der)]} | members
        return parse_key_set(json.dumps({"keys": [entry]}).encode())

    def header(self, **members: object) -> dict[str, Any]:
        values = {"alg": "RS256", "jku": f"{self.uri}/certs", "kid": self.kid, "typ": "JWT"}
        return _without_missing(values | members)

    def claims(self, **members: object) -> dict[str, Any]:
        times = {"exp": SECOND + 3600, "iat": SECOND, "nbf": SECOND}
        return _without_missing({"iss": self.uri} | times | members)

    def token(
        self, claims: dict[str, Any] | None = None, header: dict[str, Any] | None = None
    ) -> str:
        parts = (header or self.header(), self.claims() if claims is None else claims)
        return self.sign(*(json.dumps(part, separators=(",", ":")).encode() for part in parts))

    def sign(self, header: bytes, payload: bytes) -> str:
        signed = f"{b64url_encode(header)}.{b64url_encode(payload)}"
        return f"{signed}.{b64url_encode(self.signature(signed.encode()))}"

    def signature(self, data: bytes) -> bytes:
        return rsa_key(self.key, self.bits).sign(data, padding.PKCS1v15(), SHA256())


def _without_missing(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not ...}
