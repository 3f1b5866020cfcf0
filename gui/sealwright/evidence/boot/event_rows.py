"""An event log as rows for people: what each event measured, and what the registers hold after."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sealwright.errors import EvidenceError
from sealwright.evidence.boot.event_log import replay
from sealwright.evidence.boot.event_names import describe, event_name
from sealwright.evidence.tpm.tpm import HASHES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.evidence.boot.event_log import EventLog


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event of a log."""

    sequence: int
    offset: int
    register: int
    type: int
    type_name: str
    """`EV_SEPARATOR`; a number in hex when the type is not known."""
    digests: tuple[tuple[str, str], ...]
    """Hash name and lower-case hex, in the order of the log."""
    says: str
    """What the event's data say, in words."""
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One register of one bank; octets as lower-case hex."""

    bank: str
    index: int
    replayed: str
    """Empty when the log does not extend it."""
    quoted: str
    """Empty when no TPM vouches for it here."""
    agrees: bool | None
    """None when one of the two is not there."""


def event_rows(log: EventLog) -> tuple[EventRow, ...]:
    """A row an event, in the order of the log."""
    return tuple(
        EventRow(
            sequence=at,
            offset=event.offset,
            register=event.register,
            type=event.type,
            type_name=event_name(event.type),
            digests=tuple(
                (HASHES.get(algorithm, f"{algorithm:#06x}"), digest.hex())
                for algorithm, digest in event.digests
            ),
            says=describe(event),
            data=event.data,
        )
        for at, event in enumerate(log.events)
    )


def register_rows(
    log: EventLog | None, quoted: Mapping[int, Mapping[int, bytes]]
) -> tuple[RegisterRow, ...]:
    """Registers by bank and index, from the log's replay and from what a TPM signed."""
    replayed = replays(log) if log is not None else {}
    found: list[RegisterRow] = []
    # What a TPM vouches for first: the other banks only repeat the log.
    for algorithm in sorted({**replayed, **quoted}, key=lambda bank: bank not in quoted):
        by_log, by_tpm = replayed.get(algorithm, {}), quoted.get(algorithm, {})
        found += [
            _register(algorithm, index, by_log.get(index), by_tpm.get(index))
            for index in sorted({*by_log, *by_tpm})
        ]
    return tuple(found)


def _register(
    algorithm: int, index: int, replayed: bytes | None, quoted: bytes | None
) -> RegisterRow:
    return RegisterRow(
        bank=HASHES.get(algorithm, f"{algorithm:#06x}"),
        index=index,
        replayed="" if replayed is None else replayed.hex(),
        quoted="" if quoted is None else quoted.hex(),
        agrees=None if replayed is None or quoted is None else replayed == quoted,
    )


def replays(log: EventLog) -> dict[int, dict[int, bytes]]:
    """What the registers hold after the log, for every bank that can be replayed."""
    found: dict[int, dict[int, bytes]] = {}
    for algorithm in log.algorithms:
        try:
            found[algorithm] = replay(log, algorithm)
        except EvidenceError:
            continue
    return found
