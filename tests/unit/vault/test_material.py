"""Which keys are taken, in which forms, and the reason for each refusal."""

from __future__ import annotations

import base64

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat, PublicFormat

from helpers.key_files import PASSPHRASE, certificate, der, key_bytes, pem, pkcs12_bytes, rsa_key
from sealwright.errors import KeyMaterialError
from sealwright.secret import Secret
from sealwright.vault.material import read_material

KEY = rsa_key()
CERTIFICATE = certificate(KEY)
LEGACY = PrivateFormat.TraditionalOpenSSL
PKCS8_DER = key_bytes(KEY, encoding=Encoding.DER)


def check_of(
    data: bytes, certificates: bytes = b"", passphrase: str | None = None
) -> tuple[str, KeyMaterialError]:
    secret = None if passphrase is None else Secret(passphrase)
    with pytest.raises(KeyMaterialError) as caught:
        read_material(data, certificates, secret)
    return caught.value.details["check"], caught.value


@pytest.mark.parametrize(
    ("data", "passphrase"),
    [
        pytest.param(key_bytes(KEY), "", id="pkcs8-pem"),
        pytest.param(key_bytes(KEY, LEGACY), "", id="pkcs1-pem"),
        pytest.param(key_bytes(KEY, passphrase=PASSPHRASE), PASSPHRASE, id="pkcs8-pem-encrypted"),
        pytest.param(key_bytes(KEY, LEGACY, passphrase=PASSPHRASE), PASSPHRASE, id="pkcs1-pem-enc"),
        pytest.param(PKCS8_DER, "", id="pkcs8-der"),
        pytest.param(key_bytes(KEY, LEGACY, Encoding.DER), "", id="pkcs1-der"),
        pytest.param(
            key_bytes(KEY, encoding=Encoding.DER, passphrase=PASSPHRASE),
            PASSPHRASE,
            id="pkcs8-der-encrypted",
        ),
        pytest.param(b"\xef\xbb\xbf# mine\n" + key_bytes(KEY), "", id="bom-and-comment"),
        pytest.param(key_bytes(KEY).replace(b"\n", b"\r\n"), "", id="crlf"),
        pytest.param(key_bytes(KEY), "not needed", id="passphrase-not-needed"),
    ],
)
def test_takes_the_key_in_every_form(data: bytes, passphrase: str) -> None:
    secret = Secret(passphrase) if passphrase else None
    material = read_material(data, pem(CERTIFICATE), secret)
    assert material.pkcs8 == PKCS8_DER
    assert material.chain == (der(CERTIFICATE),)
    assert material.bits == 2048


@pytest.mark.parametrize("passphrase", [PASSPHRASE, ""])
def test_takes_pkcs12_with_its_chain(passphrase: str) -> None:
    root_key = rsa_key(number=1)
    root = certificate(root_key, "Root")
    leaf = certificate(KEY, "Leaf", issuer_key=root_key, issuer="Root")
    data = pkcs12_bytes(KEY, leaf, root, passphrase=passphrase)
    material = read_material(data, passphrase=Secret(passphrase) if passphrase else None)
    assert material.chain == (der(leaf), der(root))


def test_finds_certificates_beside_the_key_and_puts_the_chain_in_order() -> None:
    root_key, middle_key = rsa_key(number=1), rsa_key(number=2)
    root = certificate(root_key, "Root")
    middle = certificate(middle_key, "Middle", issuer_key=root_key, issuer="Root")
    leaf = certificate(KEY, "Leaf", issuer_key=middle_key, issuer="Middle", ca=False)
    stranger = certificate(rsa_key(number=3), "Stranger")
    data = pem(root, stranger, leaf) + key_bytes(KEY) + pem(middle)
    assert read_material(data).chain == (der(leaf), der(middle), der(root))


def test_of_two_certificates_for_the_key_the_renewed_one_is_taken() -> None:
    renewed = certificate(KEY, days=(-1, 900))
    assert read_material(key_bytes(KEY), pem(CERTIFICATE, renewed)).chain[0] == der(renewed)


def test_takes_an_expired_certificate() -> None:
    """Signing with it may be refused by the provider; keeping it is the user's choice."""
    expired = certificate(KEY, days=(-30, -1))
    assert read_material(key_bytes(KEY), pem(expired)).chain == (der(expired),)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (ec.generate_private_key(ec.SECP256R1()), "EC secp256r1"),
        (ed25519.Ed25519PrivateKey.generate(), "Ed25519"),
        (dsa.generate_private_key(2048), "DSA"),
    ],
    ids=["ec", "ed25519", "dsa"],
)
def test_refuses_other_kinds_by_name(key: ec.EllipticCurvePrivateKey, words: str) -> None:
    check, error = check_of(key_bytes(key), pem(CERTIFICATE))
    assert check == "kind"
    assert words in error.summary
    assert "RSA" in error.hint


