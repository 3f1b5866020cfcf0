"""Recorded TD quotes have the facts that the index knows, and changed ones are refused."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from helpers import vectors
from sealwright.errors import AppError, EvidenceError
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.evidence.basis.trust import Trust, parse_anchors
from sealwright.evidence.intel.pck import pck_facts
from sealwright.evidence.intel.quote_verify import judge_quote
from sealwright.evidence.intel.sgx_verify import pck_chain
from sealwright.evidence.intel.tdx import TdxQuote, parse_tdx_quote

ANCHORS = Path(__file__).resolve().parents[2] / "resources" / "trust" / "anchors.json"
ENTRIES = [item for item in vectors.index("evidence") if item["kind"].startswith("tdx-quote")]
SMALLEST = min(ENTRIES, key=lambda item: item["facts"]["quote_len"], default=None)


def quote_of(entry: dict[str, Any]) -> TdxQuote:
    return parse_tdx_quote(vectors.read("evidence", entry["files"][0]))


def failed(quote: TdxQuote, facts: dict[str, Any]) -> set[str]:
    first, last = (datetime.fromisoformat(facts[f"pck_not_{end}"]) for end in ("before", "after"))
    trust = Trust(parse_anchors(ANCHORS.read_bytes()), first + (last - first) / 2)
    checks = judge_quote(quote, trust, None).checks
    return {item.id for item in checks if item.status is CheckStatus.FAIL}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_fields(entry: dict[str, Any]) -> None:
    facts, quote = entry["facts"], quote_of(entry)
    assert (quote.version, quote.key_type) == (facts["version"], facts["att_key_type"])
    assert (quote.size, len(quote.padding)) == (facts["quote_len"], facts["trailing"])
    assert quote.body_type == facts.get("body_type", 2)
    for name, value in facts["body"].items():
        found = getattr(quote.body, name)
        assert value == (found.hex() if isinstance(found, bytes) else found), name
    pck = pck_facts(pck_chain(quote)[0])
    assert list(pck.components) == facts["pck"]["tcb_comp_svn"]
    assert pck.instance_id.hex() == facts["pck"]["platform_instance_id"]
    assert (pck.dynamic_platform, pck.cached_keys, pck.smt_enabled) == tuple(
        facts["pck"].get(f"config_7.{at}") for at in (1, 2, 3)
    )


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_signatures_and_chain(entry: dict[str, Any]) -> None:
    assert failed(quote_of(entry), entry["facts"]) == set()


def test_a_bit_flipped_in_any_field_is_noticed() -> None:
    vectors.require(ENTRIES)
    assert SMALLEST is not None
    data = vectors.read("evidence", SMALLEST["files"][0])
    quote = parse_tdx_quote(data)
    for item in quote.fields:
        if not item.size:
            continue
        changed = bytearray(data)
        changed[item.offset + item.size // 2] ^= 1
        try:
            assert failed(parse_tdx_quote(bytes(changed)), SMALLEST["facts"]), item.name
        except AppError:
            continue


def test_a_quote_cut_at_any_byte_is_refused() -> None:
    vectors.require(ENTRIES)
    assert SMALLEST is not None
    data = vectors.read("evidence", SMALLEST["files"][0])[: SMALLEST["facts"]["quote_len"]]
    for size in range(len(data)):
        with pytest.raises(EvidenceError):
            parse_tdx_quote(data[:size])


@pytest.mark.parametrize(
    ("name", "check"), [("neg-tdx-report-data-bit", "signature"), ("neg-tdx-v5-body-size", "")]
)
def test_changed_quotes(name: str, check: str) -> None:
    vectors.require(ENTRIES)
    data = vectors.read("evidence", f"{name}.bin")
    if not check:
        with pytest.raises(EvidenceError, match="648"):
            parse_tdx_quote(data)
        return
    facts = next(entry["facts"] for entry in ENTRIES if entry["facts"]["version"] == 4)
    assert check in failed(parse_tdx_quote(data), facts)
