"""Signatures are verified before they leave, whatever the stored key has become."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from helpers.key_files import certificate, der, key_bytes, pem, rsa_key
from sealwright.errors import KeyMaterialError
from sealwright.vault.key_file import read_key_file
from sealwright.vault.signing import sign_once

KEY = rsa_key()
CERTIFICATE = der(certificate(KEY))
PKCS8 = key_bytes(KEY, encoding=Encoding.DER)


def test_signs_what_the_certificate_verifies() -> None:
    signature = sign_once("mine", PKCS8, CERTIFICATE, b"data")
    public = x509.load_der_x509_certificate(CERTIFICATE).public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    public.verify(signature, b"data", padding.PKCS1v15(), hashes.SHA256())


def test_a_key_of_somebody_else_signs_nothing() -> None:
    other = key_bytes(rsa_key(number=1), encoding=Encoding.DER)
    with pytest.raises(KeyMaterialError, match="`mine` does not match"):
        sign_once("mine", other, CERTIFICATE, b"data")


@pytest.mark.parametrize("place", [-1, -10, -200, -400, 40, 200, 400, 800])
def test_a_key_that_changed_in_the_store_signs_rightly_or_not_at_all(place: int) -> None:
    """Some numbers of a key only make signing faster: without them it is right all the same."""
    raw = bytearray(PKCS8)
    raw[place] ^= 0x04
    try:
        signature = sign_once("mine", bytes(raw), CERTIFICATE, b"data")
    except KeyMaterialError:
        return
    assert signature == sign_once("mine", PKCS8, CERTIFICATE, b"data")


def test_a_key_file_signs_without_an_event_loop() -> None:
    signer = read_key_file(key_bytes(KEY), pem(x509.load_der_x509_certificate(CERTIFICATE)))
    work = signer.sign(b"data")
    with pytest.raises(StopIteration) as done:
        work.send(None)
    assert done.value.value == sign_once("mine", PKCS8, CERTIFICATE, b"data")
    assert signer.certificate_chain == (CERTIFICATE,)
    assert signer.algorithm == "RS256"