def test_refuses_an_ec_key_in_its_own_form() -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    assert check_of(key_bytes(key, LEGACY))[0] == "kind"
    assert check_of(key_bytes(key, LEGACY, Encoding.DER))[0] == "kind"


def test_refuses_short_rsa_keys() -> None:
    short = rsa_key(1024)
    check, error = check_of(key_bytes(short), pem(certificate(short)))
    assert check == "bits"
    assert "1024" in error.summary
    assert "2048" in error.summary


def test_refuses_a_certificate_of_another_key_by_its_name() -> None:
    check, error = check_of(key_bytes(KEY), pem(certificate(rsa_key(number=1), "Fabrikam")))
    assert check == "mismatch"
    assert "Fabrikam" in error.summary


def test_refuses_a_key_without_a_certificate() -> None:
    assert check_of(key_bytes(KEY))[0] == "no-certificate"


@pytest.mark.parametrize(
    "data",
    [
        key_bytes(KEY, PrivateFormat.OpenSSH),
        KEY.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
        b"PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\n",
    ],
    ids=["openssh", "public", "putty"],
)
def test_refuses_ssh_keys(data: bytes) -> None:
    check, error = check_of(data)
    assert check == "ssh"
    assert "SSH" in error.summary


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_refuses_a_signing_request(encoding: Encoding) -> None:
    builder = x509.CertificateSigningRequestBuilder().subject_name(CERTIFICATE.subject)
    data = builder.sign(KEY, hashes.SHA256()).public_bytes(encoding)
    check, error = check_of(data)
    assert check == "request"
    assert "signing request" in error.summary


@pytest.mark.parametrize(
    "data",
    [
        key_bytes(KEY, passphrase=PASSPHRASE),
        key_bytes(KEY, LEGACY, passphrase=PASSPHRASE),
        key_bytes(KEY, encoding=Encoding.DER, passphrase=PASSPHRASE),
        pkcs12_bytes(KEY, CERTIFICATE),
    ],
    ids=["pkcs8", "pkcs1", "der", "pkcs12"],
)
def test_tells_a_missing_passphrase_from_a_wrong_one(data: bytes) -> None:
    assert check_of(data)[0] == "passphrase-missing"
    assert check_of(data, passphrase=PASSPHRASE.upper())[0] == "passphrase-wrong"


@pytest.mark.parametrize(
    "data",
    [
        pem(CERTIFICATE),
        der(CERTIFICATE),
        KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    ],
    ids=["certificate", "certificate-der", "public", "public-der"],
)
def test_says_that_there_is_no_private_key(data: bytes) -> None:
    assert check_of(data)[0] == "no-key"


def test_refuses_two_keys_in_one_file() -> None:
    assert check_of(key_bytes(KEY) + key_bytes(rsa_key(number=1)))[0] == "several"


@pytest.mark.parametrize("data", [b"", b"hello", b"0\x82\xff", b"0\x80", b"\x00" * 100])
def test_refuses_what_is_no_key_at_all(data: bytes) -> None:
    assert check_of(data)[0] == "form"


def test_refuses_a_file_that_is_far_too_large() -> None:
    assert check_of(b"0" * (5 * 2**20))[0] == "size"


def test_refuses_a_cut_off_file() -> None:
    assert check_of(key_bytes(KEY)[:-40])[0] == "damaged"


def test_refuses_garbage_in_a_bundle_and_names_the_block() -> None:
    broken = pem(CERTIFICATE).replace(b"MII", b"AII", 1)
    with pytest.raises(KeyMaterialError, match="Block 2"):
        read_material(key_bytes(KEY), pem(CERTIFICATE) + broken)


def test_refuses_a_key_whose_numbers_do_not_fit() -> None:
    """The full check is made: loading alone would take it."""
    raw = bytearray(PKCS8_DER)
    raw[-10] ^= 0x01
    body = base64.encodebytes(bytes(raw))
    data = b"-----BEGIN PRIVATE KEY-----\n" + body + b"-----END PRIVATE KEY-----\n"
    assert check_of(data, pem(CERTIFICATE))[0] == "damaged"


def test_shows_nothing_of_the_key() -> None:
    material = read_material(key_bytes(KEY), pem(CERTIFICATE))
    assert repr(material) == "Material(2048 bits)"
