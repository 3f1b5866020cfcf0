"""HCL report of an Azure confidential VM: layout and runtime claims (spec evidence, 7.1 and 7.2).

The hardware vouches for the runtime claims through its report data, and the claims name the key of
the virtual TPM.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

from sealwright.errors import EvidenceError
from sealwright.evidence.amd.snp import SnpReport, parse_snp_report
from sealwright.evidence.basis.document import Document, read_document
from sealwright.evidence.basis.reader import Field, Reader

MAGIC: Final = b"HCLA"
TYPE_VBS: Final = 1
TYPE_SNP: Final = 2
TYPE_TRUSTED_LAUNCH: Final = 3
TYPE_TDX: Final = 4
ATTESTATION_KEY: Final = "HCLAkPub"
HARDWARE_AT: Final = 32
"""Offset of the hardware's report."""
DATA_VERSION: Final = 1
"""Of the runtime data in all reports that were seen. Others are read, since the sizes tell the
layout; but they are never valid, since nothing vouches for this field."""

_VERSIONS: Final = (1, 2)
_REQUEST_TYPES: Final = (1, 2, 3)
_HARDWARE_SIZE: Final = 1184
_DATAHARDWARE_AT: Final = 20
_TD_REPORT_SIZE: Final = 1024
_REPORT_DATA_AT: Final = {TYPE_SNP: 80, TYPE_TDX: 128, TYPE_VBS: 24}
_HASHES: Final = {1: "sha256", 2: "sha384", 3: "sha512"}


@dataclass(frozen=True, slots=True)
class HclReport:
    """What the paravisor keeps in the virtual TPM about the machine below it."""

    version: int
    report_size: int
    request_type: int
    """1 key release, 2 attestation key certificate, 3 wrapped key."""
    status: int
    data_version: int
    report_type: int
    """1 VBS, 2 SNP, 3 Trusted Launch, 4 TDX."""
    hash_type: int
    hardware: bytes = field(repr=False)
    """The report of the hardware, without the rest of its area."""
    snp: SnpReport | None
    claims_raw: bytes = field(repr=False)
    """What the report data is the hash of."""
    claims: Document = field(repr=False)
    padding: bytes = field(repr=False)
    """What follows in the NV area; zeros as a rule."""
    fields: tuple[Field, ...] = field(repr=False)

    @property
    def report_data(self) -> bytes:
        """The 64 bytes that the hardware vouches for; empty when no hardware does."""
        at = _REPORT_DATA_AT.get(self.report_type)
        return b"" if at is None else self.hardware[at : at + 64]

    @property
    def claims_digest(self) -> bytes:
        """What the report data must begin with."""
        return hashlib.new(_HASHES[self.hash_type], self.claims_raw).digest()

    def key(self, kid: str = ATTESTATION_KEY) -> tuple[int, int] | None:
        """Modulus and exponent of a key in the claims; None when there is no such RSA key.

        Raises:
            EvidenceError: the claims are not in their known form.
        """
        found = [
            item
            for item in self.claims.documents("keys")
            if item.text("kid") == kid and item.text("kty") == "RSA"
        ]
        if len(found) != 1:
            return None
        modulus, exponent = (int.from_bytes(found[0].base64(name), "big") for name in ("n", "e"))
        return modulus, exponent


def parse_hcl_report(data: bytes) -> HclReport:
    """Read an HCL report, with or without the rest of its NV area.

    Raises:
        EvidenceError: not one, cut off, or its sizes contradict each other.
    """
    reader = Reader(data)
    if reader.take("signature", 4) != MAGIC:
        raise EvidenceError("This is not an HCL report: it does not begin with HCLA.", offset=0)
    version, report_size = reader.number("version", 4), reader.number("report_size", 4)
    if version not in _VERSIONS:
        raise EvidenceError(f"The HCL report is of unknown version {version}.", offset=4)
    request_type, status = reader.number("request_type", 4), reader.number("status", 4)
    if request_type not in _REQUEST_TYPES or any(reader.take("reserved", 12)):
        raise EvidenceError("The header of the HCL report is of no known form.", offset=12)
    area = reader.take("hardware_report", _HARDWARE_SIZE)
    start = reader.offset
    size, data_version = reader.number("data_size", 4), reader.number("data_version", 4)
    report_type, hash_type = reader.number("report_type", 4), reader.number("hash_type", 4)
    variable = reader.number("variable_data_size", 4)
    _check_sizes(report_size, size, variable, start)
    hardware = _hardware(area, report_type, hash_type, start + 8)
    raw = reader.take("variable_data", variable)
    return HclReport(
        version=version,
        report_size=report_size,
        request_type=request_type,
        status=status,
        data_version=data_version,
        report_type=report_type,
        hash_type=hash_type,
        hardware=hardware,
        snp=parse_snp_report(area, base=HARDWARE_AT) if report_type == TYPE_SNP else None,
        claims_raw=raw,
        claims=read_document(raw, "runtime claims"),
        padding=data[reader.offset :],
        fields=tuple(reader.fields),
    )


def _check_sizes(report: int, size: int, variable: int, start: int) -> None:
    if size != variable + _DATAHARDWARE_AT:
        raise EvidenceError(
            f"The runtime data announces {size} bytes, but {variable} of content.", offset=start
        )
    if report != HARDWARE_AT + _HARDWARE_SIZE + size:
        raise EvidenceError(
            f"The header announces {report} bytes, the parts have "
            f"{HARDWARE_AT + _HARDWARE_SIZE + size}.",
            offset=8,
        )


def _hardware(area: bytes, report_type: int, hash_type: int, offset: int) -> bytes:
    sizes = {TYPE_VBS: 0x230, TYPE_SNP: _HARDWARE_SIZE, TYPE_TDX: _TD_REPORT_SIZE}
    if report_type != TYPE_TRUSTED_LAUNCH and report_type not in sizes:
        raise EvidenceError(f"The hardware report is of unknown type {report_type}.", offset=offset)
    if hash_type not in _HASHES:
        raise EvidenceError(f"The hash {hash_type} is not known.", offset=offset + 4)
    return area[: sizes.get(report_type, 0)]
