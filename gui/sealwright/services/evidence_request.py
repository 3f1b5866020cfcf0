"""From a piece of evidence, with what lies beside it, to the request that attests it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sealwright.claims.attestation_type import AttestationType
from sealwright.services.attest_request import DRAFT_TYPES, AttestRequest

if TYPE_CHECKING:
    from sealwright.services.attest_request import AttachedData
    from sealwright.services.evidence import Evidence

_TYPES: Final = {
    "sgx-quote": AttestationType.SGX_ENCLAVE,
    "oe-report": AttestationType.OPEN_ENCLAVE,
    "oe-evidence": AttestationType.OPEN_ENCLAVE,
    "tdx-quote": AttestationType.TDX_VM,
    "snp-report": AttestationType.SEV_SNP_VM,
    "snp-aci": AttestationType.SEV_SNP_VM,
    "azure-guest": AttestationType.AZURE_GUEST,
    "vbs-report": AttestationType.TPM,
}


@dataclass(frozen=True, slots=True)
class Order:
    """What a user asks for beside the evidence."""

    provider: str
    attestation_type: AttestationType
    runtime_data: AttachedData | None = None
    init_data: AttachedData | None = None
    nonce: str = ""
    draft_policy: str = field(default="", repr=False)


def attestation_type_of(kind: str) -> AttestationType | None:
    """Which operation takes evidence of a kind; None when none takes it by itself."""
    return _TYPES.get(kind)


def takes_draft(kind: AttestationType) -> bool:
    """Whether a policy can be tried on a request of this type (spec rest-api, 2.5)."""
    return kind in DRAFT_TYPES


def request_of(evidence: Evidence, order: Order) -> AttestRequest:
    """The request; blocking, since certificates are encoded again.

    Raises:
        UsageError: the operation does not take what was brought.
    """
    from sealwright.evidence.kinds.amd import is_endorsement  # noqa: PLC0415 - after the first paint

    endorsements = [each for each in evidence.companions if is_endorsement(each)]
    return AttestRequest(
        provider=order.provider,
        attestation_type=order.attestation_type,
        evidence=evidence.data,
        certificates=b"".join(_pem(der) for der in evidence.certificates),
        endorsement=endorsements[0] if endorsements else b"",
        collateral=evidence.collateral[0] if evidence.collateral else b"",
        runtime_data=order.runtime_data,
        init_data=order.init_data,
        nonce=order.nonce,
        draft_policy=order.draft_policy if takes_draft(order.attestation_type) else "",
        tpm=evidence.tpm,
        guest_key=evidence.guest_key,
    )


def _pem(der: bytes) -> bytes:
    body = base64.encodebytes(der)
    return b"-----BEGIN CERTIFICATE-----\n" + body + b"-----END CERTIFICATE-----\n"
