"""Evidence as people bring it, what lies beside it, and the differences between two pieces."""

from __future__ import annotations

import base64
import json
import tracemalloc
from typing import TYPE_CHECKING

import anyio
import pytest

from helpers.attesting import enclave
from helpers.simulators import World
from sealwright.errors import UsageError
from sealwright.evidence.examination import Kind
from sealwright.evidence.synthetic.quotes import make_quote
from sealwright.services.evidence.claim_places import claim_places
from sealwright.services.evidence.difference import Difference
from sealwright.services.evidence.evidence import Evidence, EvidenceService, add_file
from sealwright.services.evidence.reading import (
    carried_by,
    evidence_of_file,
    evidence_of_text,
    octets_of_text,
)
from sealwright.tokens.pasted import guess

if TYPE_CHECKING:
    from sealwright.evidence.examination import Examination

DATA = bytes(range(64))


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def service(world: World) -> EvidenceService:
    return world.services().evidence


def examined(service: EvidenceService, evidence: Evidence) -> Examination:
    async def call() -> Examination:
        return await service.examine(evidence)

    return anyio.run(call)


def made(service: EvidenceService, kind: Kind, **values: str) -> Evidence:
    async def call() -> Evidence:
        return await service.make(kind, values)

    return anyio.run(call)


@pytest.mark.parametrize(
    "text",
    [
        DATA.hex(),
        DATA.hex(" ").upper(),
        "0x" + DATA.hex(),
        base64.b64encode(DATA).decode(),
        base64.urlsafe_b64encode(DATA).decode().rstrip("="),
        base64.encodebytes(DATA).decode(),
    ],
)
def test_bytes_come_back_from_every_text_that_stands_for_them(text: str) -> None:
    assert evidence_of_text(text) == DATA
    assert evidence_of_file(text.encode()) == DATA


@pytest.mark.parametrize("text", ["ab" * (1 << 20), "ab" * (1 << 20) + "a", "ab:" * (1 << 20)])
def test_a_long_text_takes_memory_by_its_size_only(text: str) -> None:
    data = text.encode()
    tracemalloc.start()
    try:
        evidence_of_file(data)
        guess(text)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 8 * len(data)


def test_json_and_pem_are_evidence_as_they_are() -> None:
    assert evidence_of_text(' {"SnpReport": ""} ') == b'{"SnpReport": ""}'
    assert evidence_of_file(b"-----BEGIN CERTIFICATE-----\n") == b"-----BEGIN CERTIFICATE-----\n"


def test_raw_bytes_and_letters_that_are_no_encoding_stay() -> None:
    assert evidence_of_file(DATA) == DATA
    assert evidence_of_file(b"short") == b"short"
    assert evidence_of_file(b'\xef\xbb\xbf{"report": ""}') == b'{"report": ""}'
    letter = b"Dear verifier, this is a letter and no evidence of anything."
    assert evidence_of_file(letter) == letter
    with pytest.raises(UsageError, match="neither JSON nor hex"):
        evidence_of_text("Dear verifier!")
    with pytest.raises(UsageError, match="no evidence"):
        evidence_of_text("  \n")


def test_evidence_is_taken_out_of_requests_and_saved_exchanges() -> None:
    encoded = base64.urlsafe_b64encode(DATA).decode().rstrip("=")
    data = base64.b64encode(b'{"a":1}').decode()
    body = {"quote": encoded, "runtimeData": {"data": data, "dataType": "JSON"}}
    for document in (body, {"method": "POST", "request_body": body}):
        found = carried_by(json.dumps(document).encode())
        assert found is not None
        assert (found.evidence, found.runtime_data) == (DATA, b'{"a":1}')
        assert found.init_data is None
    old = carried_by(json.dumps({"Quote": encoded, "EnclaveHeldData": data}).encode())
    assert old is not None
    assert old.runtime_data == b'{"a":1}'
    for other in (b"{}", b"{not json", DATA, b'{"SnpReport": "AAAA"}', b'{"quote": "!"}'):
        assert carried_by(other) is None


def test_typed_data_is_text_unless_a_prefix_says_otherwise() -> None:
    assert octets_of_text("hex: 00 ff") == b"\x00\xff"
    assert octets_of_text("base64:AP8") == b"\x00\xff"
    assert octets_of_text("note: text") == b"note: text"
    with pytest.raises(UsageError, match="not hex"):
        octets_of_text("hex:xyz")


