"""Writes crypto-agile event logs as `event_log` reads them (spec evidence, 10.2)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.evidence.boot.event_log import EV_NO_ACTION
from sealwright.evidence.tpm.tpm import HASHES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SHA256: Final = 0x000B
_HEADER_ALGORITHMS: Final = (0x0004, SHA256)


class Measured(NamedTuple):
    """An event to be measured; its digest is that of `hashed`, or else of its data."""

    register: int
    type: int
    data: bytes
    hashed: bytes | None = None


def encode_event_log(
    events: Iterable[Measured], algorithms: Sequence[int] = _HEADER_ALGORITHMS
) -> bytes:
    """A log with its header event; digests are computed for each algorithm."""
    sizes = {item: hashlib.new(HASHES[item]).digest_size for item in algorithms}
    listed = b"".join(_u16(item) + _u16(size) for item, size in sizes.items())
    header = b"Spec ID Event03\0" + bytes(4) + bytes((0, 2, 0, 2)) + _u32(len(sizes)) + listed
    header += b"\0"
    first = _u32(0) + _u32(EV_NO_ACTION) + bytes(20) + _u32(len(header)) + header
    return first + b"".join(_event(event, algorithms) for event in events)


def _event(event: Measured, algorithms: Sequence[int]) -> bytes:
    hashed = event.data if event.hashed is None else event.hashed
    digests = b"".join(
        _u16(item) + hashlib.new(HASHES[item], hashed).digest() for item in algorithms
    )
    head = _u32(event.register) + _u32(event.type) + _u32(len(algorithms)) + digests
    return head + _u32(len(event.data)) + event.data


def _u16(value: int) -> bytes:
    return value.to_bytes(2, "little")


def _u32(value: int) -> bytes:
    return value.to_bytes(4, "little")
