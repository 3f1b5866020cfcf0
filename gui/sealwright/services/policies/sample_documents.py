"""A short boot log and its registers as JSON, to try queries of version 1.2 on (spec claims)."""

from __future__ import annotations

import json
from typing import Final

_SECURE_BOOT: Final = {
    "VariableGuid": "8BE4DF61-93CA-11D2-AA0D-00E098032B8C",
    "UnicodeName": "SecureBoot",
    "VariableData": "AQ",
}
_SEPARATED: Final = range(8)
"""Registers that the firmware closes with a separator."""


def sample_documents() -> dict[str, str]:
    """Claims whose value is JSON, by name: a start with secure boot on."""
    events = [_event(0, 7, 0x80000001, "EV_EFI_VARIABLE_DRIVER_CONFIG", _SECURE_BOOT)]
    events += [_event(at, at - 1, 4, "EV_SEPARATOR") for at in range(1, 1 + len(_SEPARATED))]
    registers = [
        {"Index": index, "Digests": {"SHA256": f"{index:02x}" * 32}} for index in range(24)
    ]
    return {"events": _text({"Events": events}), "pcrs": _text({"PCRs": registers})}


def _event(
    number: int, register: int, kind: int, name: str, data: dict[str, str] | None = None
) -> dict[str, object]:
    found: dict[str, object] = {
        "EventSeq": number,
        "PcrIndex": register,
        "EventType": kind,
        "EventTypeString": name,
        "Digests": {"SHA256": f"{number:02x}" * 32},
    }
    return {**found, "ProcessedData": data} if data else {**found, "EventData": "AAAAAA"}


def _text(document: dict[str, object]) -> str:
    return json.dumps(document, separators=(",", ":"))
