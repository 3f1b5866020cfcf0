"""Recorded confidential VMs: hardware, runtime claims and virtual TPM hang together."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from helpers import vectors
from sealwright.errors import EvidenceError
from sealwright.evidence.azure.hcl import HclReport, parse_hcl_report
from sealwright.evidence.azure.hcl_verify import attestation_key, binding_checks, verify_hcl
from sealwright.evidence.basis.certificates import load, load_pem_chain
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.evidence.basis.trust import Trust, parse_anchors
from sealwright.evidence.intel.tdx import parse_tdx_quote
from sealwright.evidence.tpm.tpm import ALG_RSASSA, TpmSignature, parse_attestation
from sealwright.evidence.tpm.tpm_verify import quote_checks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cryptography import x509

    from sealwright.evidence.basis.checks import Check

ANCHORS = Path(__file__).resolve().parents[2] / "resources" / "trust" / "anchors.json"
SHA256 = 0x000B
TYPES = {"snp": 2, "tdx": 4}
KINDS = ("azure-hcl-report", "azure-vtpm-evidence")
ENTRIES = [item for item in vectors.index("evidence") if item["kind"] in KINDS]
QUOTED = [item for item in ENTRIES if "tpm_quote" in item["facts"]]


def report_of(entry: dict[str, Any]) -> HclReport:
    return parse_hcl_report(vectors.read("evidence", entry["files"][0]))


def chain_of(entry: dict[str, Any]) -> tuple[x509.Certificate, ...]:
    found: list[bytes] = []
    for name in entry["files"]:
        data = vectors.read("evidence", name)
        if name.endswith(".der"):
            found.insert(0, data)
        elif name.endswith(".pem"):
            found.extend(load_pem_chain(data))
    certificates = tuple(load(der) for der in found)
    order = ("SEV-VCEK", "SEV-", "ARK-")
    return tuple(sorted(certificates, key=lambda item: _place(item, order)))


def _place(item: x509.Certificate, order: tuple[str, ...]) -> int:
    name = item.subject.rfc4514_string()
    return next(at for at, word in enumerate(order) if word in name)


def failed(checks: Iterable[Check]) -> set[str]:
    return {item.id for item in checks if item.status is CheckStatus.FAIL}


def judged(entry: dict[str, Any], report: HclReport) -> set[str]:
    trust = Trust(parse_anchors(ANCHORS.read_bytes()), datetime(2026, 1, 1, tzinfo=UTC))
    tdx = [name for name in entry["files"] if name.endswith(".tdquote.bin")]
    quote = parse_tdx_quote(vectors.read("evidence", tdx[0])) if tdx else None
    return failed(verify_hcl(report, chain_of(entry), trust, quote)[0])


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_fields(entry: dict[str, Any]) -> None:
    facts, report = entry["facts"]["hcl"], report_of(entry)
    for name in ("version", "report_size", "request_type", "status", "data_version"):
        assert getattr(report, name) == facts[name]
    assert report.report_type == TYPES[facts["report_type"]]
    assert len(report.claims_raw) == facts["var_size"]
    assert report.report_data.hex() == facts["report_data"]
    kids = [item.text("kid") for item in report.claims.documents("keys")]
    assert kids == facts["claims_keys"]
    assert not any(report.padding)
    assert failed(binding_checks(report)) == set()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_hardware_vouches_for_the_claims(entry: dict[str, Any]) -> None:
    found = judged(entry, report_of(entry))
    if entry["facts"].get("snp", {}).get("signature_valid", True):
        assert found == set()
    else:
        assert "signature" in found


@pytest.mark.parametrize("entry", QUOTED, ids=lambda entry: entry["name"])
def test_the_quote_is_made_by_the_key_in_the_claims(entry: dict[str, Any]) -> None:
    name = next(item for item in entry["files"] if item.endswith(".tpm-quote.json"))
    document = json.loads(vectors.read("evidence", name))
    quote = parse_attestation(bytes.fromhex(document["message"]))
    signature = TpmSignature(ALG_RSASSA, SHA256, (bytes.fromhex(document["signature"]),))
    values = {at: bytes.fromhex(text) for at, text in enumerate(document["pcrs"])}
    for other in QUOTED:
        key = attestation_key(report_of(other))
        found = failed(quote_checks(quote, signature, key, {SHA256: values}))
        assert found == (set() if other is entry else {"pcr-quote.signature"})


def test_another_machines_td_quote_is_refused() -> None:
    vectors.require(ENTRIES)
    entry = next(item for item in ENTRIES if item["facts"]["hcl"]["report_type"] == "tdx")
    trust = Trust(parse_anchors(ANCHORS.read_bytes()), datetime(2026, 1, 1, tzinfo=UTC))
    other = parse_tdx_quote(vectors.read("evidence", "tdx-v4-trustee.bin"))
    checks, _ = verify_hcl(report_of(entry), (), trust, other)
    assert "isolation.report-data" in failed(checks)
    alone, _ = verify_hcl(report_of(entry), (), trust)
    assert "give the TD quote" in next(item.detail for item in alone if item.id == "signature")


def test_changed_claims_are_refused() -> None:
    report = parse_hcl_report(vectors.read("evidence", "neg-hcl-claims-byte.bin"))
    assert "report-data" in failed(binding_checks(report))


def test_a_report_cut_at_any_byte_is_refused() -> None:
    vectors.require(ENTRIES)
    entry = min(ENTRIES, key=lambda item: item["facts"]["hcl"]["report_size"])
    data = vectors.read("evidence", entry["files"][0])
    for size in range(entry["facts"]["hcl"]["report_size"]):
        with pytest.raises(EvidenceError):
            parse_hcl_report(data[:size])


def test_no_changed_byte_that_the_hardware_vouches_for_is_accepted() -> None:
    vectors.require(ENTRIES)
    entry = next(item for item in QUOTED if item["facts"].get("snp", {}).get("signature_valid"))
    data = vectors.read("evidence", entry["files"][0])
    # The chip signs 672 bytes of its report; the claims hang on its report data.
    places = (*range(32, 32 + 672, 5), *range(1236, entry["facts"]["hcl"]["report_size"], 5))
    for at in places:
        changed = data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]
        try:
            assert judged(entry, parse_hcl_report(changed)), at
        except EvidenceError:
            continue
