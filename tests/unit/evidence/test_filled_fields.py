"""Certificates and lists in fields that zeros fill up: one in 256 ends with a zero of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from sealwright.errors import KeyMaterialError
from sealwright.evidence.basis.certificates import load_filled
from sealwright.evidence.intel.collateral import revocation_list

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ends with a zero")])
WHEN = datetime(2026, 11, 1, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())


def certificate() -> bytes:
    made = x509.CertificateBuilder(NAME, NAME, KEY.public_key(), x509.random_serial_number())
    dated = made.not_valid_before(WHEN).not_valid_after(WHEN + timedelta(days=9))
    return dated.sign(KEY, SHA256()).public_bytes(Encoding.DER)


def crl() -> bytes:
    made = x509.CertificateRevocationListBuilder(NAME, WHEN, WHEN + timedelta(days=9))
    return made.sign(KEY, SHA256()).public_bytes(Encoding.DER)


def ending_with_zero(make: Callable[[], bytes]) -> bytes:
    while True:
        made = make()
        if made.endswith(b"\0"):
            return made


@pytest.mark.parametrize("filling", [b"", b"\0", bytes(300)])
def test_a_last_zero_belongs_to_the_certificate(filling: bytes) -> None:
    made = ending_with_zero(certificate)

    assert load_filled(made + filling).public_bytes(Encoding.DER) == made


def test_something_else_behind_a_certificate_is_refused() -> None:
    with pytest.raises(KeyMaterialError, match="something else follows"):
        load_filled(certificate() + b"\0\0x")


@pytest.mark.parametrize("damage", [b"", b"\0\0\0", b"0\x82"])
def test_what_is_no_certificate_is_refused(damage: bytes) -> None:
    with pytest.raises(KeyMaterialError, match="cannot be read"):
        load_filled(damage)


@pytest.mark.parametrize("filling", [b"", b"\0", bytes(300)])
def test_a_last_zero_belongs_to_the_revocation_list(filling: bytes) -> None:
    made = ending_with_zero(crl)

    assert revocation_list(made + filling) == made
    assert revocation_list(made.hex().encode() + filling) == made
