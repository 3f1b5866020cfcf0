"""VBS enclave reports: package header, report, modules, signature (Windows SDK, ntenclv.h)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sealwright.errors import EvidenceError
from sealwright.evidence.basis.reader import Field, Reader

PACKAGE_VERSION: Final = 1
REPORT_VERSION: Final = 1
SCHEME_RSA_PSS: Final = 1
"""RSA-PSS with SHA-256."""
FLAG_FULL_DEBUG: Final = 1
FLAG_DYNAMIC_DEBUG: Final = 2

_HEADER: Final = 20
_IDENTITY: Final = (
    ("owner_id", 32),
    ("unique_id", 32),
    ("author_id", 32),
    ("family_id", 16),
    ("image_id", 16),
)
_NUMBERS: Final = (
    "enclave_svn",
    "secure_kernel_svn",
    "platform_svn",
    "flags",
    "signing_level",
    "enclave_type",
)
_VARIABLE_MODULE: Final = 1
_MAX_MODULES: Final = 64
_MODULE_SIZE: Final = 8 + 32 + 32 + 16 + 16 + 4


@dataclass(frozen=True, slots=True)
class VbsModule:
    """A module in the enclave beside the primary one."""

    unique_id: bytes
    author_id: bytes
    family_id: bytes
    image_id: bytes
    svn: int
    name: str


@dataclass(frozen=True, slots=True)
class VbsReport:
    """What the secure kernel reports about an enclave."""

    enclave_data: bytes
    """64 bytes that the enclave chose."""
    owner_id: bytes
    unique_id: bytes
    author_id: bytes
    family_id: bytes
    image_id: bytes
    enclave_svn: int
    secure_kernel_svn: int
    platform_svn: int
    flags: int
    signing_level: int
    enclave_type: int
    modules: tuple[VbsModule, ...]
    signature_scheme: int
    signature: bytes = field(repr=False)
    signed: bytes = field(repr=False)
    """The report with its modules, which the identity key signed."""
    fields: tuple[Field, ...] = field(repr=False)

    @property
    def debug(self) -> bool:
        """Whether the enclave can be debugged."""
        return bool(self.flags & (FLAG_FULL_DEBUG | FLAG_DYNAMIC_DEBUG))


def is_vbs_report(data: bytes) -> bool:
    """Whether it begins as a package of an enclave report does."""
    numbers = [int.from_bytes(data[at : at + 4], "little") for at in (0, 4, 8)]
    return len(data) > _HEADER and numbers == [len(data), PACKAGE_VERSION, SCHEME_RSA_PSS]


def parse_vbs_report(data: bytes) -> VbsReport:
    """Read an enclave report in its package.

    Raises:
        EvidenceError: another version or scheme, cut off, or its sizes contradict each other.
    """
    reader = Reader(data)
    scheme, signature_size = _package(reader, len(data))
    body = reader.offset
    report_size = reader.number("report_size", 4)
    end = body + report_size
    if end + signature_size != len(data):
        raise EvidenceError(
            f"Report and signature announce {report_size + signature_size} bytes; "
            f"{len(data) - body} are there.",
            offset=body,
        )
    report_version = reader.number("report_version", 4)
    if report_version != REPORT_VERSION:
        raise EvidenceError(f"The report is of unknown version {report_version}.", offset=body + 4)
    number, take = reader.number, reader.take
    return VbsReport(
        enclave_data=take("enclave_data", 64),
        owner_id=take("owner_id", 32),
        unique_id=take("unique_id", 32),
        author_id=take("author_id", 32),
        family_id=take("family_id", 16),
        image_id=take("image_id", 16),
        enclave_svn=number("enclave_svn", 4),
        secure_kernel_svn=number("secure_kernel_svn", 4),
        platform_svn=number("platform_svn", 4),
        flags=number("flags", 4),
        signing_level=number("signing_level", 4),
        enclave_type=number("enclave_type", 4),
        modules=_modules(reader, end),
        signature_scheme=scheme,
        signature=take("signature", signature_size),
        signed=data[body:end],
        fields=tuple(reader.fields),
    )


def _package(reader: Reader, length: int) -> tuple[int, int]:
    """Read the header around a report; the scheme and size of its signature."""
    size, version = reader.number("package_size", 4), reader.number("package_version", 4)
    scheme = reader.number("signature_scheme", 4)
    signature_size = reader.number("signature_size", 4)
    if size != length:
        raise EvidenceError(f"The package announces {size} bytes; it has {length}.", offset=0)
    if version != PACKAGE_VERSION:
        raise EvidenceError(f"The package is of unknown version {version}.", offset=4)
    if scheme != SCHEME_RSA_PSS:
        raise EvidenceError(f"The signature scheme {scheme} is not known.", offset=8)
    if any(reader.take("reserved", 4)):
        raise EvidenceError("The reserved bytes of the package are not zero.", offset=16)
    return scheme, signature_size


def _modules(reader: Reader, end: int) -> tuple[VbsModule, ...]:
    found: list[VbsModule] = []
    while reader.offset < end:
        start = reader.offset
        kind, size = reader.number("module_type", 4), reader.number("module_size", 4)
        if kind != _VARIABLE_MODULE or size < _MODULE_SIZE or start + size > end:
            raise EvidenceError("A module of the report is not in its form.", offset=start)
        if len(found) == _MAX_MODULES:
            raise EvidenceError("The report names too many modules.", offset=start)
        octets = {name: reader.take(f"module_{name}", n) for name, n in _IDENTITY[1:]}
        svn = reader.number("module_svn", 4)
        name = reader.take("module_name", size - _MODULE_SIZE)
        words = name.decode("utf-16-le", "replace").rstrip("\0")
        found.append(VbsModule(**octets, svn=svn, name=words))
    return tuple(found)


def encode_vbs_report(report: VbsReport) -> bytes:
    """The report that is signed, without its package."""
    modules = b"".join(_encode_module(module) for module in report.modules)
    octets = b"".join(getattr(report, name).ljust(size, b"\0") for name, size in _IDENTITY)
    numbers = b"".join(getattr(report, name).to_bytes(4, "little") for name in _NUMBERS)
    body = REPORT_VERSION.to_bytes(4, "little") + report.enclave_data + octets + numbers + modules
    return (len(body) + 4).to_bytes(4, "little") + body


def _encode_module(module: VbsModule) -> bytes:
    octets = b"".join(getattr(module, name).ljust(size, b"\0") for name, size in _IDENTITY[1:])
    content = octets + module.svn.to_bytes(4, "little") + module.name.encode("utf-16-le") + b"\0\0"
    return (1).to_bytes(4, "little") + (len(content) + 8).to_bytes(4, "little") + content


def package(signed: bytes, signature: bytes) -> bytes:
    """A signed report in its package."""
    size = _HEADER + len(signed) + len(signature)
    numbers = (size, PACKAGE_VERSION, SCHEME_RSA_PSS, len(signature), 0)
    return b"".join(number.to_bytes(4, "little") for number in numbers) + signed + signature
