"""Open Enclave wrappings around an SGX quote (spec evidence, 5)."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from typing import Final

from sealwright.errors import EvidenceError
from sealwright.evidence.basis.reader import Field, Reader
from sealwright.evidence.intel.sgx import SgxQuote, parse_quote

REPORT_VERSION: Final = 1
REMOTE: Final = 2
REPORT_HEADER_SIZE: Final = 16
FORMAT_SGX_ECDSA: Final = uuid.UUID("a3a21e87-1b4d-4014-b70a-a125d2fbcd8c")
FORMAT_LEGACY_REPORT: Final = uuid.UUID("c8303454-d923-4c2c-a691-df7def460a76")
FORMAT_RAW_QUOTE: Final = uuid.UUID("1923d91e-12d2-4c72-b220-25cd8dace871")
FORMAT_LOCAL: Final = uuid.UUID("09268c33-6e0b-45e5-8a27-15644d0ef89a")

_EVIDENCE_VERSIONS: Final = (2, 3)
_LOCAL_REPORT: Final = bytes.fromhex("0100000001000000")
_MAX_CLAIMS: Final = 256


@dataclass(frozen=True, slots=True)
class OpenEnclaveReport:
    """A quote behind a report header, or alone."""

    quote: SgxQuote
    header: bytes
    """Empty for a raw quote."""
    fields: tuple[Field, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenEnclaveEvidence:
    """A quote followed by serialised custom claims."""

    quote: SgxQuote
    format: uuid.UUID | None
    """None when the evidence came without its header."""
    claims: tuple[tuple[str, bytes], ...]
    claims_raw: bytes = field(repr=False)
    fields: tuple[Field, ...] = field(repr=False)

    @property
    def binds_claims(self) -> bool:
        """Whether the report data is the claims' digest; the other formats leave it to the enclave.

        Evidence without its header is taken for the ECDSA format, which has such claims.
        """
        return self.format in (None, FORMAT_SGX_ECDSA)

    @property
    def claims_digest(self) -> bytes:
        """What the first half of the report data must be: SHA-256 of the claims as they stand."""
        return hashlib.sha256(self.claims_raw).digest()


def is_report(data: bytes) -> bool:
    """Whether it begins with the header of a remote report."""
    return data[:8] == bytes.fromhex("0100000002000000")


def is_local_report(data: bytes) -> bool:
    """Whether it begins with the header of a report for an enclave on the same machine."""
    return data[:8] == _LOCAL_REPORT


def parse_report(data: bytes, *, base: int = 0) -> OpenEnclaveReport:
    """Read an Open Enclave report, or a raw quote as some clients send it.

    Raises:
        EvidenceError: neither, or the sizes contradict each other.
    """
    if not is_report(data):
        _refuse_local(is_local_report(data), base)
        quote = parse_quote(data, base=base)
        return OpenEnclaveReport(quote, b"", quote.fields)
    reader = Reader(data, base=base)
    reader.number("oe_version", 4)
    reader.number("oe_type", 4)
    size = reader.number("oe_size", 8)
    if size != reader.left:
        raise EvidenceError(
            f"The report header announces {size} bytes, {reader.left} follow.", offset=base + 8
        )
    quote = parse_quote(data[REPORT_HEADER_SIZE:], base=base + REPORT_HEADER_SIZE)
    return OpenEnclaveReport(quote, data[:REPORT_HEADER_SIZE], (*reader.fields, *quote.fields))


def _refuse_local(is_local: bool, offset: int) -> None:  # noqa: FBT001 - reads as a sentence
    if is_local:
        raise EvidenceError(
            "The evidence is local: only an enclave on the same machine can verify it.",
            offset=offset,
            hint="Let the enclave make a remote report.",
        )


def wrap_report(quote: bytes) -> bytes:
    """The quote behind the header of a remote report."""
    numbers = ((REPORT_VERSION, 4), (REMOTE, 4), (len(quote), 8))
    return b"".join(value.to_bytes(size, "little") for value, size in numbers) + quote


def parse_evidence(data: bytes) -> OpenEnclaveEvidence:
    """Read Open Enclave evidence, with or without its header.

    Raises:
        EvidenceError: another version, or the sizes contradict each other.
    """
    if not has_evidence_header(data):
        return _evidence(data, 0, None, ())
    reader = Reader(data)
    version = reader.number("evidence_version", 4)
    kind = uuid.UUID(bytes=reader.take("evidence_format", 16))
    size = reader.number("evidence_size", 8)
    if size != reader.left:
        raise EvidenceError(
            f"The evidence header announces {size} bytes, {reader.left} follow.", offset=20
        )
    _refuse_local(kind == FORMAT_LOCAL, 4)
    announced = _report_header(reader, data, version)
    found = _evidence(data, reader.offset, kind, tuple(reader.fields))
    if announced not in (None, found.quote.size, found.quote.size + len(found.claims_raw)):
        raise EvidenceError(
            f"The report header announces {announced} bytes; the quote has {found.quote.size}.",
            offset=reader.offset - 8,
        )
    return found


def _report_header(reader: Reader, data: bytes, version: int) -> int | None:
    """The size that a report header before the quote announces; None where there is none."""
    start = reader.offset
    if is_report(data[start:]):
        reader.number("oe_version", 4)
        reader.number("oe_type", 4)
        return reader.number("oe_size", 8)
    if version == _EVIDENCE_VERSIONS[0]:
        raise EvidenceError("Evidence of version 2 begins with a report header.", offset=start)
    return None


def has_evidence_header(data: bytes) -> bool:
    """Whether it begins with the header of evidence in one of the known formats."""
    known = (FORMAT_SGX_ECDSA, FORMAT_LEGACY_REPORT, FORMAT_RAW_QUOTE, FORMAT_LOCAL)
    version = int.from_bytes(data[:4], "little")
    return version in _EVIDENCE_VERSIONS and data[4:20] in {item.bytes for item in known}


def _evidence(
    data: bytes, start: int, kind: uuid.UUID | None, fields: tuple[Field, ...]
) -> OpenEnclaveEvidence:
    quote = parse_quote(data[start:], base=start, exact=False)
    rest = start + quote.size
    claims, claim_fields = _custom_claims(data[rest:], rest)
    return OpenEnclaveEvidence(
        quote, kind, claims, data[rest:], (*fields, *quote.fields, *claim_fields)
    )


def _custom_claims(
    data: bytes, base: int
) -> tuple[tuple[tuple[str, bytes], ...], tuple[Field, ...]]:
    if not data:
        return (), ()
    reader = Reader(data, base=base, prefix="custom_claims.")
    version, count = reader.number("version", 8), reader.number("count", 8)
    if version != 1 or count > _MAX_CLAIMS:
        raise EvidenceError("The custom claims are not in a known form.", offset=base)
    claims = []
    for _ in range(count):
        sizes = reader.number("name_size", 8), reader.number("value_size", 8)
        start, name = reader.offset, reader.take("name", sizes[0])
        if name[-1:] != b"\0":
            raise EvidenceError("The name of a custom claim does not end with NUL.", offset=start)
        value = reader.take("value", sizes[1])
        claims.append((name[:-1].decode("utf-8", "replace"), value))
    reader.finish()
    return tuple(claims), tuple(reader.fields)
