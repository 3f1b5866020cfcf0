"""TDX quotes v4 and v5: layout and fields (spec evidence, 3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sealwright.errors import EvidenceError
from sealwright.evidence.basis.reader import Field, Reader
from sealwright.evidence.intel.sgx import (
    CERTIFICATION_NAMES,
    KEY_TYPE_P256,
    SignatureData,
    read_qe_certification,
)

HEADER_SIZE: Final = 48
TEE_TDX: Final = 0x81
BODY_SIZES: Final = {2: 584, 3: 648}
CERTIFICATION_QE_REPORT: Final = 6

ATTRIBUTE_DEBUG: Final = 1 << 0
ATTRIBUTE_SEPT_VE_DISABLE: Final = 1 << 28
ATTRIBUTE_MIGRATABLE: Final = 1 << 29
ATTRIBUTE_PROTECTION_KEYS: Final = 1 << 30
ATTRIBUTE_KEY_LOCKER: Final = 1 << 31
ATTRIBUTE_PERFMON: Final = 1 << 63

_V4: Final = 4
_V5: Final = 5
_TD_1_0: Final = 2
_TD_1_5: Final = 3


@dataclass(frozen=True, slots=True)
class TdReport:
    """What a trust domain reports about itself, in the order of the wire."""

    tee_tcb_svn: bytes
    mrseam: bytes
    mrsignerseam: bytes
    seam_attributes: bytes
    td_attributes: bytes
    xfam: bytes
    mrtd: bytes
    mrconfigid: bytes
    mrowner: bytes
    mrownerconfig: bytes
    rtmr0: bytes
    rtmr1: bytes
    rtmr2: bytes
    rtmr3: bytes
    report_data: bytes
    tee_tcb_svn_2: bytes = b""
    """Only in reports 1.5."""
    mrservicetd: bytes = b""
    """Only in reports 1.5."""

    def has(self, attribute: int) -> bool:
        """Whether one of the ATTRIBUTE_ bits is set."""
        return bool(int.from_bytes(self.td_attributes, "little") & attribute)

    @property
    def debug(self) -> bool:
        """Whether the host may read and change the TD."""
        return self.has(ATTRIBUTE_DEBUG)


TD_INFO: Final = (
    ("td_attributes", 8),
    ("xfam", 8),
    ("mrtd", 48),
    ("mrconfigid", 48),
    ("mrowner", 48),
    ("mrownerconfig", 48),
    ("rtmr0", 48),
    ("rtmr1", 48),
    ("rtmr2", 48),
    ("rtmr3", 48),
)
"""What quotes and the processor's own reports say about a TD, in one order."""
_LAYOUT: Final = (
    ("tee_tcb_svn", 16),
    ("mrseam", 48),
    ("mrsignerseam", 48),
    ("seam_attributes", 8),
    *TD_INFO,
    ("report_data", 64),
)
_LAYOUT_1_5: Final = (("tee_tcb_svn_2", 16), ("mrservicetd", 48))


@dataclass(frozen=True, slots=True)
class TdxQuote:
    """A TD quote and the bytes that its signature covers."""

    version: int
    key_type: int
    qe_vendor_id: bytes
    user_data: bytes
    body_type: int
    """2 for report 1.0, 3 for 1.5; version 4 has no other than 2."""
    body: TdReport
    signed: bytes = field(repr=False)
    """Header and body, which the attestation key signed."""
    auth: SignatureData
    size: int
    """Bytes of the quote, without the padding after it."""
    padding: bytes = field(repr=False)
    """What follows the quote in a fixed buffer; zeros as a rule. Nothing vouches for it."""
    raw: bytes = field(repr=False)
    fields: tuple[Field, ...] = field(repr=False)


def parse_tdx_quote(data: bytes, *, base: int = 0) -> TdxQuote:
    """Read a TD quote; what follows it pads a fixed buffer.

    Raises:
        EvidenceError: not a TD quote v4 or v5, cut off, or its sizes contradict each other.
    """
    reader = Reader(data, base=base)
    version, key_type = _kind(reader)
    reader.take("reserved", 4)
    vendor, user_data = reader.take("qe_vendor_id", 16), reader.take("user_data", 20)
    body_type = _body_type(reader) if version == _V5 else _TD_1_0
    body = _body(reader, body_type)
    signed = data[: reader.offset - base]
    auth = _signature_data(reader)
    size = reader.offset - base
    return TdxQuote(
        version=version,
        key_type=key_type,
        qe_vendor_id=vendor,
        user_data=user_data,
        body_type=body_type,
        body=body,
        signed=signed,
        auth=auth,
        size=size,
        padding=data[size:],
        raw=data,
        fields=tuple(reader.fields),
    )


def _kind(reader: Reader) -> tuple[int, int]:
    start = reader.offset
    version, key_type = reader.number("version", 2), reader.number("key_type", 2)
    tee = reader.number("tee_type", 4)
    if version not in (_V4, _V5):
        raise EvidenceError(
            f"This is not a TDX quote v4 or v5: its version is {version}.", offset=start
        )
    if key_type != KEY_TYPE_P256:
        raise EvidenceError(
            f"The quote's key type is {key_type}; only ECDSA P-256 (2) is known.", offset=start + 2
        )
    if tee != TEE_TDX:
        raise EvidenceError(f"The quote is of another TEE ({tee:#x}), not TDX.", offset=start + 4)
    return version, key_type


def _body_type(reader: Reader) -> int:
    start = reader.offset
    kind, size = reader.number("body_type", 2), reader.number("body_size", 4)
    if BODY_SIZES.get(kind) != size:
        raise EvidenceError(
            f"The quote announces a body of type {kind} with {size} bytes; "
            "known are a TD report 1.0 (2, 584 bytes) and 1.5 (3, 648 bytes).",
            offset=start,
        )
    return kind


def _body(reader: Reader, kind: int) -> TdReport:
    base = reader.offset
    raw = reader.take("body", BODY_SIZES[kind])
    inner = Reader(raw, base=base, prefix="body.")
    layout = (*_LAYOUT, *_LAYOUT_1_5) if kind == _TD_1_5 else _LAYOUT
    values = {name: inner.take(name, size) for name, size in layout}
    reader.fields.extend(inner.fields)
    return TdReport(**values)


def encode_td_report(body: TdReport, kind: int) -> bytes:
    """The bytes of a report of type 2 (1.0) or 3 (1.5)."""
    layout = (*_LAYOUT, *_LAYOUT_1_5) if kind == _TD_1_5 else _LAYOUT
    parts = []
    for name, size in layout:
        value = getattr(body, name)
        parts.append(bytes(value).ljust(size, b"\0"))
    return b"".join(parts)


def _signature_data(reader: Reader) -> SignatureData:
    size = reader.number("signature_data_size", 4)
    base = reader.offset
    inner = Reader(reader.take("signature_data", size), base=base)
    signature, key = inner.take("signature", 64), inner.take("attestation_key", 64)
    start = inner.offset
    kind = inner.number("outer_certification_type", 2)
    if kind != CERTIFICATION_QE_REPORT:
        raise EvidenceError(
            f"The quote brings certification data of type {kind} "
            f"({CERTIFICATION_NAMES.get(kind, 'not known')}); "
            "a quoting enclave's report (6) was expected.",
            offset=start,
        )
    outer = inner.number("outer_certification_size", 4)
    if outer != inner.left:
        raise EvidenceError(
            f"The certification data announces {outer} bytes, {inner.left} follow.",
            offset=start + 2,
        )
    auth = read_qe_certification(inner, signature, key)
    inner.finish()
    reader.fields.extend(inner.fields)
    return auth
