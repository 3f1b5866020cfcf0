"""Evidence that was made to cost time or memory is refused before it does."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from sealwright.errors import EvidenceError, KeyMaterialError
from sealwright.evidence.amd.uvm import parse_uvm
from sealwright.evidence.basis.certificates import load
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.evidence.basis.document import member_fields
from sealwright.evidence.basis.trust import Trust
from sealwright.evidence.boot.event_log import parse_event_log
from sealwright.evidence.examination import Given, Kind
from sealwright.evidence.examine import examine
from sealwright.evidence.given_files import read_certificates
from sealwright.evidence.kinds.tpm import checks_of
from sealwright.evidence.synthetic.making import synthesize
from sealwright.evidence.synthetic.roots import new_roots
from sealwright.evidence.tpm.tpm_quote import parse_tpm_quote
from sealwright.services.evidence.reading import carried_by

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 3, 1, tzinfo=UTC)
GIVEN = Given(Trust((), NOW))


def endorsement(protected: bytes) -> bytes:
    payload = b'{"x-ms-sevsnpvm-launchmeasurement":"00"}'
    return cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, b"signature"]))


def self_referring() -> bytes:
    """A map whose key is two times one that is two times one, and so on: 2**20 values to hash."""

    def twice(number: int) -> bytes:
        reference = b"\xd8\x1d" + cbor2.dumps(number)
        return b"\xd8\x1c\x82" + reference + reference

    shared = b"".join(twice(number) for number in range(20))
    return b"\x9f\xd8\x1c\x81\x00" + shared + b"\xa1\xd8\x1d" + cbor2.dumps(20) + b"\x00\xff"


def tagged(tag: int, value: object) -> bytes:
    return cbor2.dumps({1: cbor2.CBORTag(tag, value)})


@pytest.mark.parametrize(
    "protected",
    [
        self_referring(),
        tagged(30, [3, 7]),
        tagged(4, [1, 1 << 100]),
        tagged(5, [9, 3]),
        tagged(35, "(a|b)*"),
        tagged(36, "a: b\n"),
        tagged(2, b"\xff" * 100),
        tagged(258, [[1]]),
        b"\x81" * 100 + b"\x00",
    ],
    ids=lambda value: value[:4].hex(),
)
def test_an_endorsement_holds_nothing_that_is_dear_to_read(protected: bytes) -> None:
    with pytest.raises(EvidenceError, match="is not CBOR"):
        parse_uvm(endorsement(protected))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (endorsement(cbor2.dumps({33: [b"\x30\x00"] * 9})), "brings 9 certificates"),
        (endorsement(bytes(65 << 10)), "more than 64 KB"),
    ],
    ids=["certificates", "bytes"],
)
def test_an_endorsement_is_not_larger_than_any(data: bytes, words: str) -> None:
    with pytest.raises(EvidenceError, match=words):
        parse_uvm(data)


def heap() -> bytes:
    return b"[" + b"[]," * 50_000 + b"[]]"


@pytest.mark.parametrize(
    "data",
    [
        b'{"TpmInfo":' + heap() + b"}",
        b'{"TpmInfo":{' + b",".join(b'"%d":1' % number for number in range(100_001)) + b"}}",
        '{"TpmInfo":"\U0001f600'.encode() + b"a" * (1 << 20) + b'"}',
        b'{"AttestationInfo":"' + b"A" * (15 << 20) + b'","x":[' + b"[]," * 50_000 + b"[]]}",
    ],
    ids=["lists", "members", "wide text", "beside a long text"],
)
def test_json_of_more_values_than_any_evidence_is_not_read(data: bytes) -> None:
    with pytest.raises(EvidenceError, match="larger than such documents are"):
        examine(data, GIVEN)
    assert carried_by(data) is None


@pytest.mark.parametrize("kind", [Kind.COLLATERAL, Kind.TPM_QUOTE, Kind.AZURE_GUEST, Kind.SNP_ACI])
def test_every_kind_of_json_is_bounded(kind: Kind) -> None:
    found = examine(b'{"tcbInfo":' + heap() + b"}", GIVEN, kind)
    assert found.valid is False
    assert found.refusal is not None
    assert "larger than such documents are" in found.refusal.summary


def inside(name: str, held: bytes) -> bytes:
    document = json.loads(synthesize(Kind.SNP_ACI, new_roots(), {}, NOW).evidence)
    return json.dumps({**document, name: base64.b64encode(held).decode()}).encode()


def test_json_inside_json_is_bounded() -> None:
    found = examine(inside("Endorsements", b'{"Uvm":' + heap() + b"}"), GIVEN)
    assert found.refusal is not None
    assert "larger than such documents are" in found.refusal.summary


@cache
def crowded_certificate() -> x509.Certificate:
    """A certificate with thousands of names, each of which is an object when it is read."""
    key = ec.generate_private_key(ec.SECP256R1())
    unit = x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "unit")
    name = x509.Name([unit] * 3000)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1))
        .sign(key, SHA256())
    )


@pytest.mark.parametrize(
    "read",
    [
        lambda: load(crowded_certificate().public_bytes(Encoding.DER)),
        lambda: read_certificates(crowded_certificate().public_bytes(Encoding.DER)),
        lambda: read_certificates(crowded_certificate().public_bytes(Encoding.PEM) * 3),
    ],
    ids=["loaded", "DER", "PEM"],
)
def test_a_certificate_of_thousands_of_names_is_not_read(read: Callable[[], object]) -> None:
    with pytest.raises(KeyMaterialError):
        read()


def test_members_after_wide_text_have_their_places_in_bytes() -> None:
    data = '{"a": "\U0001f600", "ä" : [1, "ö"],"b":"é" }'.encode()
    found = {
        item.name: data[item.offset : item.offset + item.size] for item in member_fields(data, "x")
    }
    assert found == {
        "a": '"\U0001f600"'.encode(),
        "ä": '[1, "ö"]'.encode(),
        "b": '"é"'.encode(),
    }


@pytest.mark.parametrize(
    "value",
    [rb'"\ud800"', rb'"\udc00\ud800"', b'"\xed\xa0\x80"', b"NaN", b"-Infinity"],
    ids=["half a pair", "halves in the wrong order", "half in UTF-8", "NaN", "infinity"],
)
def test_json_that_nobody_could_write_out_again_is_not_read(value: bytes) -> None:
    found = examine(b'{"AttestationProtocolVersion":' + value + b"}", GIVEN, Kind.AZURE_GUEST)
    assert found.refusal is not None
    assert "is not JSON" in found.refusal.summary


@pytest.mark.parametrize("value", [rb'"\ud83d\ude00"', rb'"\\ud800"', "\ufeff".encode()])
def test_whole_characters_are_read(value: bytes) -> None:
    mark, text = (value, b'"x"') if value[:1] != b'"' else (b"", value)
    found = examine(mark + b'{"AttestationProtocolVersion":' + text + b"}", GIVEN, Kind.AZURE_GUEST)
    assert found.refusal is not None
    assert "protocol version" in found.refusal.summary


def test_a_register_of_another_size_is_not_what_the_log_leads_to() -> None:
    quote = synthesize(Kind.TPM_QUOTE, new_roots(), {}, NOW)
    log = parse_event_log(quote.companions["eventlog.bin"])
    parsed = parse_tpm_quote(quote.evidence)
    bank, values = next(iter(parsed.banks.items()))
    found = checks_of(replace(parsed, banks={bank: {**values, 5: b""}}), None, GIVEN, log)
    assert {check.id for check in found if check.status is CheckStatus.FAIL} >= {"event-log.pcr5"}