def test_files_beside_evidence_are_taken_for_what_they_are(service: EvidenceService) -> None:
    quote = made(service, Kind.SGX_QUOTE, tcb_status="OutOfDate")
    report = made(service, Kind.SNP_REPORT)
    bare = Evidence(quote.data, "quote")
    with_collateral = add_file(bare, quote.collateral[0])
    assert with_collateral.collateral == quote.collateral
    status = examined(service, with_collateral).tcb_status
    assert status is not None
    assert status.value == "OutOfDate"
    with_certificate = add_file(bare, report.certificates[0])
    assert with_certificate.certificates == (report.certificates[0],)
    assert add_file(bare, b"\x00policy").companions == (b"\x00policy",)


def test_certificates_beside_a_report_decide_whether_it_holds(service: EvidenceService) -> None:
    report = made(service, Kind.SNP_REPORT)
    alone = Evidence(report.data, "report")
    assert examined(service, alone).valid is None
    for der in report.certificates:
        alone = add_file(alone, der)
    assert examined(service, alone).valid is True


def test_two_quotes_differ_in_what_was_set(service: EvidenceService, world: World) -> None:
    machine = world.machines.roots().intel
    bodies = (enclave(), enclave(isv_svn=9, mrsigner=b"\x07" * 32))
    first, second = (examined(service, Evidence(make_quote(machine, body), "q")) for body in bodies)
    difference = anyio.run(service.compare, first, second)
    changed = {
        pair.path
        for pair in difference.fields
        if pair.difference is Difference.CHANGED and pair.path.startswith("body.")
    }
    assert changed == {"body.isv_svn", "body.mrsigner"}
    claims = {pair.name: (pair.first, pair.second) for pair in difference.claims}
    assert claims["x-ms-sgx-svn"] == ((2,), (9,))
    assert anyio.run(service.compare, first, first).equal


def test_what_only_one_of_two_has_is_named(service: EvidenceService) -> None:
    quote = examined(service, made(service, Kind.SGX_QUOTE))
    report = examined(service, made(service, Kind.SNP_REPORT))
    difference = anyio.run(service.compare, quote, report)
    kinds = {pair.difference for pair in difference.fields}
    assert kinds == {Difference.ONLY_FIRST, Difference.ONLY_SECOND}
    names = {pair.name: pair.difference for pair in difference.claims}
    assert names["x-ms-attestation-type"] is Difference.CHANGED
    assert names["x-ms-sevsnpvm-vmpl"] is Difference.ONLY_SECOND


@pytest.mark.parametrize("kind", [Kind.SGX_QUOTE, Kind.OE_REPORT, Kind.SNP_REPORT, Kind.TDX_QUOTE])
def test_a_claim_s_place_holds_its_value(service: EvidenceService, kind: Kind) -> None:
    found = examined(service, made(service, kind, debug="true", runtime_data="data"))
    places = claim_places(found)
    checked = 0
    for claim in found.claims:
        place = places.get(claim.type)
        if place is None or claim.type == "x-ms-attestation-type":
            continue
        raw = found.parts[place.part].data[place.offset : place.offset + place.size]
        if isinstance(claim.value, str) and len(claim.value) == 2 * place.size:
            assert raw.hex() == claim.value.lower(), claim.type
            checked += 1
        elif isinstance(claim.value, int) and place.size <= 4:
            assert int.from_bytes(raw, "little") == int(claim.value), claim.type
            checked += 1
    assert checked >= 4
    debug = next(claim.type for claim in found.claims if "debug" in claim.type)
    assert debug in places


def test_the_claims_of_a_file_are_those_that_a_service_derives(
    service: EvidenceService, world: World
) -> None:
    quote = make_quote(world.machines.roots().intel, enclave(isv_svn=5))
    world.files.kept["q.hex"] = quote.hex().encode()
    found = anyio.run(service.claims_of, "q.hex")
    assert {claim.type: claim.value for claim in found.claims}["x-ms-sgx-svn"] == 5
    assert found.problem == ""
    forged = bytearray(quote)
    forged[0x70] ^= 1
    world.files.kept["forged.bin"] = bytes(forged)
    assert "signed" in anyio.run(service.claims_of, "forged.bin").problem
    world.files.kept["chain.pem"] = b"".join(
        b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n"
        for der in made(service, Kind.SNP_REPORT).certificates
    )
    with pytest.raises(UsageError, match="No claim comes from"):
        anyio.run(service.claims_of, "chain.pem")
