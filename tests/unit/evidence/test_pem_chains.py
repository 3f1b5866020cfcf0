"""Chains as PEM: what is read of a text, and what is refused whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from sealwright.errors import KeyMaterialError
from sealwright.evidence.basis.certificates import load_pem_chain

_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_OTHER = b"-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n"


@cache
def certificate(name: str) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject)
    builder = builder.public_key(key.public_key()).serial_number(7)
    builder = builder.not_valid_before(_DAY).not_valid_after(_DAY + timedelta(days=1))
    return builder.sign(key, SHA256())


def pem(name: str) -> bytes:
    return certificate(name).public_bytes(Encoding.PEM)


def der(name: str) -> bytes:
    return certificate(name).public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    "text",
    [
        pem("a") + pem("b"),
        b"subject=CN = a\n" + pem("a") + b"\n" + _OTHER + pem("b"),
        (pem("a") + pem("b")).replace(b"\n", b"\r\n"),
        (pem("a") + pem("b")).replace(b" CERTIFICATE", b" X509 CERTIFICATE"),
    ],
    ids=["plain", "among other things", "CRLF", "older label"],
)
def test_certificates_come_in_their_order(text: bytes) -> None:
    assert load_pem_chain(text) == (der("a"), der("b"))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        _OTHER,
        pem("a")[:-3],
        pem("a") + pem("b")[:-40],
        pem("a").replace(b"-----END CERTIFICATE", b"-----END X509 CERTIFICATE"),
        pem("a") + b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
        pem("a").replace(b"\nMI", b"\n=MI"),
        pem("a").replace(b"\nMI", b"\nM*"),
    ],
    ids=["empty", "none", "cut", "second cut", "labels", "no certificate", "padding", "letters"],
)
def test_a_text_with_one_that_cannot_be_read_is_refused_whole(text: bytes) -> None:
    with pytest.raises(KeyMaterialError, match="as PEM"):
        load_pem_chain(text)
