"""Recorded collateral judges recorded quotes as the index, and an independent verifier, say."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from helpers import vectors
from sealwright.errors import EvidenceError
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.evidence.basis.trust import Trust, parse_anchors
from sealwright.evidence.intel.collateral import (
    Collateral,
    parse_collateral,
    parse_qe_identity,
    parse_tcb_info,
)
from sealwright.evidence.intel.quote_verify import QuoteVerdict, judge_quote
from sealwright.evidence.intel.sgx import SgxQuote, parse_quote
from sealwright.evidence.intel.tdx import TdxQuote, parse_tdx_quote

ANCHORS = Path(__file__).resolve().parents[2] / "resources" / "trust" / "anchors.json"
JUDGED = [
    (entry, case)
    for entry in vectors.index("evidence")
    for case in entry["facts"].get("tcb", [])
    if any(name.endswith(".collateral.json") for name in entry["files"])
]
DOCUMENTS = [entry for entry in vectors.index("evidence") if entry["kind"] == "collateral-json"]
PARTS = ("tcb_info", "qe_identity", "tcb_info_signature", "qe_identity_signature", "pck_crl")


def name_of(value: object) -> str:
    return str(value["name"]) if isinstance(value, dict) and "name" in value else ""


def collateral_of(entry: dict[str, Any]) -> bytes:
    return vectors.read(
        "evidence", next(name for name in entry["files"] if name.endswith(".collateral.json"))
    )


def quote_of(entry: dict[str, Any]) -> SgxQuote | TdxQuote:
    data = vectors.read("evidence", entry["files"][0])
    return parse_quote(data) if entry["kind"].startswith("sgx") else parse_tdx_quote(data)


def judged(entry: dict[str, Any], raw: bytes, when: datetime) -> QuoteVerdict:
    trust = Trust(parse_anchors(ANCHORS.read_bytes()), when)
    return judge_quote(quote_of(entry), trust, parse_collateral(raw))


def failed(verdict: QuoteVerdict) -> list[str]:
    return [item.id for item in verdict.checks if item.status is CheckStatus.FAIL]


def time_of(case: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(case["at"]).replace(tzinfo=UTC)


@pytest.mark.parametrize(("entry", "case"), JUDGED, ids=name_of)
def test_status_and_advisories(entry: dict[str, Any], case: dict[str, Any]) -> None:
    verdict = judged(entry, collateral_of(entry), time_of(case))
    if "error" in case:
        assert verdict.status != "UpToDate"
        assert failed(verdict)
    else:
        assert failed(verdict) == []
        assert verdict.status == case["status"]
        assert list(verdict.advisories) == case["advisory_ids"]


@pytest.mark.parametrize(("entry", "case"), JUDGED, ids=name_of)
def test_an_independent_verifier_agrees_on_what_it_accepts(
    entry: dict[str, Any], case: dict[str, Any]
) -> None:
    oracle = pytest.importorskip("dcap_qvl")
    raw, data = collateral_of(entry), vectors.read("evidence", entry["files"][0])
    collateral = oracle.QuoteCollateralV3.from_json(raw.decode())
    agreed = 0
    for days in (-400, -20, -3, 0, 3, 20, 400):
        when = time_of(case) + timedelta(days=days)
        try:
            theirs = oracle.verify(data, collateral, int(when.timestamp()))
        except ValueError:
            continue
        ours = judged(entry, raw, when)
        assert failed(ours) == []
        assert ours.status == theirs.status
        assert set(ours.advisories) == set(theirs.advisory_ids)
        agreed += 1
    assert agreed or "error" in case


@pytest.mark.parametrize(("entry", "case"), JUDGED, ids=name_of)
@pytest.mark.parametrize("part", PARTS)
def test_a_changed_document_is_not_believed(
    entry: dict[str, Any], case: dict[str, Any], part: str
) -> None:
    document = json.loads(collateral_of(entry))
    value = document[part]
    at = len(value) // 2
    document[part] = value[:at] + ("0" if value[at] != "0" else "1") + value[at + 1 :]
    verdict = judged(entry, json.dumps(document).encode(), time_of(case))
    assert failed(verdict)
    if part != "pck_crl":
        assert verdict.status is None


@pytest.mark.parametrize("entry", DOCUMENTS, ids=name_of)
def test_documents(entry: dict[str, Any]) -> None:
    data = vectors.read("evidence", entry["files"][0])
    found: Collateral = parse_collateral(data)
    rejected = "must be rejected" in entry["expect"]
    try:
        if found.tcb_info is not None:
            assert parse_tcb_info(found.tcb_info.body).levels
        elif found.qe_identity is not None:
            assert parse_qe_identity(found.qe_identity.body).levels
        assert not rejected
    except EvidenceError:
        assert rejected
