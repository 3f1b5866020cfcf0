"""Recorded guest requests hang together in every link, and broken links are named."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from helpers import vectors
from sealwright.errors import AppError, EvidenceError
from sealwright.evidence.azure.azure_guest import AzureGuest, parse_azure_guest
from sealwright.evidence.azure.azure_guest_verify import verify_azure_guest
from sealwright.evidence.azure.hcl import parse_hcl_report
from sealwright.evidence.basis.certificates import load
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.evidence.basis.trust import Trust, parse_anchors

ANCHORS = Path(__file__).resolve().parents[2] / "resources" / "trust" / "anchors.json"

ENTRIES = [item for item in vectors.index("requests") if item["name"].startswith("azureguest-")]
VALID, LATER = datetime(2022, 3, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
PARTS = (
    "AikCert",
    "AikPub",
    "PcrQuote",
    "PcrSignature",
    "EncKeyPub",
    "EncKeyCertifyInfo",
    "EncKeyCertifyInfoSignature",
)


def raw_of(entry: dict[str, Any]) -> bytes:
    text = json.loads(vectors.read("requests", entry["files"][0]))["request_body"]
    return base64.b64decode(text["AttestationInfo"] + "==")


def failed(guest: AzureGuest, when: datetime) -> set[str]:
    checks, _ = verify_azure_guest(guest, Trust((), when))
    return {item.id for item in checks if item.status is CheckStatus.FAIL}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_facts(entry: dict[str, Any]) -> None:
    facts, guest = entry["facts"], parse_azure_guest(raw_of(entry))
    assert guest.protocol == facts["protocol"]
    assert guest.isolation_type == (facts["isolation"] or "")
    assert {
        "OSType": guest.os_type,
        "OSDistro": guest.os_distro,
        "OSBuild": guest.os_build,
        "OSVersionMajor": guest.os_version[0],
        "OSVersionMinor": guest.os_version[1],
    } == facts["os"]
    payload = {name: value.decode() for name, value in guest.client_payload.items()}
    assert payload == facts["client_payload"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_every_link_holds_but_the_age_of_the_certificate(entry: dict[str, Any]) -> None:
    guest = parse_azure_guest(raw_of(entry))
    assert failed(guest, LATER) == {"chain", "chain.validity"}
    when = datetime.fromisoformat(entry["facts"]["aik_cert"]["not_after"])
    assert failed(guest, when) == set()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
@pytest.mark.parametrize("part", PARTS)
def test_a_changed_byte_is_noticed(entry: dict[str, Any], part: str) -> None:
    document = json.loads(raw_of(entry))
    when = datetime.fromisoformat(entry["facts"]["aik_cert"]["not_after"])
    data = base64.b64decode(document["TpmInfo"][part])
    for at in range(0, len(data), 1 + len(data) // 40):
        changed = data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]
        document["TpmInfo"][part] = base64.b64encode(changed).decode()
        try:
            found = failed(parse_azure_guest(json.dumps(document).encode()), when)
        except AppError:
            continue
        # Who issued the certificate is not judged: only its key and its dates are. It covers the
        # attestation key's numbers, and nothing covers the other words about that key.
        open_to_change = part == "AikCert" or (part == "AikPub" and at < len(data) - 256)
        assert found or open_to_change, at


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_another_log_does_not_explain_the_registers(entry: dict[str, Any]) -> None:
    document = json.loads(raw_of(entry))
    other = next(item for item in ENTRIES if item is not entry)
    document["TcgLogs"] = json.loads(raw_of(other))["TcgLogs"]
    guest = parse_azure_guest(json.dumps(document).encode())
    assert {"event-log", "event-log.pcr0"} <= failed(guest, VALID)


def test_hardware_must_vouch_for_this_tpm() -> None:
    vectors.require(ENTRIES)
    hcl = parse_hcl_report(vectors.read("evidence", "vtpm-snp-v1.hcl.bin"))
    chip = load(vectors.read("evidence", "vtpm-snp-v1.vcek.der")).public_bytes(Encoding.PEM)
    chain = chip + vectors.read("evidence", "vtpm-snp-v1.ask_ark.pem")
    proof = {"SnpReport": text(hcl.hardware), "VcekCertChain": text(chain)}
    document = json.loads(raw_of(ENTRIES[0]))
    trust = Trust(parse_anchors(ANCHORS.read_bytes()), LATER)
    expected = {"chain", "chain.validity", "isolation", "isolation.key"}
    for claims, more in ((hcl.claims_raw, set()), (b"{}", {"isolation.report-data"})):
        evidence = {"Proof": text(json.dumps(proof).encode()), "RunTimeData": text(claims)}
        document["IsolationInfo"] = {"Type": "SevSnp", "Evidence": evidence}
        guest = parse_azure_guest(json.dumps(document).encode())
        checks, _ = verify_azure_guest(guest, trust)
        assert {item.id for item in checks if item.status is CheckStatus.FAIL} == expected | more


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_missing_members_are_refused(entry: dict[str, Any]) -> None:
    document = json.loads(raw_of(entry))
    for name in set(document) - {"ClientPayload", "IsolationInfo"}:
        rest = {key: value for key, value in document.items() if key != name}
        with pytest.raises(EvidenceError):
            parse_azure_guest(json.dumps(rest).encode())
    for name in document["TpmInfo"]:
        tpm = {key: value for key, value in document["TpmInfo"].items() if key != name}
        with pytest.raises(EvidenceError):
            parse_azure_guest(json.dumps({**document, "TpmInfo": tpm}).encode())
