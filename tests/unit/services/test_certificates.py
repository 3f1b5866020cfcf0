"""Certificates out of files: every form, and the reason where there is none."""

from __future__ import annotations

import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, pkcs7

from helpers.key_files import certificate, der, key_bytes, pem, rsa_key
from sealwright.errors import KeyMaterialError
from sealwright.services.certificates import describe_certificate, key_words, read_certificates

ONE = certificate(rsa_key(), "Contoso")
ISSUED = certificate(rsa_key(number=1), "Leaf", issuer_key=rsa_key(), issuer="Contoso", ca=False)


def test_describes_what_lists_show() -> None:
    shown = describe_certificate(der(ONE))
    assert (shown.subject, shown.issuer) == ("CN=Contoso", "CN=Contoso")
    assert shown.sha256 == hashlib.sha256(der(ONE)).hexdigest()
    assert shown.thumbprint == hashlib.sha1(der(ONE), usedforsecurity=False).hexdigest().upper()
    assert shown.algorithm == "RSA 2048"
    assert shown.is_ca
    assert shown.self_signed
    issued = describe_certificate(der(ISSUED))
    assert (issued.is_ca, issued.self_signed) == (False, False)
    assert issued.not_after > issued.not_before


def test_names_other_keys() -> None:
    assert key_words(ec.generate_private_key(ec.SECP256R1()).public_key()) == "EC secp256r1"


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (pem(ONE), 1),
        (pem(ONE, ISSUED), 2),
        (b"subject=CN = Contoso\n" + pem(ONE).replace(b"\n", b"\r\n"), 1),
        (key_bytes(rsa_key()) + pem(ONE), 1),
        (der(ONE), 1),
        (pkcs7.serialize_certificates([ONE, ISSUED], Encoding.PEM), 2),
        (pkcs7.serialize_certificates([ONE, ISSUED], Encoding.DER), 2),
    ],
    ids=["pem", "two", "text-crlf", "beside-a-key", "der", "pkcs7-pem", "pkcs7-der"],
)
def test_reads_every_form(data: bytes, count: int) -> None:
    found = read_certificates(data)
    assert len(found) == count
    assert der(ONE) in [one.der for one in found]


REQUEST = (
    x509.CertificateSigningRequestBuilder()
    .subject_name(ONE.subject)
    .sign(rsa_key(), hashes.SHA256())
)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no certificate"),
        (b"hello", "no certificate"),
        (key_bytes(rsa_key()), "no certificate"),
        (REQUEST.public_bytes(Encoding.PEM), "signing request"),
        (rsa_key().public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH), "SSH key"),
        (pem(ONE)[:-30], "cut off"),
        (pem(ONE) + pem(ONE).replace(b"MII", b"AII", 1), "Block 2"),
        (b"\x30" * (5 * 2**20), "too large"),
    ],
    ids=["empty", "text", "key", "request", "ssh", "cut", "garbage", "large"],
)
def test_says_why_there_is_none(data: bytes, words: str) -> None:
    with pytest.raises(KeyMaterialError, match=words) as caught:
        read_certificates(data)
    assert caught.value.hint or words == "too large"
