"""AMD SEV-SNP attestation report: layout and fields (spec evidence, 6.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sealwright.errors import EvidenceError
from sealwright.evidence.basis.reader import Field, Reader

REPORT_SIZE: Final = 1184
SIGNED_SIZE: Final = 672
KNOWN_VERSIONS: Final = (1, 2, 3, 5)
ECDSA_P384_SHA384: Final = 1
FAMILY_TURIN: Final = 0x1A

_CPUID_SINCE: Final = 3
_MITIGATIONS_SINCE: Final = 5
_GENOA_MODELS: Final = (*range(0x10, 0x20), *range(0xA0, 0xB0))
_FAMILY_ZEN: Final = 0x19


@dataclass(frozen=True, slots=True)
class Tcb:
    """Security versions of one TCB; `raw` keeps the eight bytes as they stood."""

    raw: bytes
    boot_loader: int
    tee: int
    snp: int
    microcode: int
    fmc: int | None = None
    """Only on Turin."""

    def parts(self) -> tuple[int, ...]:
        """For comparing component by component."""
        return (self.fmc or 0, self.boot_loader, self.tee, self.snp, self.microcode)


@dataclass(frozen=True, slots=True)
class SnpReport:
    """A report as the chip signed it."""

    version: int
    guest_svn: int
    policy: int
    family_id: bytes
    image_id: bytes
    vmpl: int
    signature_algorithm: int
    current_tcb: Tcb
    platform_info: int
    key_info: int
    report_data: bytes
    measurement: bytes
    host_data: bytes
    id_key_digest: bytes
    author_key_digest: bytes
    report_id: bytes
    report_id_ma: bytes
    reported_tcb: Tcb
    cpuid: tuple[int, int, int]
    """Family, model, stepping; zeros before version 3."""
    chip_id: bytes
    committed_tcb: Tcb
    current_version: tuple[int, int, int]
    """Major, minor, build."""
    committed_version: tuple[int, int, int]
    launch_tcb: Tcb
    mitigations: tuple[int, int] | None
    """Mitigation vectors at launch and now; since version 5."""
    signature: tuple[int, int]
    """r and s."""
    rest: bytes = field(repr=False)
    """What follows the signature; zeros. Nothing vouches for it."""
    signed: bytes = field(repr=False)
    fields: tuple[Field, ...] = field(repr=False)

    @property
    def debug(self) -> bool:
        """Whether the host may read and change the guest."""
        return bool(self.policy >> 19 & 1)

    @property
    def smt_allowed(self) -> bool:
        """Whether hyper-threading is allowed."""
        return bool(self.policy >> 16 & 1)

    @property
    def migration_allowed(self) -> bool:
        """Whether a migration agent is allowed."""
        return bool(self.policy >> 18 & 1)

    @property
    def chip_masked(self) -> bool:
        """Whether the chip keeps its id to itself."""
        return bool(self.key_info >> 1 & 1)

    @property
    def signing_key(self) -> int:
        """0 VCEK, 1 VLEK, 7 none."""
        return self.key_info >> 2 & 7

    @property
    def product(self) -> str:
        """`Milan`, `Genoa` or `Turin` by the processor's own words; empty when it says nothing."""
        family, model, _ = self.cpuid
        if family == FAMILY_TURIN:
            return "Turin"
        if family != _FAMILY_ZEN:
            return ""
        return "Genoa" if model in _GENOA_MODELS else "Milan"


def parse_snp_report(data: bytes, *, base: int = 0) -> SnpReport:
    """Read a report of exactly 1184 bytes.

    Raises:
        EvidenceError: another length, version or signature algorithm.
    """
    if len(data) != REPORT_SIZE:
        raise EvidenceError(
            f"An SNP report has {REPORT_SIZE} bytes; this has {len(data)}.", offset=base
        )
    version = int.from_bytes(data[:4], "little")
    if version not in KNOWN_VERSIONS:
        raise EvidenceError(f"The SNP report's version {version} is not known.", offset=base)
    algorithm = int.from_bytes(data[52:56], "little")
    if algorithm != ECDSA_P384_SHA384:
        raise EvidenceError(
            f"The SNP report's signature algorithm {algorithm} is not known.", offset=base + 52
        )
    turin = version >= _CPUID_SINCE and data[392] == FAMILY_TURIN
    return _report(Reader(data, base=base), data, turin=turin)


def _report(reader: Reader, data: bytes, *, turin: bool) -> SnpReport:
    number, take = reader.number, reader.take
    return SnpReport(
        version=number("version", 4),
        guest_svn=number("guest_svn", 4),
        policy=number("policy", 8),
        family_id=take("family_id", 16),
        image_id=take("image_id", 16),
        vmpl=number("vmpl", 4),
        signature_algorithm=number("signature_algorithm", 4),
        current_tcb=_tcb(take("current_tcb", 8), turin=turin),
        platform_info=number("platform_info", 8),
        key_info=number("key_info", 4),
        report_data=_after(reader, 4, "report_data", 64),
        measurement=take("measurement", 48),
        host_data=take("host_data", 32),
        id_key_digest=take("id_key_digest", 48),
        author_key_digest=take("author_key_digest", 48),
        report_id=take("report_id", 32),
        report_id_ma=take("report_id_ma", 32),
        reported_tcb=_tcb(take("reported_tcb", 8), turin=turin),
        cpuid=(number("cpuid_family", 1), number("cpuid_model", 1), number("cpuid_stepping", 1)),
        chip_id=_after(reader, 21, "chip_id", 64),
        committed_tcb=_tcb(take("committed_tcb", 8), turin=turin),
        current_version=_version(reader, "current"),
        committed_version=_version(reader, "committed"),
        launch_tcb=_tcb(_after(reader, 1, "launch_tcb", 8), turin=turin),
        mitigations=_mitigations(reader, data[0]),
        signature=_signature(reader),
        rest=reader.take("reserved_816", 368),
        signed=data[:SIGNED_SIZE],
        fields=tuple(reader.fields),
    )


def _skipped(reader: Reader, size: int) -> Reader:
    if size:
        reader.take(f"reserved_{reader.offset}", size)
    return reader


def _after(reader: Reader, reserved: int, name: str, size: int) -> bytes:
    return _skipped(reader, reserved).take(name, size)


def _version(reader: Reader, name: str) -> tuple[int, int, int]:
    """Stored as build, minor, major, and a reserved byte before the next triple."""
    build, minor, major = reader.take(f"{name}_version", 3)
    if name == "current":
        _skipped(reader, 1)
    return major, minor, build


def _mitigations(reader: Reader, version: int) -> tuple[int, int] | None:
    if version < _MITIGATIONS_SINCE:
        _skipped(reader, 168)
        return None
    found = reader.number("launch_mitigations", 8), reader.number("current_mitigations", 8)
    _skipped(reader, 152)
    return found


def _signature(reader: Reader) -> tuple[int, int]:
    return reader.number("signature_r", 72), reader.number("signature_s", 72)


def _tcb(raw: bytes, *, turin: bool) -> Tcb:
    if turin:
        return Tcb(raw, boot_loader=raw[1], tee=raw[2], snp=raw[3], microcode=raw[7], fmc=raw[0])
    return Tcb(raw, boot_loader=raw[0], tee=raw[1], snp=raw[6], microcode=raw[7])
