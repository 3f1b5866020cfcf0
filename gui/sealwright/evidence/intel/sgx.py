"""SGX quote v3 with an ECDSA-P256 key: layout and fields (spec evidence, 2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sealwright.errors import EvidenceError
from sealwright.evidence.basis.reader import Field, Reader

QUOTE_VERSION: Final = 3
KEY_TYPE_P256: Final = 2
INTEL_QE_VENDOR: Final = bytes.fromhex("939a7233f79c4ca9940a0db3957f0607")
HEADER_SIZE: Final = 48
BODY_SIZE: Final = 384
SIGNED_SIZE: Final = HEADER_SIZE + BODY_SIZE
CERTIFICATION_PCK_CHAIN: Final = 5
CERTIFICATION_NAMES: Final = {
    1: "PPID, plain",
    2: "PPID, encrypted with RSA-2048",
    3: "PPID, encrypted with RSA-3072",
    4: "PCK certificate",
    5: "PCK certificate chain, PEM",
    6: "quoting enclave's report and its certification",
    7: "platform manifest",
}

FLAG_INIT: Final = 1 << 0
FLAG_DEBUG: Final = 1 << 1
FLAG_MODE64: Final = 1 << 2
FLAG_PROVISION_KEY: Final = 1 << 4


@dataclass(frozen=True, slots=True)
class ReportBody:
    """What an enclave reports about itself; hex values of the wire are bytes here."""

    mrenclave: bytes
    mrsigner: bytes
    isv_prod_id: int
    isv_svn: int
    report_data: bytes
    flags: int = FLAG_INIT | FLAG_MODE64
    xfrm: int = 7
    cpu_svn: bytes = bytes(16)
    misc_select: int = 0
    isv_ext_prod_id: bytes = bytes(16)
    config_id: bytes = bytes(64)
    config_svn: int = 0
    isv_family_id: bytes = bytes(16)

    @property
    def debug(self) -> bool:
        """Whether the enclave can be debugged, so that nothing in it is secret."""
        return bool(self.flags & FLAG_DEBUG)


@dataclass(frozen=True, slots=True)
class SignatureData:
    """How a quote is vouched for: its signature, its key, and who answers for the key."""

    signature: bytes = field(repr=False)
    """r and s, 32 bytes each, big-endian."""
    attestation_key: bytes = field(repr=False)
    """x and y, 32 bytes each."""
    qe_report: ReportBody
    qe_report_raw: bytes = field(repr=False)
    qe_report_signature: bytes = field(repr=False)
    qe_auth_data: bytes = field(repr=False)
    certification_type: int
    certification_data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SgxQuote:
    """A quote and the bytes that its signature covers."""

    version: int
    key_type: int
    qe_svn: int
    pce_svn: int
    qe_vendor_id: bytes
    user_data: bytes
    body: ReportBody
    signed: bytes = field(repr=False)
    """Header and body, which the attestation key signed."""
    auth: SignatureData
    size: int
    """Bytes of the quote, without what may follow it."""
    fields: tuple[Field, ...] = field(repr=False)


def _report_body(reader: Reader) -> ReportBody:
    cpu_svn = reader.take("cpu_svn", 16)
    misc_select = reader.number("misc_select", 4)
    reader.take("reserved1", 12)
    ext_prod_id = reader.take("isv_ext_prod_id", 16)
    flags, xfrm = reader.number("flags", 8), reader.number("xfrm", 8)
    mrenclave = reader.take("mrenclave", 32)
    reader.take("reserved2", 32)
    mrsigner = reader.take("mrsigner", 32)
    reader.take("reserved3", 32)
    config_id = reader.take("config_id", 64)
    prod_id, svn = reader.number("isv_prod_id", 2), reader.number("isv_svn", 2)
    config_svn = reader.number("config_svn", 2)
    reader.take("reserved4", 42)
    family_id = reader.take("isv_family_id", 16)
    return ReportBody(
        mrenclave=mrenclave,
        mrsigner=mrsigner,
        isv_prod_id=prod_id,
        isv_svn=svn,
        report_data=reader.take("report_data", 64),
        flags=flags,
        xfrm=xfrm,
        cpu_svn=cpu_svn,
        misc_select=misc_select,
        isv_ext_prod_id=ext_prod_id,
        config_id=config_id,
        config_svn=config_svn,
        isv_family_id=family_id,
    )


def encode_report_body(body: ReportBody) -> bytes:
    """The 384 bytes of a report body."""
    parts = (
        body.cpu_svn,
        body.misc_select.to_bytes(4, "little"),
        bytes(12),
        body.isv_ext_prod_id,
        body.flags.to_bytes(8, "little"),
        body.xfrm.to_bytes(8, "little"),
        body.mrenclave,
        bytes(32),
        body.mrsigner,
        bytes(32),
        body.config_id,
        body.isv_prod_id.to_bytes(2, "little"),
        body.isv_svn.to_bytes(2, "little"),
        body.config_svn.to_bytes(2, "little"),
        bytes(42),
        body.isv_family_id,
        body.report_data,
    )
    return b"".join(parts)


def parse_quote(data: bytes, *, base: int = 0, exact: bool = True) -> SgxQuote:
    """Read a quote.

    Args:
        data: the quote, and nothing before it.
        base: offset of `data` in the whole evidence, for fields and errors.
        exact: refuse bytes after the quote.

    Raises:
        EvidenceError: not a v3 ECDSA-P256 quote, cut off, or its sizes contradict each other.
    """
    reader = Reader(data, base=base)
    version, key_type = _kind(reader)
    reader.take("reserved", 4)
    qe_svn, pce_svn = reader.number("qe_svn", 2), reader.number("pce_svn", 2)
    vendor, user_data = reader.take("qe_vendor_id", 16), reader.take("user_data", 20)
    body, _ = _nested_body(reader, "body")
    auth = _signature_data(reader)
    if exact:
        reader.finish()
    return SgxQuote(
        version=version,
        key_type=key_type,
        qe_svn=qe_svn,
        pce_svn=pce_svn,
        qe_vendor_id=vendor,
        user_data=user_data,
        body=body,
        signed=data[:SIGNED_SIZE],
        auth=auth,
        size=reader.offset - base,
        fields=tuple(reader.fields),
    )


def _kind(reader: Reader) -> tuple[int, int]:
    start = reader.offset
    version, key_type = reader.number("version", 2), reader.number("key_type", 2)
    if version != QUOTE_VERSION:
        raise EvidenceError(f"This is not an SGX quote v3: its version is {version}.", offset=start)
    if key_type != KEY_TYPE_P256:
        raise EvidenceError(
            f"The quote's key type is {key_type}; only ECDSA P-256 (2) is known.", offset=start + 2
        )
    return version, key_type


def _nested_body(reader: Reader, name: str) -> tuple[ReportBody, bytes]:
    base = reader.offset
    raw = reader.take(name, BODY_SIZE)
    inner = Reader(raw, base=base, prefix=f"{name}.")
    body = _report_body(inner)
    reader.fields.extend(inner.fields)
    return body, raw


def _signature_data(reader: Reader) -> SignatureData:
    size = reader.number("signature_data_size", 4)
    base = reader.offset
    inner = Reader(reader.take("signature_data", size), base=base)
    signature, key = inner.take("signature", 64), inner.take("attestation_key", 64)
    auth = read_qe_certification(inner, signature, key)
    inner.finish()
    reader.fields.extend(inner.fields)
    return auth


def read_qe_certification(inner: Reader, signature: bytes, key: bytes) -> SignatureData:
    """Read who answers for the attestation key, which TD quotes bring in the same form.

    Raises:
        EvidenceError: cut off.
    """
    qe_report, qe_report_raw = _nested_body(inner, "qe_report")
    qe_signature = inner.take("qe_report_signature", 64)
    auth_data = inner.take("qe_auth_data", inner.number("qe_auth_data_size", 2))
    kind = inner.number("certification_type", 2)
    certification = inner.take("certification_data", inner.number("certification_size", 4))
    return SignatureData(
        signature=signature,
        attestation_key=key,
        qe_report=qe_report,
        qe_report_raw=qe_report_raw,
        qe_report_signature=qe_signature,
        qe_auth_data=auth_data,
        certification_type=kind,
        certification_data=certification,
    )
