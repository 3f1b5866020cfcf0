"""The claims that a service would derive from the evidence of a request; nothing is verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import EvidenceError

if TYPE_CHECKING:
    from sealwright.claims.claim import Claim
    from sealwright.services.attest_request import AttestRequest


def incoming_claims(request: AttestRequest) -> tuple[Claim, ...]:
    """What the policy would be asked with; empty when the evidence cannot be read; blocking."""
    from sealwright.evidence import derive  # noqa: PLC0415 - after the first paint
    from sealwright.evidence.open_enclave import parse_report  # noqa: PLC0415 - as above
    from sealwright.evidence.snp_body import parse_snp_body  # noqa: PLC0415 - as above
    from sealwright.evidence.tdx import parse_tdx_quote  # noqa: PLC0415 - as above

    raw, kind = request.evidence, request.attestation_type
    try:
        if kind in (AttestationType.SGX_ENCLAVE, AttestationType.OPEN_ENCLAVE):
            return derive.sgx_claims(parse_report(raw).quote)
        if kind is AttestationType.SEV_SNP_VM:
            return derive.snp_claims(parse_snp_body(raw).report)
        if kind is AttestationType.TDX_VM:
            return derive.tdx_claims(parse_tdx_quote(raw))
    except EvidenceError:
        pass
    return ()
