"""A boot log and register values as the JSON that 1.2 policies query (spec claims)."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Final

from sealwright.errors import EvidenceError
from sealwright.evidence.boot.event_names import EV_EVENT_TAG, VARIABLE_TYPES, event_name
from sealwright.evidence.boot.sipa import Json, parse_sipa, to_json
from sealwright.evidence.boot.uefi import parse_variable
from sealwright.evidence.tpm.tpm import HASHES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.evidence.boot.event_log import Event, EventLog

_MAX_TAGGED: Final = 2 << 20
"""Bytes of tagged events that are taken apart; real logs have some 100 KB of them."""
_SHOWN: Final = {number: name.upper() for number, name in HASHES.items()}


def events_json(log: EventLog) -> str:
    """`{"Events": […]}` in the order of the log."""
    left = _MAX_TAGGED
    events = []
    for at, event in enumerate(log.events):
        left -= len(event.data) if event.type == EV_EVENT_TAG else 0
        events.append(_event(at, event, tagged=left > 0))
    return json.dumps({"Events": events}, separators=(",", ":"))


def pcrs_json(banks: Mapping[int, Mapping[int, bytes]]) -> str:
    """`{"PCRs": [{"Index", "Digests": {"SHA1", "SHA256"}}]}`, digests in lower-case hex."""
    indices = sorted({index for bank in banks.values() for index in bank})
    registers = [
        {
            "Index": index,
            "Digests": {
                _SHOWN.get(algorithm, f"{algorithm:#06x}"): bank[index].hex()
                for algorithm, bank in sorted(banks.items())
                if index in bank
            },
        }
        for index in indices
    ]
    return json.dumps({"PCRs": registers}, separators=(",", ":"))


def _event(at: int, event: Event, *, tagged: bool) -> dict[str, Json]:
    found: dict[str, Json] = {
        "EventSeq": at,
        "PcrIndex": event.register,
        "EventType": event.type,
        "EventTypeString": event_name(event.type),
        "Digests": {
            _SHOWN.get(algorithm) or f"{algorithm:#06x}": digest.hex()
            for algorithm, digest in event.digests
        },
    }
    processed = processed_data(event) if tagged or event.type != EV_EVENT_TAG else None
    if processed is None:
        found["EventData"] = _b64url(event.data)
    else:
        found["ProcessedData"] = processed
    return found


def processed_data(event: Event) -> dict[str, Json] | None:
    """What the event's data say as members; None when only the bytes do."""
    try:
        if event.type == EV_EVENT_TAG:
            return to_json(parse_sipa(event.data))
        if event.type in VARIABLE_TYPES:
            return _variable(event.data)
    except EvidenceError:
        # The data of an event may be anything; the log holds without them.
        return None
    return None


def _variable(data: bytes) -> dict[str, Json]:
    found = parse_variable(data)
    return {
        "VariableGuid": str(found.guid).upper(),
        "UnicodeName": found.name,
        "VariableData": _b64url(found.data),
    }


def _b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
