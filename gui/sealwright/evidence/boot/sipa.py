"""Windows SIPA events: the tagged values in EV_EVENT_TAG events (spec evidence, 10.3).

Invariant: nesting and work are bounded, whatever the bytes are.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from sealwright.errors import EvidenceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"

CONTAINER: Final = 0x40000000
TRUST_BOUNDARY: Final = 0x40010001
LOADED_MODULE: Final = 0x40010003
BOOT_DEBUGGING: Final = 0x00040001
KERNEL_DEBUG: Final = 0x00050001
CODE_INTEGRITY: Final = 0x00050002
TEST_SIGNING: Final = 0x00050003
SAFE_MODE: Final = 0x00050005
WIN_PE: Final = 0x00050006
HYPERVISOR_DEBUG: Final = 0x0005000D
VSM_IDENTITY_KEY: Final = 0x00050020
FLIGHT_SIGNING: Final = 0x00050021
VSM_IDENTITY_KEY_SIGNING: Final = 0x00050023
VBS_VSM_REQUIRED: Final = 0x000A0001
VBS_IOMMU_REQUIRED: Final = 0x000A0003
VBS_MANDATORY: Final = 0x000A0006
HVCI_POLICY: Final = 0x000A0007
ELAM_FAMILY: Final = 0x0009
EVENT_NAMES: Final = {
    0x40010001: "EVENT_TRUSTBOUNDARY",
    0x40010002: "EVENT_ELAM_AGGREGATION",
    0x40010003: "EVENT_LOADEDMODULE_AGGREGATION",
    0x40010005: "EVENT_KSR_AGGREGATION",
    0x40010006: "EVENT_KSR_SIGNED_MEASUREMENT_AGGREGATION",
    0x00020001: "EVENT_INFORMATION",
    0x00020002: "EVENT_BOOTCOUNTER",
    0x00020003: "EVENT_TRANSFER_CONTROL",
    0x00020004: "EVENT_APPLICATION_RETURN",
    0x00020005: "EVENT_BITLOCKER_UNLOCK",
    0x00020006: "EVENT_EVENTCOUNTER",
    0x00020007: "EVENT_COUNTERID",
    0x00020008: "EVENT_MORBIT_NOT_CANCELABLE",
    0x00020009: "EVENT_APPLICATION_SVN",
    0x0002000A: "EVENT_SVN_CHAIN_STATUS",
    0x0002000B: "EVENT_MORBIT_API_STATUS",
    0x00040001: "EVENT_BOOTDEBUGGING",
    0x00040002: "EVENT_BOOT_REVOCATION_LIST",
    0x00050001: "EVENT_OSKERNELDEBUG",
    0x00050002: "EVENT_CODEINTEGRITY",
    0x00050003: "EVENT_TESTSIGNING",
    0x00050004: "EVENT_DATAEXECUTIONPREVENTION",
    0x00050005: "EVENT_SAFEMODE",
    0x00050006: "EVENT_WINPE",
    0x00050007: "EVENT_PHYSICALADDRESSEXTENSION",
    0x00050008: "EVENT_OSDEVICE",
    0x00050009: "EVENT_SYSTEMROOT",
    0x0005000A: "EVENT_HYPERVISOR_LAUNCH_TYPE",
    0x0005000B: "EVENT_HYPERVISOR_PATH",
    0x0005000C: "EVENT_HYPERVISOR_IOMMU_POLICY",
    0x0005000D: "EVENT_HYPERVISOR_DEBUG",
    0x0005000E: "EVENT_DRIVER_LOAD_POLICY",
    0x0005000F: "EVENT_SI_POLICY",
    0x00050010: "EVENT_HYPERVISOR_MMIO_NX_POLICY",
    0x00050011: "EVENT_HYPERVISOR_MSR_FILTER_POLICY",
    0x00050012: "EVENT_VSM_LAUNCH_TYPE",
    0x00050013: "EVENT_OS_REVOCATION_LIST",
    0x00050014: "EVENT_SMT_STATUS",
    0x00050020: "EVENT_VSM_IDK_INFO",
    0x00050021: "EVENT_FLIGHTSIGNING",
    0x00050022: "EVENT_PAGEFILE_ENCRYPTION_ENABLED",
    0x00050023: "EVENT_VSM_IDKS_INFO",
    0x00050024: "EVENT_HIBERNATION_DISABLED",
    0x00050025: "EVENT_DUMPS_DISABLED",
    0x00050026: "EVENT_DUMP_ENCRYPTION_ENABLED",
    0x00050027: "EVENT_DUMP_ENCRYPTION_KEY_DIGEST",
    0x00050028: "EVENT_LSAISO_CONFIG",
    0x00050029: "EVENT_SBCP_INFO",
    0x00050030: "EVENT_HYPERVISOR_BOOT_DMA_PROTECTION",
    0x00060001: "EVENT_NOAUTHORITY",
    0x00060002: "EVENT_AUTHORITYPUBKEY",
    0x00070001: "EVENT_FILEPATH",
    0x00070002: "EVENT_IMAGESIZE",
    0x00070003: "EVENT_HASHALGORITHMID",
    0x00070004: "EVENT_AUTHENTICODEHASH",
    0x00070005: "EVENT_AUTHORITYISSUER",
    0x00070006: "EVENT_AUTHORITYSERIAL",
    0x00070007: "EVENT_IMAGEBASE",
    0x00070008: "EVENT_AUTHORITYPUBLISHER",
    0x00070009: "EVENT_AUTHORITYSHA1THUMBPRINT",
    0x0007000A: "EVENT_IMAGEVALIDATED",
    0x0007000B: "EVENT_MODULE_SVN",
    0x00090001: "EVENT_ELAM_KEYNAME",
    0x00090002: "EVENT_ELAM_CONFIGURATION",
    0x00090003: "EVENT_ELAM_POLICY",
    0x00090004: "EVENT_ELAM_MEASURED",
    0x000A0001: "EVENT_VBS_VSM_REQUIRED",
    0x000A0002: "EVENT_VBS_SECUREBOOT_REQUIRED",
    0x000A0003: "EVENT_VBS_IOMMU_REQUIRED",
    0x000A0004: "EVENT_VBS_MMIO_NX_REQUIRED",
    0x000A0005: "EVENT_VBS_MSR_FILTERING_REQUIRED",
    0x000A0006: "EVENT_VBS_MANDATORY_ENFORCEMENT",
    0x000A0007: "EVENT_VBS_HVCI_POLICY",
    0x000A0008: "EVENT_VBS_MICROSOFT_BOOT_CHAIN_REQUIRED",
    0x000C0001: "EVENT_DRTM_STATE_AUTH",
    0x000C0002: "EVENT_DRTM_SMM",
}
"""By identifier; the names are those that published policies query."""

_MAX_DEPTH: Final = 4
_MAX_SIZE: Final = 256 << 10
"""Bytes of one event; the largest in real logs, which lists all drivers, has 52 KB."""
_HEADER: Final = 8
_LISTED: Final = frozenset({LOADED_MODULE, 0x0005000F})
"""Always a list, however often they occur: policies project over them."""
_TEXTS: Final = frozenset({0x00050009, 0x0005000B, 0x00070001, 0x00070005, 0x00070008, 0x00090001})
_VALUE_SIZES: Final = frozenset({4, 8})
_RAW: Final = frozenset({0x00040002, 0x00050013, 0x00060002, 0x00050029})
_WORDS: Final = {
    0x00020005: {
        0: "None",
        1: "Cached",
        2: "Media",
        4: "TPM",
        8: "PIN",
        0x10: "ExternalKey",
        0x20: "RecoveryKey",
    },
    0x00050004: {0: "OptIn", 1: "OptOut", 2: "AlwaysOff", 3: "AlwaysOn"},
    0x0005000A: {0: "None", 1: "Auto"},
    0x0005000E: {1: "GoodOnly", 3: "GoodAndUnknown", 7: "GoodUnknownAndBadCritical", 8: "All"},
    0x00050012: {0: "Off", 1: "Auto"},
    0x00050014: {0: "Disabled", 1: "Enabled"},
    0x00070003: {0x8004: "SHA-1", 0x800C: "SHA-256", 0x800D: "SHA-384", 0x800E: "SHA-512"},
    0x000A0007: {
        0: "HypervisorEnforcedCodeIntegrityDisable",
        1: "HypervisorEnforcedCodeIntegrityEnable",
    },
}


@dataclass(frozen=True, slots=True)
class SipaEvent:
    """One tagged value; a container has children and no value of its own."""

    type: int
    value: bytes = field(repr=False)
    children: tuple[SipaEvent, ...] = ()


def parse_sipa(data: bytes, *, depth: int = 0) -> tuple[SipaEvent, ...]:
    """Read the tagged values of one event.

    Raises:
        EvidenceError: cut off, or nested deeper than such events are.
    """
    if depth > _MAX_DEPTH:
        raise EvidenceError("A Windows boot event is nested too deep.")
    if len(data) > _MAX_SIZE:
        raise EvidenceError("A Windows boot event is larger than such events are.")
    found = []
    at = 0
    while at < len(data):
        kind = int.from_bytes(data[at : at + 4], "little")
        size = int.from_bytes(data[at + 4 : at + _HEADER], "little")
        start = at + _HEADER
        at = start + size
        if at > len(data):
            raise EvidenceError("A Windows boot event is cut off.")
        value = data[start:at]
        inner = parse_sipa(value, depth=depth + 1) if kind & CONTAINER else ()
        found.append(SipaEvent(kind, b"" if kind & CONTAINER else value, inner))
    return tuple(found)


def encode_sipa(events: Sequence[SipaEvent]) -> bytes:
    """The bytes that `parse_sipa` reads."""
    parts = []
    for event in events:
        value = encode_sipa(event.children) if event.type & CONTAINER else event.value
        parts += [event.type.to_bytes(4, "little"), len(value).to_bytes(4, "little"), value]
    return b"".join(parts)


def flattened(events: Sequence[SipaEvent]) -> Iterator[SipaEvent]:
    """Every event, those inside containers too."""
    for event in events:
        yield event
        yield from flattened(event.children)


def to_json(events: Sequence[SipaEvent]) -> dict[str, Json]:
    """The members that policies query: booleans, `{Value, String}`, or `{RawData}`."""
    values: dict[int, list[Json]] = {}
    for event in events:
        value = to_json(event.children) if event.type & CONTAINER else _value(event)
        values.setdefault(event.type, []).append(value)
    return {
        EVENT_NAMES.get(kind, f"EVENT_{kind:08X}"): list(found)
        if len(found) > 1 or kind in _LISTED
        else found[0]
        for kind, found in values.items()
    }


def _value(event: SipaEvent) -> Json:
    value = event.value
    if len(value) == 1:
        return value != b"\0"
    if event.type in _TEXTS:
        return value.decode("utf-16-le", "replace").rstrip("\0")
    if len(value) in _VALUE_SIZES and event.type not in _RAW:
        number = int.from_bytes(value, "little")
        return {"Value": number, "String": _WORDS.get(event.type, {}).get(number, str(number))}
    return {"RawData": base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")}
