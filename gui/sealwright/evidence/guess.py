"""Tells the kind of evidence by its content."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from sealwright.errors import EvidenceError
from sealwright.evidence.amd.snp import REPORT_SIZE
from sealwright.evidence.azure.hcl import MAGIC as HCL_MAGIC
from sealwright.evidence.azure.vbs import is_vbs_report
from sealwright.evidence.basis.document import bounded, read_document
from sealwright.evidence.examination import Kind
from sealwright.evidence.intel.open_enclave import has_evidence_header, is_local_report, is_report
from sealwright.evidence.intel.sgx import INTEL_QE_VENDOR
from sealwright.evidence.intel.tdx import TEE_TDX
from sealwright.evidence.kinds.amd import is_endorsement
from sealwright.evidence.kinds.tpm import is_event_log
from sealwright.evidence.tpm.tpm_quote import is_quote

if TYPE_CHECKING:
    from collections.abc import Sequence

_MEMBERS: Final = {
    "SnpReport": Kind.SNP_ACI,
    "TpmInfo": Kind.AZURE_GUEST,
    "AttestationInfo": Kind.AZURE_GUEST,
    "attestationInfo": Kind.AZURE_GUEST,
    "tcbInfo": Kind.COLLATERAL,
    "enclaveIdentity": Kind.COLLATERAL,
    "tcb_info": Kind.COLLATERAL,
    "qe_identity": Kind.COLLATERAL,
    "tpm_quote": Kind.TPM_QUOTE,
    "message": Kind.TPM_QUOTE,
}
_REPORT_DATA: Final = slice(368, 400)
"""What a quote's report data begin with."""
_NO_CLAIMS: Final = sha256(b"").digest()
_ECDSA_P384: Final = 1
_FIRST_MEMBER: Final = re.compile(rb'\s*\{\s*"(\w+)"')
_TOKEN_START: Final = b"eyJ"
"""How the Base64 of a JSON object begins."""


def guess(data: bytes, companions: Sequence[bytes] = ()) -> Kind:
    """The kind of evidence, by its first bytes and by what came beside it.

    Raises:
        EvidenceError: it begins like none, or is larger than any.
    """
    kind = _json(data) if data.lstrip()[:1] == b"{" else _binary(data)
    if kind is None:
        raise _unknown(data)
    if kind is Kind.HCL_REPORT and any(is_quote(item) for item in companions):
        return Kind.VTPM_EVIDENCE
    if kind is Kind.SNP_REPORT and any(is_endorsement(item) for item in companions):
        return Kind.SNP_ACI
    return kind


def _unknown(data: bytes) -> EvidenceError:
    if not data.strip():
        return EvidenceError("The evidence is empty.", hint="Check how it was saved.")
    if data.lstrip().startswith(_TOKEN_START):
        hint = "Look at it under Tokens, or with `sealwright token verify`."
        return EvidenceError("This is a token, not evidence.", hint=hint)
    hint = "Name its kind, and check that the file is the evidence itself."
    return EvidenceError("This is no evidence of a known kind.", hint=hint)


def _json(data: bytes) -> Kind | None:
    bounded(data, "evidence")
    try:
        names = read_document(data, "evidence").names()
    except EvidenceError:
        # What is broken further on is told by its first member, and refused as what it is.
        first = _FIRST_MEMBER.match(data)
        names = (first[1].decode("ascii"),) if first else ()
    return next((kind for name, kind in _MEMBERS.items() if name in names), None)


def _binary(data: bytes) -> Kind | None:
    if data.startswith(HCL_MAGIC):
        return Kind.HCL_REPORT
    if data.lstrip().startswith(b"-----BEGIN CERTIFICATE"):
        return Kind.AMD_CHAIN
    if is_report(data) or is_local_report(data):
        # A preview SNP report may begin with the same bytes.
        return Kind.SNP_REPORT if _is_snp(data) and len(data) == REPORT_SIZE else Kind.OE_REPORT
    if has_evidence_header(data):
        return Kind.OE_EVIDENCE
    if is_vbs_report(data):
        return Kind.VBS_REPORT
    return _quote(data) or _others(data)


def _quote(data: bytes) -> Kind | None:
    if int.from_bytes(data[4:8], "little") == TEE_TDX and data[1:4] in (b"\0\2\0", b"\0\3\0"):
        return Kind.TDX_QUOTE
    if data[12:28] != INTEL_QE_VENDOR:
        return None
    size = 436 + int.from_bytes(data[432:436], "little")
    # Custom claims follow the quote (version 1, and how many), or it was made for none.
    claims = data[size : size + 8] == (1).to_bytes(8, "little")
    return Kind.OE_EVIDENCE if claims or data[_REPORT_DATA] == _NO_CLAIMS else Kind.SGX_QUOTE


def _is_snp(data: bytes) -> bool:
    return int.from_bytes(data[52:56], "little") == _ECDSA_P384


def _others(data: bytes) -> Kind | None:
    if len(data) == REPORT_SIZE or _is_snp(data):
        return Kind.SNP_REPORT
    if is_quote(data):
        return Kind.TPM_QUOTE
    return Kind.TPM_EVENTLOG if is_event_log(data) else None
