"""Event logs and TPM structures: replay follows the rules, hostile bytes are refused cheaply."""

from __future__ import annotations

import hashlib
import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright.errors import EvidenceError
from sealwright.evidence.boot.event_log import MAX_EVENTS, MAX_SIZE, parse_event_log, replay
from sealwright.evidence.tpm.tpm import parse_attestation, parse_public, parse_signature

SHA256 = 0x000B
NO_ACTION, SEPARATOR = 3, 4


def first(*algorithms: tuple[int, int]) -> bytes:
    body = b"Spec ID Event03\0" + bytes(4) + b"\0\2\0\2" + struct.pack("<I", len(algorithms))
    body += b"".join(struct.pack("<HH", *item) for item in algorithms) + b"\0"
    return struct.pack("<II", 0, NO_ACTION) + bytes(20) + struct.pack("<I", len(body)) + body


def event(register: int, kind: int, digest: bytes, data: bytes = b"") -> bytes:
    head = struct.pack("<IIIH", register, kind, 1, SHA256)
    return head + digest + struct.pack("<I", len(data)) + data


HEAD = first((SHA256, 32))
DIGEST = hashlib.sha256(b"a").digest()


def extended(start: bytes) -> bytes:
    return hashlib.sha256(start + DIGEST).digest()


def test_registers_start_as_the_rules_say() -> None:
    locality = event(0, NO_ACTION, bytes(32), b"StartupLocality\0\3")
    data = HEAD + locality + b"".join(event(at, SEPARATOR, DIGEST) for at in (0, 7, 17))
    assert replay(parse_event_log(data), SHA256) == {
        0: extended(bytes(31) + b"\3"),
        7: extended(bytes(32)),
        17: extended(b"\xff" * 32),
    }


def test_padding_ends_a_log() -> None:
    data = HEAD + event(1, SEPARATOR, DIGEST)
    log = parse_event_log(data + b"\xff" * 500)
    assert (len(log.events), log.end) == (2, len(data))


def test_a_log_of_the_first_kind() -> None:
    digest = hashlib.sha1(b"a", usedforsecurity=False).digest()
    data = struct.pack("<II", 4, SEPARATOR) + digest + struct.pack("<I", 2) + b"xy"
    log = parse_event_log(data)
    assert not log.crypto_agile
    assert replay(log, 0x0004) == {
        4: hashlib.sha1(bytes(20) + digest, usedforsecurity=False).digest()
    }
    with pytest.raises(EvidenceError, match="no sha256"):
        replay(log, SHA256)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(MAX_SIZE + 1),
        HEAD + event(24, SEPARATOR, DIGEST),
        HEAD + struct.pack("<III", 1, SEPARATOR, 0xFFFFFFFF),
        HEAD + struct.pack("<IIIH", 1, SEPARATOR, 1, 0x000C) + bytes(99),
        HEAD + struct.pack("<IIIH", 1, SEPARATOR, 1, SHA256) + DIGEST + b"\xff\xff\xff\x7f",
        first(),
        first((SHA256, 20)),
        first(*(((SHA256, 32),) * 9)),
    ],
)
def test_impossible_logs_are_refused(data: bytes) -> None:
    with pytest.raises(EvidenceError):
        parse_event_log(data)


def test_an_event_without_the_digest_has_no_replay() -> None:
    data = HEAD + struct.pack("<IIII", 1, SEPARATOR, 0, 0)
    with pytest.raises(EvidenceError, match="no sha256 digest"):
        replay(parse_event_log(data), SHA256)


def test_the_largest_hostile_log_costs_little() -> None:
    hostile = HEAD + struct.pack("<IIII", 1, SEPARATOR, 0, 0) * (MAX_EVENTS + 1)
    start = time.process_time()
    with pytest.raises(EvidenceError, match="events"):
        parse_event_log(hostile)
    assert time.process_time() - start < 1


@given(st.binary(max_size=120))
def test_any_bytes_after_a_good_start_are_a_log_or_refused(data: bytes) -> None:
    try:
        log = parse_event_log(HEAD + data)
    except EvidenceError:
        return
    assert log.end <= len(HEAD + data)


@given(st.binary(max_size=80))
def test_any_bytes_are_a_tpm_structure_or_refused(data: bytes) -> None:
    for prefix in (b"", b"\xffTCG\x80\x18", b"\xffTCG\x80\x17", b"\0\1\0\x0b", b"\0\x14\0\x0b"):
        for parse in (parse_attestation, parse_signature, parse_public):
            try:
                parse(prefix + data)
            except EvidenceError:
                continue
