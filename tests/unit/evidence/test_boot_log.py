"""Boot logs as policies query them, and what they say about the start."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from sealwright.errors import EvidenceError
from sealwright.evidence.boot import sipa, uefi
from sealwright.evidence.boot.boot_facts import boot_facts
from sealwright.evidence.boot.boot_log import events_json, pcrs_json
from sealwright.evidence.boot.event_log import Event, EventLog
from sealwright.evidence.boot.sipa import SipaEvent, encode_sipa, parse_sipa, to_json
from sealwright.policy.queries import compile_query, search

SHA256 = 0x000B


def event(register: int, kind: int, data: bytes, *, swapped: bytes = b"") -> Event:
    digests = ((SHA256, hashlib.sha256(data).digest()),)
    return Event(0, register, kind, digests, swapped or data)


def log_of(*events: Event) -> EventLog:
    return EventLog(crypto_agile=True, algorithms={SHA256: 32}, events=events, end=0)


def secure_boot(value: bytes, **options: bytes) -> Event:
    data = uefi.encode_variable(uefi.Variable(uefi.GLOBAL, "SecureBoot", value))
    return event(7, 0x80000001, data, **options)


def windows(register: int, *inner: SipaEvent) -> Event:
    return event(register, 6, encode_sipa([SipaEvent(sipa.TRUST_BOUNDARY, b"", inner)]))


def flag(kind: int, value: int = 1) -> SipaEvent:
    return SipaEvent(kind, bytes((value,)))


SEPARATOR = event(7, 4, bytes(4))


def test_secure_boot_counts_only_before_the_separator_and_as_it_was_measured() -> None:
    assert boot_facts(log_of(secure_boot(b"\1"), SEPARATOR)).secure_boot
    assert not boot_facts(log_of(secure_boot(b"\0"), SEPARATOR)).secure_boot
    assert not boot_facts(log_of(SEPARATOR, secure_boot(b"\1"))).secure_boot
    off = secure_boot(b"\0")
    on = secure_boot(b"\1").data
    assert not boot_facts(log_of(off._replace(data=on), SEPARATOR)).secure_boot
    assert not boot_facts(log_of(off, secure_boot(b"\1"), SEPARATOR)).secure_boot


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (sipa.BOOT_DEBUGGING, "boot_debugging"),
        (sipa.KERNEL_DEBUG, "kernel_debugging"),
        (sipa.HYPERVISOR_DEBUG, "hypervisor_debugging"),
        (sipa.TEST_SIGNING, "test_signing"),
        (sipa.FLIGHT_SIGNING, "flight_signing"),
        (sipa.SAFE_MODE, "safe_mode"),
        (sipa.WIN_PE, "win_pe"),
        (sipa.VBS_IOMMU_REQUIRED, "iommu"),
    ],
)
def test_a_switch_that_was_on_once_is_on(kind: int, name: str) -> None:
    log = log_of(windows(12, flag(kind, 0)), windows(13, flag(kind)))
    assert getattr(boot_facts(log), name) is True
    assert getattr(boot_facts(log_of(windows(12, flag(kind, 0)))), name) is False


def query(document: Any, text: str) -> Any:  # noqa: ANN401 - any JSON
    return search(compile_query(text), document)


def test_the_events_are_found_by_the_queries_of_published_policies() -> None:
    module = SipaEvent(
        sipa.LOADED_MODULE,
        b"",
        (
            SipaEvent(
                0x00070001, "\\Windows\\System32\\drivers\\wd\\WdBoot.sys".encode("utf-16-le")
            ),
            flag(0x0007000A),
        ),
    )
    hvci = SipaEvent(sipa.HVCI_POLICY, (1).to_bytes(8, "little"))
    log = log_of(
        secure_boot(b"\1"), windows(12, hvci, flag(sipa.CODE_INTEGRITY)), windows(13, module)
    )
    document = json.loads(events_json(log))
    boundary = (
        "Events[? EventTypeString == 'EV_EVENT_TAG' && (PcrIndex == `12` || PcrIndex == `13`)]"
        ".ProcessedData.EVENT_TRUSTBOUNDARY"
    )
    inner = query(document, boundary)
    assert query(inner, "[*].EVENT_CODEINTEGRITY") == [True]
    enabled = "[*].EVENT_VBS_HVCI_POLICY"
    word = "HypervisorEnforcedCodeIntegrityEnable"
    assert query(inner, f"{enabled} | @[?String == '{word}'].Value") == [1]
    loaded = (
        "[*].EVENT_LOADEDMODULE_AGGREGATION[] | [? EVENT_IMAGEVALIDATED == `true` && "
        "equals_ignore_case(EVENT_FILEPATH, "
        "'\\\\windows\\\\system32\\\\drivers\\\\wd\\\\wdboot.sys')] | @ != `null`"
    )
    assert query(inner, loaded) is True
    variable = (
        "Events[?EventTypeString == 'EV_EFI_VARIABLE_DRIVER_CONFIG' && ProcessedData.VariableGuid "
        "== '8BE4DF61-93CA-11D2-AA0D-00E098032B8C'] | [?ProcessedData.UnicodeName == 'SecureBoot'] "
        "| length(@) == `1` && @[0].ProcessedData.VariableData == 'AQ'"
    )
    assert query(document, variable) is True


def test_registers_as_json() -> None:
    found: dict[str, Any] = json.loads(
        pcrs_json({0x0004: {0: b"\1" * 20}, SHA256: {0: b"\2" * 32}})
    )
    assert found == {"PCRs": [{"Index": 0, "Digests": {"SHA1": "01" * 20, "SHA256": "02" * 32}}]}


def test_tagged_events_round_trip_and_refuse_what_is_cut_off_or_too_deep() -> None:
    events = (SipaEvent(sipa.TRUST_BOUNDARY, b"", (flag(sipa.WIN_PE), flag(sipa.WIN_PE, 0))),)
    data = encode_sipa(events)
    assert parse_sipa(data) == events
    assert to_json(events) == {"EVENT_TRUSTBOUNDARY": {"EVENT_WINPE": [True, False]}}
    for size in range(1, len(data)):
        with pytest.raises(EvidenceError):
            parse_sipa(data[:size])
    deep = b""
    for _ in range(9):
        deep = encode_sipa([SipaEvent(1, deep)])[4:]
        deep = sipa.TRUST_BOUNDARY.to_bytes(4, "little") + deep
    with pytest.raises(EvidenceError, match="too deep"):
        parse_sipa(deep)


def test_a_flood_of_tagged_events_is_not_taken_apart() -> None:
    flood = windows(12, *(flag(sipa.WIN_PE) for _ in range(20_000)))
    document = json.loads(events_json(log_of(*(flood for _ in range(20)))))
    taken = ["ProcessedData" in one for one in document["Events"]]
    assert taken == sorted(taken, reverse=True)
    assert 0 < taken.count(True) < 20
    assert boot_facts(log_of(flood)).win_pe
    with pytest.raises(EvidenceError, match="larger than"):
        parse_sipa(bytes(300_000))
