"""Recorded SNP reports, chains and image endorsements have the facts that the index knows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from helpers import vectors
from sealwright.evidence.amd.chip import chip_facts
from sealwright.evidence.amd.snp import SnpReport, parse_snp_report
from sealwright.evidence.amd.snp_body import parse_snp_body
from sealwright.evidence.amd.snp_verify import verify_snp
from sealwright.evidence.amd.uvm import UvmEndorsement, parse_uvm, verify_uvm
from sealwright.evidence.basis.certificates import (
    common_name,
    load,
    load_pem_chain,
    shared_validity,
    spki_sha256,
)
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.evidence.basis.trust import Trust, parse_anchors
from sealwright.tokens.jose import b64_decode_lenient, split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography import x509

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
ANCHORS = parse_anchors((RESOURCES / "trust" / "anchors.json").read_bytes())
ENTRIES = [entry for entry in vectors.index("evidence") if entry["kind"].startswith("snp-")]
GOOD = [entry for entry in ENTRIES if entry["kind"] != "snp-report-negative"]
BAD = [entry for entry in ENTRIES if entry["kind"] == "snp-report-negative"]
CHAINS = [entry for entry in vectors.index("evidence") if entry["kind"] == "amd-chain"]
BODIES = [
    entry
    for entry in vectors.index("requests")
    if entry["name"].startswith("attest-sevsnpvm") and "snp" in entry["facts"]
]


def named(entry: dict[str, Any]) -> str:
    return str(entry["name"])


def report_of(entry: dict[str, Any]) -> SnpReport:
    return parse_snp_report(vectors.read("evidence", entry["files"][0]))


def chain_of(entry: dict[str, Any]) -> list[x509.Certificate]:
    chain: list[bytes] = []
    for name in entry["files"][1:]:
        if name.endswith(".pem"):
            chain += load_pem_chain(vectors.read("evidence", name))
        elif name.endswith(".der"):
            chain.append(vectors.read("evidence", name))
    return [load(der) for der in chain]


def failed(report: SnpReport, chain: Sequence[x509.Certificate]) -> set[str]:
    first, last = shared_validity(chain)
    found = verify_snp(report, chain, Trust(ANCHORS, first + (last - first) / 2))
    return {item.id for item in found if item.status is CheckStatus.FAIL}


def endorsed(endorsement: UvmEndorsement, measurement: bytes) -> set[str]:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    found = verify_uvm(endorsement, measurement, Trust(ANCHORS, now))
    return {item.id for item in found if item.status is CheckStatus.FAIL}


@pytest.mark.parametrize("entry", ENTRIES, ids=named)
def test_fields(entry: dict[str, Any]) -> None:
    facts, report = entry["facts"], report_of(entry)
    for name in ("version", "guest_svn", "vmpl", "smt_allowed", "debug"):
        assert getattr(report, name) == facts[name]
    for name in (
        "family_id",
        "image_id",
        "report_data",
        "measurement",
        "host_data",
        "id_key_digest",
        "author_key_digest",
        "report_id",
        "report_id_ma",
        "chip_id",
    ):
        assert getattr(report, name).hex() == facts[name]
    for name in ("current_tcb", "reported_tcb", "committed_tcb", "launch_tcb"):
        assert getattr(report, name).raw.hex() == facts[name]
    assert report.policy == int(facts["policy"], 16)
    assert report.signing_key == facts["signing_key"]
    assert ".".join(str(part) for part in report.current_version) == facts["current_ver"]
    assert ".".join(str(part) for part in report.committed_version) == facts["committed_ver"]


@pytest.mark.parametrize("entry", GOOD, ids=named)
def test_recorded_reports_hold(entry: dict[str, Any]) -> None:
    assert failed(report_of(entry), chain_of(entry)) == set()


@pytest.mark.parametrize("entry", BAD, ids=named)
def test_a_key_of_another_chip_with_a_broken_signature_is_refused(entry: dict[str, Any]) -> None:
    found = failed(report_of(entry), chain_of(entry))
    assert found >= {"chain.links", "signature", "chip.id", "chip.tcb"}


@pytest.mark.parametrize("entry", GOOD, ids=named)
def test_chip_facts(entry: dict[str, Any]) -> None:
    expected, facts = entry["facts"]["leaf_extensions"], chip_facts(chain_of(entry)[0])
    assert facts.product == expected["productName"]
    assert facts.hardware_id.hex() == expected["hwID"]
    assert (facts.boot_loader, facts.tee) == (expected["blSPL"], expected["teeSPL"])
    assert (facts.snp, facts.microcode) == (expected["snpSPL"], expected["ucodeSPL"])
    assert facts.fmc == expected.get("fmcSPL")


@pytest.mark.parametrize("entry", CHAINS, ids=named)
def test_published_chains_end_at_pinned_roots(entry: dict[str, Any]) -> None:
    pem = vectors.read("evidence", entry["files"][0])
    chain = [load(der) for der in load_pem_chain(pem)]
    assert [common_name(item) for item in chain] == entry["facts"]["subjects"]
    pinned = {item.spki_sha256 for item in ANCHORS if item.use == "amd-root"}
    assert spki_sha256(chain[-1]) in pinned


@pytest.mark.parametrize(
    "entry", [entry for entry in GOOD if entry["kind"] == "snp-confidential-aci"], ids=named
)
def test_the_recorded_image_endorsement_holds(entry: dict[str, Any]) -> None:
    name = next(name for name in entry["files"] if name.endswith(".cose"))
    data = vectors.read("evidence", name)
    assert endorsed(parse_uvm(data), report_of(entry).measurement) == set()
    cut = bytearray(data)
    cut[-1] ^= 1
    assert "endorsement.signature" in endorsed(parse_uvm(bytes(cut)), report_of(entry).measurement)


@pytest.mark.parametrize("entry", BODIES, ids=named)
def test_recorded_requests(entry: dict[str, Any]) -> None:
    recorded = json.loads(vectors.read("requests", entry["files"][0]))
    body = recorded["request_body"]
    report = next(value for name, value in body.items() if name.lower() == "report")
    found = parse_snp_body(b64_decode_lenient(report))
    assert failed(found.report, found.chain) == set()
    assert [common_name(item) for item in found.chain] == entry["facts"]["order"]
    for endorsement in found.endorsements:
        assert endorsed(endorsement, found.report.measurement) == set()


def test_the_token_says_what_the_report_of_its_request_says() -> None:
    token = vectors.read("tokens", "attest-sevsnpvm-202504-unverifiable.jwt").decode()
    recorded = json.loads(vectors.read("requests", "attest-sevsnpvm-dotnet-sample.json"))
    body = recorded["request_body"]
    text = next(value for name, value in body.items() if name.lower() == "report")
    report = parse_snp_body(b64_decode_lenient(text)).report
    claims = split(token.strip()).claims()
    assert claims["x-ms-attestation-type"] == "sevsnpvm"
    prefix = "x-ms-sevsnpvm-"
    assert claims[f"{prefix}launchmeasurement"] == report.measurement.hex()
    assert claims[f"{prefix}hostdata"] == report.host_data.hex()
    assert claims[f"{prefix}reportdata"] == report.report_data.hex()
    assert claims[f"{prefix}bootloader-svn"] == report.reported_tcb.boot_loader
    assert claims[f"{prefix}microcode-svn"] == report.reported_tcb.microcode
    assert claims[f"{prefix}is-debuggable"] == report.debug
