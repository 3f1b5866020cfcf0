"""Are the data of events those whose digests were measured, and when were they measured?

A digest covers the data only for some types (spec evidence, 10.3): what the others carry is a
description, which anybody can change.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from sealwright.evidence.basis.checks import Check, judge
from sealwright.evidence.boot.event_names import (
    EV_EFI_VARIABLE_DRIVER_CONFIG,
    EV_EVENT_TAG,
    EV_SEPARATOR,
    event_name,
)
from sealwright.evidence.tpm.tpm import HASHES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealwright.evidence.boot.event_log import Event, EventLog

WINDOWS_REGISTERS: Final = frozenset({11, 12, 13, 14, 19, 20})
_EFI_GPT: Final = 0x80000006
_EFI_ACTION: Final = 0x80000007
_COVERED: Final = frozenset({EV_SEPARATOR, EV_EFI_VARIABLE_DRIVER_CONFIG, _EFI_GPT, _EFI_ACTION})


def is_covered(event: Event) -> bool:
    """Whether the event's digests are those of its data, by its type."""
    tagged = event.type == EV_EVENT_TAG and event.register in WINDOWS_REGISTERS
    return tagged or event.type in _COVERED


def is_as_measured(event: Event) -> bool:
    """Whether every digest of a known hash is that of the data."""
    return all(
        hashlib.new(HASHES[algorithm], event.data).digest() == digest
        for algorithm, digest in event.digests
        if algorithm in HASHES
    )


def windows_events(log: EventLog) -> Iterator[Event]:
    """The tagged events of Windows that its registers vouch for.

    The loader closes each register with a separator: what follows was measured by whoever ran
    later, and says nothing about the start.
    """
    closed: set[int] = set()
    for event in log.events:
        if event.register not in WINDOWS_REGISTERS:
            continue
        if event.type == EV_SEPARATOR:
            closed.add(event.register)
        elif event.type == EV_EVENT_TAG and event.register not in closed and is_as_measured(event):
            yield event


def data_check(log: EventLog) -> Check:
    """Check the data of all events that their digests cover."""
    changed = next(
        (
            at
            for at, event in enumerate(log.events)
            if is_covered(event) and not is_as_measured(event)
        ),
        None,
    )
    words = "" if changed is None else _words(changed, log.events[changed])
    return judge(
        "event-log.data",
        "Data of the events are what was measured",
        words,
        passed=changed is None,
    )


def _words(at: int, event: Event) -> str:
    return f"Event {at} ({event_name(event.type)}, PCR {event.register}) was changed in the log."
