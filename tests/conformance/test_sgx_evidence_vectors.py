"""Recorded SGX quotes and Open Enclave reports have the facts that the index knows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from helpers import vectors
from sealwright.errors import EvidenceError
from sealwright.evidence.basis.certificates import load, spki_sha256
from sealwright.evidence.basis.certificates import spki as spki_of
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.evidence.basis.trust import Trust, TrustAnchor, parse_anchors
from sealwright.evidence.intel.open_enclave import parse_evidence, parse_report
from sealwright.evidence.intel.pck import pck_facts
from sealwright.evidence.intel.sgx_verify import pck_chain, verify_quote
from sealwright.tokens.keyset import enclave_kid, issued_kid, key_digest, parse_key_set
from sealwright.tokens.verification.key_evidence import embedded_quote, evidence_of

if TYPE_CHECKING:
    from sealwright.evidence.intel.sgx import ReportBody, SgxQuote

KINDS = ("sgx-quote-v3", "sgx-oe-report", "sgx-oe-evidence")
ENTRIES = [entry for entry in vectors.index("evidence") if entry["kind"] in KINDS]
KEY_SETS = sorted(
    {
        name
        for entry in vectors.index("tokens")
        if entry["kind"] != "derived-negative"
        for name in entry["files"]
        if name.endswith(".jwks.json")
    }
)
ANCHORS_FILE = Path(__file__).resolve().parents[2] / "resources" / "trust" / "anchors.json"


def anchors() -> tuple[TrustAnchor, ...]:
    return parse_anchors(ANCHORS_FILE.read_bytes())


def quote_of(entry: dict[str, Any]) -> SgxQuote:
    data = vectors.read("evidence", entry["files"][0])
    if entry["kind"] == "sgx-oe-evidence":
        return parse_evidence(data).quote
    return parse_report(data).quote


def body_facts(body: ReportBody) -> dict[str, Any]:
    return {
        "cpusvn": body.cpu_svn.hex(),
        "miscselect": body.misc_select,
        "isvextprodid": body.isv_ext_prod_id.hex(),
        "flags": body.flags,
        "xfrm": body.xfrm,
        "debug": body.debug,
        "mrenclave": body.mrenclave.hex(),
        "mrsigner": body.mrsigner.hex(),
        "configid": body.config_id.hex(),
        "isvprodid": body.isv_prod_id,
        "isvsvn": body.isv_svn,
        "configsvn": body.config_svn,
        "isvfamilyid": body.isv_family_id.hex(),
        "report_data": body.report_data.hex(),
    }


def time_of(facts: dict[str, Any]) -> datetime:
    """A moment at which the PCK certificate of the recording was valid."""
    first, last = (datetime.fromisoformat(facts[f"pck_not_{end}"]) for end in ("before", "after"))
    return first + (last - first) / 2


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_fields(entry: dict[str, Any]) -> None:
    facts, quote = entry["facts"], quote_of(entry)
    assert quote.version == facts["version"]
    assert quote.key_type == facts["att_key_type"]
    assert (quote.qe_svn, quote.pce_svn) == (facts["qe_svn"], facts["pce_svn"])
    assert quote.qe_vendor_id.hex() == facts["qe_vendor_id"]
    assert quote.user_data.hex() == facts["user_data"]
    assert body_facts(quote.body).items() <= facts["body"].items()
    assert body_facts(quote.auth.qe_report).items() <= facts["qe"].items()
    assert quote.auth.certification_type == facts["cert_data_type"]
    assert len(quote.auth.qe_auth_data) == facts["qe_auth_len"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_signatures_and_chain(entry: dict[str, Any]) -> None:
    facts, quote = entry["facts"], quote_of(entry)
    found = verify_quote(quote, Trust(anchors(), time_of(facts)))
    passed = {item.id: item.status is CheckStatus.PASS for item in found}
    assert passed["signature"] == facts["quote_signature_valid"]
    assert passed["qe-report"] == facts["qe_report_signature_valid"]
    assert passed["qe-binding"] == facts["qe_report_data_binds_ak"]
    assert passed["chain"] == facts["chain_ok"]
    assert spki_sha256(pck_chain(quote)[-1]) == facts["root_spki_sha256"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_platform(entry: dict[str, Any]) -> None:
    expected = entry["facts"]["pck"]
    facts = pck_facts(pck_chain(quote_of(entry))[0])
    assert list(facts.components) == expected["tcb_comp_svn"]
    assert facts.pce_svn == expected["pcesvn"]
    assert facts.cpu_svn.hex() == expected["cpusvn"]
    assert facts.fmspc.hex() == expected["fmspc"]
    assert facts.ppid.hex() == expected["ppid"]
    assert facts.pce_id.hex() == expected["pceid"]
    assert facts.sgx_type == expected["sgx_type"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_cut_or_padded_evidence_is_refused(entry: dict[str, Any]) -> None:
    data = vectors.read("evidence", entry["files"][0])
    parse = parse_evidence if entry["kind"] == "sgx-oe-evidence" else parse_report
    for source in (data[:-1], data[:500], data + b"\0"):
        with pytest.raises(EvidenceError):
            parse(source)


@pytest.mark.parametrize("name", KEY_SETS)
def test_every_published_key_has_the_id_that_the_rules_say(name: str) -> None:
    for entry in parse_key_set(vectors.read("tokens", name)).entries:
        leaf = load(entry.chain[0])
        issued = len(entry.chain) > 1
        spki = spki_of(leaf)
        assert entry.kid == (issued_kid(entry.chain[0]) if issued else enclave_kid(spki))


@pytest.mark.parametrize("name", KEY_SETS)
def test_every_published_enclave_key_is_bound_to_its_evidence(name: str) -> None:
    when = datetime(2021, 1, 1, tzinfo=UTC)
    for entry in parse_key_set(vectors.read("tokens", name)).entries:
        leaf = load(entry.chain[0])
        found = evidence_of(leaf)
        if found is None:
            assert len(entry.chain) > 1
            continue
        quote = embedded_quote(found[1])
        spki = spki_of(leaf)
        assert quote.body.report_data == key_digest(spki) + bytes(32)
        at = max(when, pck_chain(quote)[0].not_valid_before_utc)
        checks = verify_quote(quote, Trust(anchors(), at))
        assert [item.id for item in checks if item.status is CheckStatus.FAIL] == []
