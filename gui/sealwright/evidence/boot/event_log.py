"""TCG event logs: crypto-agile, SHA-1 and confidential-computing ones (spec evidence, 10.2).

Invariant: work and memory are linear in the log, which is bounded in size and in events.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.errors import EvidenceError
from sealwright.evidence.tpm.tpm import HASHES, hash_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EV_NO_ACTION: Final = 3
SHA1: Final = 0x0004
MAX_SIZE: Final = 8 << 20
MAX_EVENTS: Final = 10_000
"""The longest real logs have some hundred."""

_SPEC_ID: Final = b"Spec ID Event03\0"
_LOCALITY: Final = b"StartupLocality\0"
_REGISTERS: Final = 24
_DRTM: Final = range(17, 23)
_MAX_ALGORITHMS: Final = 8
_WORD: Final = struct.Struct("<I")
_WORDS: Final = struct.Struct("<II")
_PAIR: Final = struct.Struct("<HH")


class Event(NamedTuple):
    """One measurement; a tuple, since a log has thousands."""

    offset: int
    register: int
    """PCR; in a CCEL 0 is MRTD and n is RTMR n-1."""
    type: int
    digests: tuple[tuple[int, bytes], ...]
    """By TPM_ALG_ID, in the order of the log."""
    data: bytes


@dataclass(frozen=True, slots=True)
class EventLog:
    """The events from the first to the end of the log."""

    crypto_agile: bool
    algorithms: Mapping[int, int]
    """Digest size by TPM_ALG_ID."""
    events: tuple[Event, ...] = field(repr=False)
    end: int
    """Offset after the last event; padding may follow."""
    raw: bytes = field(repr=False, default=b"")


def parse_event_log(data: bytes) -> EventLog:
    """Read a log.

    Raises:
        EvidenceError: cut off, too large, or an event that no such log can have.
    """
    if len(data) > MAX_SIZE:
        raise EvidenceError(f"The event log has more than {MAX_SIZE} bytes.")
    if not data:
        raise EvidenceError("The event log is empty.", offset=0)
    scanner = _Scanner(data)
    first = scanner.sha1_event()
    agile = first.type == EV_NO_ACTION and first.data.startswith(_SPEC_ID)
    if agile:
        scanner.algorithms = _spec_id(first)
    read = scanner.agile_event if agile else scanner.sha1_event
    events = [first]
    while scanner.more():
        events.append(read())
        if len(events) > MAX_EVENTS:
            raise EvidenceError(f"The event log has more than {MAX_EVENTS} events.")
    return EventLog(agile, scanner.algorithms, tuple(events), scanner.at, data)


class _Scanner:
    """A position in a log; a plain reader would keep every field of every event."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0
        self.algorithms: Mapping[int, int] = {SHA1: 20}

    def more(self) -> bool:
        rest = self._data[self.at : self.at + 4]
        return bool(rest) and rest != b"\xff\xff\xff\xff"

    def sha1_event(self) -> Event:
        start = self.at
        register, kind = self._header(start)
        digest = self._take(20, "digest")
        return Event(start, register, kind, ((SHA1, digest),), self._sized(start))

    def agile_event(self) -> Event:
        start = self.at
        register, kind = self._header(start)
        count = _WORD.unpack(self._take(4, "digest count"))[0]
        if count > len(self.algorithms):
            raise EvidenceError(
                f"An event has {count} digests; the log announces {len(self.algorithms)}.",
                offset=self.at - 4,
            )
        digests = tuple(self._digest() for _ in range(count))
        return Event(start, register, kind, digests, self._sized(start))

    def _header(self, start: int) -> tuple[int, int]:
        register, kind = _WORDS.unpack(self._take(8, "event header"))
        if register >= _REGISTERS:
            raise EvidenceError(f"An event measures into register {register}.", offset=start)
        return register, kind

    def _digest(self) -> tuple[int, bytes]:
        algorithm = int.from_bytes(self._take(2, "digest algorithm"), "little")
        size = self.algorithms.get(algorithm)
        if size is None:
            raise EvidenceError(
                f"An event has a digest of algorithm {algorithm:#06x}, which the log does not "
                "announce.",
                offset=self.at - 2,
            )
        return algorithm, self._take(size, "digest")

    def _sized(self, start: int) -> bytes:
        size = _WORD.unpack(self._take(4, "event size"))[0]
        if size > len(self._data) - self.at:
            raise EvidenceError(
                f"The event at {start} announces {size} bytes, {len(self._data) - self.at} are "
                "left.",
                offset=self.at - 4,
            )
        return self._take(size, "event data")

    def _take(self, size: int, what: str) -> bytes:
        value = self._data[self.at : self.at + size]
        if len(value) < size:
            raise EvidenceError(f"The event log ends inside the {what}.", offset=self.at)
        self.at += size
        return value


def _spec_id(event: Event) -> dict[int, int]:
    data, at = event.data, 24
    problem = EvidenceError("The log's first event announces no usable hashes.", offset=32)
    if len(data) < at + 4:
        raise problem
    count = _WORD.unpack_from(data, at)[0]
    if not 0 < count <= _MAX_ALGORITHMS or len(data) < at + 4 + 4 * count:
        raise problem
    found = dict(_PAIR.unpack_from(data, at + 4 + 4 * index) for index in range(count))
    for algorithm, size in found.items():
        known = HASHES.get(algorithm)
        if not size or (known and hashlib.new(known).digest_size != size):
            raise problem
    return found


def replay(log: EventLog, algorithm: int) -> dict[int, bytes]:
    """What the registers hold after the log, for those that it extends.

    Raises:
        EvidenceError: the hash is not known, or an event lacks its digest.
    """
    name = hash_name(algorithm)
    if algorithm not in log.algorithms:
        raise EvidenceError(f"The event log has no {name} digests.")
    size = hashlib.new(name).digest_size
    registers: dict[int, bytes] = {}
    locality = _locality(log.events)
    for event in log.events:
        if event.type == EV_NO_ACTION:
            continue
        digest = next((value for known, value in event.digests if known == algorithm), None)
        if digest is None:
            raise EvidenceError(f"An event has no {name} digest.", offset=event.offset)
        held = registers.get(event.register)
        if held is None:
            held = initial_value(event.register, size, locality)
        registers[event.register] = hashlib.new(name, held + digest).digest()
    return registers


def initial_value(register: int, size: int, locality: int = 0) -> bytes:
    """What a register holds before its first event."""
    if register in _DRTM:
        return b"\xff" * size
    last = locality if register == 0 else 0
    return bytes(size - 1) + bytes((last,))


def _locality(events: Iterable[Event]) -> int:
    for event in events:
        named = event.type == EV_NO_ACTION and event.data.startswith(_LOCALITY)
        if named and len(event.data) > len(_LOCALITY):
            return event.data[len(_LOCALITY)]
    return 0
