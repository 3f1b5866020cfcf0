"""Names of TCG event types, and what an event's data say in words (spec evidence, 10.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.errors import EvidenceError
from sealwright.evidence.boot.uefi import parse_variable

if TYPE_CHECKING:
    from sealwright.evidence.boot.event_log import Event

EV_SEPARATOR: Final = 0x04
EV_EVENT_TAG: Final = 0x06
EV_EFI_VARIABLE_DRIVER_CONFIG: Final = 0x80000001
EV_EFI_BOOT_SERVICES_APPLICATION: Final = 0x80000003
EV_EFI_VARIABLE_AUTHORITY: Final = 0x800000E0

_NAMES: Final = {
    0x00: "EV_PREBOOT_CERT",
    0x01: "EV_POST_CODE",
    0x03: "EV_NO_ACTION",
    0x04: "EV_SEPARATOR",
    0x05: "EV_ACTION",
    0x06: "EV_EVENT_TAG",
    0x07: "EV_S_CRTM_CONTENTS",
    0x08: "EV_S_CRTM_VERSION",
    0x09: "EV_CPU_MICROCODE",
    0x0A: "EV_PLATFORM_CONFIG_FLAGS",
    0x0B: "EV_TABLE_OF_DEVICES",
    0x0C: "EV_COMPACT_HASH",
    0x0D: "EV_IPL",
    0x0E: "EV_IPL_PARTITION_DATA",
    0x0F: "EV_NONHOST_CODE",
    0x10: "EV_NONHOST_CONFIG",
    0x11: "EV_NONHOST_INFO",
    0x12: "EV_OMIT_BOOT_DEVICE_EVENTS",
    0x80000001: "EV_EFI_VARIABLE_DRIVER_CONFIG",
    0x80000002: "EV_EFI_VARIABLE_BOOT",
    0x80000003: "EV_EFI_BOOT_SERVICES_APPLICATION",
    0x80000004: "EV_EFI_BOOT_SERVICES_DRIVER",
    0x80000005: "EV_EFI_RUNTIME_SERVICES_DRIVER",
    0x80000006: "EV_EFI_GPT_EVENT",
    0x80000007: "EV_EFI_ACTION",
    0x80000008: "EV_EFI_PLATFORM_FIRMWARE_BLOB",
    0x80000009: "EV_EFI_HANDOFF_TABLES",
    0x8000000A: "EV_EFI_PLATFORM_FIRMWARE_BLOB2",
    0x8000000B: "EV_EFI_HANDOFF_TABLES2",
    0x8000000C: "EV_EFI_VARIABLE_BOOT2",
    0x80000010: "EV_EFI_HCRTM_EVENT",
    0x800000E0: "EV_EFI_VARIABLE_AUTHORITY",
    0x800000E1: "EV_EFI_SPDM_FIRMWARE_BLOB",
    0x800000E2: "EV_EFI_SPDM_FIRMWARE_CONFIG",
}
VARIABLE_TYPES: Final = frozenset({0x80000001, 0x80000002, 0x8000000C, 0x800000E0})
_TEXT_TYPES: Final = frozenset({0x05, 0x08, 0x0D, 0x80000007})
_SEPARATORS: Final = {
    bytes(4): "separator",
    b"\xff" * 4: "separator",
    b"WBCL": "end of the Windows boot log",
}
_SHOWN: Final = 160
"""Characters of an event's text in a row."""


def event_name(kind: int) -> str:
    """The TCG's name of an event type; the number in hex when it has none."""
    return _NAMES.get(kind, f"{kind:#010x}")


def describe(event: Event) -> str:
    """What an event's data say; empty when only the bytes do."""
    if event.type in VARIABLE_TYPES:
        return _variable(event.data)
    if event.type in _TEXT_TYPES:
        return _text(event.data)
    if event.type == EV_SEPARATOR:
        return _SEPARATORS.get(event.data, "separator after an error")
    return ""


def _variable(data: bytes) -> str:
    try:
        found = parse_variable(data)
    except EvidenceError:
        return "a variable that cannot be read"
    if len(found.data) == 1:
        return f"{found.name} = {found.data[0]}"
    return f"{found.name}, {len(found.data)} bytes"


def _text(data: bytes) -> str:
    try:
        text = data.rstrip(b"\0").decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return text[:_SHOWN] if text.isprintable() else ""
