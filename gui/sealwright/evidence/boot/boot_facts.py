"""What a boot log says about the machine's start (spec evidence, 10.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.x509.oid import NameOID

from sealwright.errors import EvidenceError, KeyMaterialError
from sealwright.evidence.basis.certificates import load
from sealwright.evidence.boot import sipa
from sealwright.evidence.boot.event_data import is_as_measured, windows_events
from sealwright.evidence.boot.event_names import (
    EV_EFI_VARIABLE_DRIVER_CONFIG,
    EV_SEPARATOR,
)
from sealwright.evidence.boot.uefi import Variable, parse_variable, signatures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sealwright.evidence.boot.event_log import Event, EventLog

_SECURE_BOOT_REGISTER: Final = 7
_PLATFORM_VENDORS: Final = ("Microsoft", "Sealwright sandbox")


@dataclass(frozen=True, slots=True)
class BootFacts:
    """Switches as they stood at the start; off where the log does not say otherwise."""

    secure_boot: bool
    secure_boot_keys: bool
    """Whether PK and KEK are the platform vendor's."""
    db: bool
    """Whether the allowed signers are the platform vendor's."""
    dbx: bool
    """Whether there is a list of forbidden images."""
    is_windows: bool
    boot_debugging: bool
    kernel_debugging: bool
    hypervisor_debugging: bool
    test_signing: bool
    flight_signing: bool
    code_integrity: bool
    safe_mode: bool
    win_pe: bool
    elam: bool
    vbs: bool
    iommu: bool
    hvci_policy: int


def boot_facts(log: EventLog) -> BootFacts:
    """Read the facts out of a log; what it says counts only with the registers' word for it."""
    variables = _variables(log.events)
    switches, kinds, hvci = _windows(log)
    secure = variables.get("SecureBoot")
    return BootFacts(
        secure_boot=secure is not None and secure.data == b"\1",
        secure_boot_keys=_is_vendors(variables.get("PK")) and _is_vendors(variables.get("KEK")),
        db=_is_vendors(variables.get("db")),
        dbx=_is_list(variables.get("dbx")),
        is_windows=bool(kinds),
        boot_debugging=sipa.BOOT_DEBUGGING in switches,
        kernel_debugging=sipa.KERNEL_DEBUG in switches,
        hypervisor_debugging=sipa.HYPERVISOR_DEBUG in switches,
        test_signing=sipa.TEST_SIGNING in switches,
        flight_signing=sipa.FLIGHT_SIGNING in switches,
        code_integrity=sipa.CODE_INTEGRITY in switches,
        safe_mode=sipa.SAFE_MODE in switches,
        win_pe=sipa.WIN_PE in switches,
        elam=any(kind >> 16 == sipa.ELAM_FAMILY for kind in kinds),
        vbs=bool(switches & {sipa.VBS_VSM_REQUIRED, sipa.VBS_MANDATORY}),
        iommu=sipa.VBS_IOMMU_REQUIRED in switches,
        hvci_policy=hvci,
    )


def _variables(events: Iterable[Event]) -> Mapping[str, Variable]:
    """The secure boot variables that were measured before the register was closed."""
    found: dict[str, Variable] = {}
    for event in events:
        if event.register != _SECURE_BOOT_REGISTER:
            continue
        if event.type == EV_SEPARATOR:
            break
        if event.type == EV_EFI_VARIABLE_DRIVER_CONFIG and is_as_measured(event):
            try:
                variable = parse_variable(event.data)
            except EvidenceError:
                continue
            found.setdefault(variable.name, variable)
    return found


def _tagged(log: EventLog) -> Iterator[sipa.SipaEvent]:
    for event in windows_events(log):
        try:
            yield from sipa.flattened(sipa.parse_sipa(event.data))
        except EvidenceError:
            continue


def _windows(log: EventLog) -> tuple[set[int], set[int], int]:
    """Types of tagged events with a value that is not zero, all their types, the HVCI policy."""
    switches: set[int] = set()
    kinds: set[int] = set()
    hvci = 0
    for event in _tagged(log):
        kinds.add(event.type)
        if any(event.value):
            switches.add(event.type)
        if event.type == sipa.HVCI_POLICY:
            hvci = max(hvci, int.from_bytes(event.value[:8], "little"))
    return switches, kinds, hvci


def _is_vendors(variable: Variable | None) -> bool:
    """Whether all certificates in a signature database are the platform vendor's."""
    if variable is None:
        return False
    try:
        entries = signatures(variable.data)
        names = [_organization(entry) for entry in entries]
    except (EvidenceError, KeyMaterialError):
        return False
    return bool(names) and all(name.startswith(_PLATFORM_VENDORS) for name in names)


def _organization(der: bytes) -> str:
    found = load(der).subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(found[0].value) if found else ""


def _is_list(variable: Variable | None) -> bool:
    try:
        return variable is not None and bool(signatures(variable.data))
    except EvidenceError:
        return False
