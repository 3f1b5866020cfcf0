"""The VBS report of a virtual machine inside an HCL report (spec evidence, 7.3).

Its signature is not judged: the secure kernel of the host makes it, whose boot log and identity key
the guest never sees, and which bytes it covers is not public.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sealwright.evidence.basis.checks import Check, judge, skip, warn
from sealwright.evidence.basis.reader import Field, Reader

SIZE: Final = 0x230
DEBUG: Final = 1 << 0
_SIGNATURE: Final = 256
_NOT_JUDGED: Final = (
    "the host's secure kernel signed it with a key that no guest can prove; the values say only "
    "what the paravisor wrote"
)


@dataclass(frozen=True, slots=True)
class VbsVmReport:
    """What the hypervisor reports about a virtual machine."""

    package_size: int
    package_version: int
    signature_scheme: int
    signature_size: int
    version: int
    report_data: bytes
    owner_id: bytes
    measurement: bytes
    signer: bytes
    host_data: bytes
    enabled_vtls: int
    """Bitmap of virtual trust levels."""
    policy: int
    guest_vtl: int
    svn: int
    product_id: int
    module_id: int
    signature: bytes = field(repr=False)
    fields: tuple[Field, ...] = field(repr=False)

    @property
    def debug(self) -> bool:
        """Whether the machine can be debugged."""
        return bool(self.policy & DEBUG)


def parse_vbs_vm(data: bytes, *, base: int = 0) -> VbsVmReport:
    """Read the report.

    Raises:
        EvidenceError: cut off.
    """
    reader = Reader(data[:SIZE], base=base)
    number, take = reader.number, reader.take
    package = [number(name, 4) for name in ("package_size", "package_version")]
    scheme, signature_size = number("signature_scheme", 4), number("signature_size", 4)
    take("reserved1", 4)
    version, report_data = number("version", 4), take("report_data", 64)
    identity = [take(name, 32) for name in ("owner_id", "measurement", "signer", "host_data")]
    names = ("enabled_vtls", "policy", "guest_vtl", "svn", "product_id", "module_id")
    numbers = {name: number(name, 4) for name in names}
    take("reserved2", 64)
    signature = take("signature", 256)
    return VbsVmReport(
        package_size=package[0],
        package_version=package[1],
        signature_scheme=scheme,
        signature_size=signature_size,
        version=version,
        report_data=report_data,
        owner_id=identity[0],
        measurement=identity[1],
        signer=identity[2],
        host_data=identity[3],
        **numbers,
        signature=signature,
        fields=tuple(reader.fields),
    )


def vbs_vm_checks(report: VbsVmReport) -> tuple[Check, ...]:
    """What can be said of a report, and that its signature is left open."""
    sizes = (report.package_size, report.signature_size)
    package = judge("structure.package", "Sizes of the VBS report's package", passed=True)
    if sizes != (SIZE, _SIGNATURE):
        words = f"The package announces {sizes[0]} bytes, {sizes[1]} of them the signature's."
        package = warn(package.id, package.title, words, expected=f"{SIZE}, {_SIGNATURE}")
    debug = judge("policy-bits", "Guest cannot be debugged", passed=True)
    if report.debug:
        debug = warn(debug.id, debug.title, "The host may read and change the guest.")
    return (package, skip("signature", "Hardware report signed", _NOT_JUDGED), debug)
