"""Quotes over other banks than SHA-256, and quotes that come without the values."""

from __future__ import annotations

import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm

from helpers.synthetic_evidence import check_of, failed, roots, trust
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.evidence.examination import Examination, Given, Kind
from sealwright.evidence.examine import examine
from sealwright.evidence.synthetic.authority import load_rsa
from sealwright.evidence.tpm import tpm_encode
from sealwright.evidence.tpm.tpm import HASHES, parse_public
from sealwright.evidence.tpm.tpm_quote import encode_tpm_quote

BANKS = [0x0004, 0x000B, 0x000C, 0x000D]


def registers(bank: int) -> list[bytes]:
    return [hashlib.new(HASHES[bank], bytes((at,))).digest() for at in range(24)]


def attested(bank: int) -> bytes:
    digest = hashlib.sha256(b"".join(registers(bank)[:8])).digest()
    chosen = (1).to_bytes(4, "big") + bank.to_bytes(2, "big") + b"\3\xff\0\0"
    name = parse_public(roots().tpm.aik_public).name
    return tpm_encode.quote(name, b"nonce", chosen, digest)


def signed(data: bytes, algorithm: HashAlgorithm, number: int) -> bytes:
    raw = load_rsa(roots().tpm.aik_key).sign(data, padding.PKCS1v15(), algorithm)
    return b"\0\x14" + number.to_bytes(2, "big") + len(raw).to_bytes(2, "big") + raw


def seen(data: bytes, *companions: bytes) -> Examination:
    certificates = (roots().tpm.aik_certificate, roots().tpm.root)
    given = Given(trust(), certificates=certificates, companions=companions)
    return examine(data, given, Kind.TPM_QUOTE)


def document(bank: int, values: list[bytes]) -> bytes:
    data = attested(bank)
    return encode_tpm_quote(data, signed(data, SHA256(), 0x000B), values, roots().tpm.aik_spki)


@pytest.mark.parametrize("bank", BANKS)
def test_the_values_are_those_of_the_quoted_bank(bank: int) -> None:
    found = seen(document(bank, registers(bank)))
    assert found.valid is True
    assert found.quoted == {bank: dict(enumerate(registers(bank)))}
    other = [bytes(len(value)) for value in registers(bank)]
    assert failed(seen(document(bank, other))) == {"pcr-quote", "pcr-quote.digest"}


@pytest.mark.parametrize("bank", [0x0004, 0x000C])
def test_values_of_another_size_than_the_banks(bank: int) -> None:
    assert failed(seen(document(bank, registers(0x000B)))) == {"structure"}


def test_a_quote_without_its_values_says_what_to_give() -> None:
    data = attested(0x000B)
    found = seen(data, signed(data, SHA256(), 0x000B))
    assert found.valid is None
    assert check_of(found, "pcr-quote.signature").status is CheckStatus.PASS
    assert "values" in check_of(found, "pcr-quote.digest").detail


def test_a_quote_signed_with_sha1_proves_nothing() -> None:
    data = attested(0x000B)
    found = seen(data, signed(data, SHA1(), 0x0004))  # noqa: S303 - what is refused
    assert "SHA-1" in check_of(found, "pcr-quote.signature").detail
    assert found.valid is False


def test_a_document_without_values_says_what_to_give_too() -> None:
    whole = json.loads(document(0x000B, registers(0x000B)))
    whole["tpm_quote"]["pcrs"] = []
    found = seen(json.dumps(whole).encode())
    assert [check.id for check in found.missing()] == ["pcr-quote.digest"]
