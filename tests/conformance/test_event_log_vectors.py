"""Recorded event logs replay to the registers that the index knows."""

from __future__ import annotations

from typing import Any

import pytest

from helpers import vectors
from sealwright.errors import EvidenceError
from sealwright.evidence.boot.event_log import parse_event_log, replay

ENTRIES = [item for item in vectors.index("evidence") if item["kind"] == "tcg-event-log"]
BANKS = {"replayed_sha1": 0x0004, "replayed_sha256": 0x000B, "replayed_sha384": 0x000C}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_events_and_registers(entry: dict[str, Any]) -> None:
    facts = entry["facts"]
    log = parse_event_log(vectors.read("evidence", entry["files"][0]))
    assert {hex(name): size for name, size in log.algorithms.items()} == facts["algs"]
    assert log.end == facts["end_offset"]
    assert len(log.events) == facts["events"]
    for bank, algorithm in BANKS.items():
        if facts.get(bank):
            found = {str(index): value.hex() for index, value in replay(log, algorithm).items()}
            assert found == facts[bank]


def test_a_log_cut_inside_an_event_is_refused() -> None:
    vectors.require(ENTRIES)
    smallest = min(ENTRIES, key=lambda item: item["facts"]["end_offset"])
    data = vectors.read("evidence", smallest["files"][0])
    log = parse_event_log(data)
    borders = {event.offset for event in log.events} | {log.end}
    for size in range(log.end):
        if size in borders and size:
            assert len(parse_event_log(data[:size]).events) < len(log.events)
            continue
        with pytest.raises(EvidenceError):
            parse_event_log(data[:size])
