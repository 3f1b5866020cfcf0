"""Boot logs of the sandbox's pretended machines."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sealwright.evidence.boot import sipa, uefi
from sealwright.evidence.boot.event_log_encode import Measured, encode_event_log
from sealwright.evidence.boot.event_names import (
    EV_EFI_BOOT_SERVICES_APPLICATION,
    EV_EFI_VARIABLE_AUTHORITY,
    EV_EFI_VARIABLE_DRIVER_CONFIG,
    EV_EVENT_TAG,
    EV_SEPARATOR,
)
from sealwright.evidence.boot.sipa import SipaEvent, encode_sipa

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

_EFI_ACTION: Final = 0x80000007
_CRTM_VERSION: Final = 0x08
_IPL: Final = 0x0D
_SECURE_BOOT: Final = 7
_WINDOWS_SETTINGS: Final = 12
_WINDOWS_DRIVERS: Final = 13
_WINDOWS_KEYS: Final = 14


@dataclass(frozen=True, slots=True)
class BootSettings:
    """How the pretended machine was started."""

    secure_boot: bool = True
    windows: bool = False
    boot_debugging: bool = False
    kernel_debugging: bool = False
    hypervisor_debugging: bool = False
    test_signing: bool = False
    flight_signing: bool = False
    code_integrity: bool = True
    safe_mode: bool = False
    win_pe: bool = False
    elam: bool = True
    vbs: bool = True
    iommu: bool = True
    hvci: bool = True
    bitlocker: int = 4
    """How the volume was unlocked: 0 not at all, 4 by the TPM."""


def make_boot_log(settings: BootSettings, platform_key: bytes, identity: bytes = b"") -> bytes:
    """A log of a start; `platform_key` is the certificate (DER) in all signature databases.

    Args:
        settings: what the log says.
        platform_key: DER.
        identity: value of the identity event of the secure kernel; empty for none.
    """
    events = [
        Measured(0, _CRTM_VERSION, "Sealwright sandbox firmware\0".encode("utf-16-le")),
        *_secure_boot(settings, platform_key),
        Measured(4, _EFI_ACTION, b"Calling EFI Application from Boot Option"),
        *(Measured(index, EV_SEPARATOR, bytes(4)) for index in range(_SECURE_BOOT)),
    ]
    if settings.secure_boot:
        authority = uefi.Variable(uefi.IMAGE_SECURITY, "db", _owner() + platform_key)
        data = uefi.encode_variable(authority)
        events.append(Measured(_SECURE_BOOT, EV_EFI_VARIABLE_AUTHORITY, data))
    loader = b"Sealwright sandbox boot loader"
    events.append(Measured(4, EV_EFI_BOOT_SERVICES_APPLICATION, bytes(32), loader))
    if settings.windows:
        events += _windows(settings, identity)
    else:
        events.append(Measured(8, _IPL, b"kernel_cmdline: root=/dev/sda1 ro\0"))
    return encode_event_log(events)


def _owner() -> bytes:
    return uefi.GLOBAL.bytes_le


def _secure_boot(settings: BootSettings, platform_key: bytes) -> Iterator[Measured]:
    keys = uefi.encode_signatures(uefi.X509_LIST, uefi.GLOBAL, [platform_key])
    forbidden = hashlib.sha256(b"Sealwright sandbox: a forbidden image").digest()
    images = uefi.encode_signatures(uefi.SHA256_LIST, uefi.GLOBAL, [forbidden])
    variables: tuple[tuple[UUID, str, bytes], ...] = (
        (uefi.GLOBAL, "SecureBoot", bytes((settings.secure_boot,))),
        (uefi.GLOBAL, "PK", keys),
        (uefi.GLOBAL, "KEK", keys),
        (uefi.IMAGE_SECURITY, "db", keys),
        (uefi.IMAGE_SECURITY, "dbx", images),
    )
    for guid, name, value in variables:
        data = uefi.encode_variable(uefi.Variable(guid, name, value))
        yield Measured(_SECURE_BOOT, EV_EFI_VARIABLE_DRIVER_CONFIG, data)
    yield Measured(_SECURE_BOOT, EV_SEPARATOR, bytes(4))


def _windows(settings: BootSettings, identity: bytes) -> Iterator[Measured]:
    inner = [SipaEvent(kind, bytes((value,))) for kind, value in _switches(settings)]
    inner += [
        SipaEvent(0x00020005, settings.bitlocker.to_bytes(4, "little")),
        SipaEvent(0x00020009, (1).to_bytes(4, "little")),
        SipaEvent(0x00050004, (3).to_bytes(8, "little")),
        SipaEvent(sipa.HVCI_POLICY, int(settings.hvci).to_bytes(8, "little")),
    ]
    if identity:
        inner.append(SipaEvent(sipa.VSM_IDENTITY_KEY, identity))
    yield _boundary(_WINDOWS_SETTINGS, inner)
    drivers = [_module("\\Windows\\system32\\winload.efi")]
    if settings.elam:
        drivers.append(_module("\\Windows\\system32\\drivers\\wd\\WdBoot.sys"))
        drivers.append(SipaEvent(0x00090001, "Windows Defender\0".encode("utf-16-le")))
    yield _boundary(_WINDOWS_DRIVERS, drivers)
    for index in (_WINDOWS_SETTINGS, _WINDOWS_DRIVERS, _WINDOWS_KEYS):
        yield Measured(index, EV_SEPARATOR, b"WBCL")


def _switches(settings: BootSettings) -> tuple[tuple[int, bool], ...]:
    return (
        (sipa.BOOT_DEBUGGING, settings.boot_debugging),
        (sipa.KERNEL_DEBUG, settings.kernel_debugging),
        (sipa.HYPERVISOR_DEBUG, settings.hypervisor_debugging),
        (sipa.CODE_INTEGRITY, settings.code_integrity),
        (sipa.TEST_SIGNING, settings.test_signing),
        (sipa.FLIGHT_SIGNING, settings.flight_signing),
        (sipa.SAFE_MODE, settings.safe_mode),
        (sipa.WIN_PE, settings.win_pe),
        (sipa.VBS_VSM_REQUIRED, settings.vbs),
        (sipa.VBS_MANDATORY, settings.vbs),
        (sipa.VBS_IOMMU_REQUIRED, settings.iommu),
    )


def _boundary(register: int, inner: list[SipaEvent]) -> Measured:
    event = SipaEvent(sipa.TRUST_BOUNDARY, b"", tuple(inner))
    return Measured(register, EV_EVENT_TAG, encode_sipa([event]))


def _module(path: str) -> SipaEvent:
    digest = hashlib.sha256(path.encode("utf-8")).digest()
    inner = (
        SipaEvent(0x00070001, f"{path}\0".encode("utf-16-le")),
        SipaEvent(0x00070003, (0x800C).to_bytes(4, "little")),
        SipaEvent(0x00070004, digest),
        SipaEvent(0x0007000A, b"\1"),
        SipaEvent(0x0007000B, (1).to_bytes(4, "little")),
    )
    return SipaEvent(sipa.LOADED_MODULE, b"", inner)
