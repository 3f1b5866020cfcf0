"""From a piece of evidence, with what lies beside it, to the request that attests it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sealwright.claims.attestation_type import AttestationType
from sealwright.services.attestation.request import DATA_TYPES, DRAFT_TYPES, AttestRequest

if TYPE_CHECKING:
    from sealwright.services.attestation.request import AttachedData
    from sealwright.services.evidence.evidence import Evidence

_TYPES: Final = {
    "sgx-quote": AttestationType.SGX_ENCLAVE,
    "oe-report": AttestationType.OPEN_ENCLAVE,
    "oe-evidence": AttestationType.OPEN_ENCLAVE,
    "tdx-quote": AttestationType.TDX_VM,
    "snp-report": AttestationType.SEV_SNP_VM,
    "snp-aci": AttestationType.SEV_SNP_VM,
    "azure-guest": AttestationType.AZURE_GUEST,
    "vbs-report": AttestationType.TPM,
    "tpm-quote": AttestationType.TPM,
    "tpm-eventlog": AttestationType.TPM,
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


def takes_data(kind: AttestationType) -> bool:
    """Whether a request of this type has runtime data, init data and a nonce."""
    return kind in DATA_TYPES


def live_only(kind: AttestationType, evidence: Evidence) -> bool:
    """Whether a TPM would have to answer a challenge, and there is none behind the evidence.

    A message of the protocol itself, JSON, can be sent as it is.
    """
    is_message = evidence.data.lstrip()[:1] == b"{" and evidence.kind is None
    return kind is AttestationType.TPM and evidence.tpm is None and not is_message


def takes_draft(kind: AttestationType) -> bool:
    """Whether a policy can be tried on a request of this type (spec rest-api, 2.5)."""
    return kind in DRAFT_TYPES


def request_of(evidence: Evidence, order: Order) -> AttestRequest:
    """The request; blocking, since certificates are encoded again.

    Raises:
        UsageError: the operation does not take what was brought.
    """
    from sealwright.evidence.kinds.amd import is_endorsement  # noqa: PLC0415 - after the first paint

    kind = order.attestation_type
    endorsements = [each for each in evidence.companions if is_endorsement(each)]
    return AttestRequest(
        provider=order.provider,
        attestation_type=kind,
        evidence=evidence.data,
        certificates=b"".join(_pem(der) for der in evidence.certificates),
        endorsement=endorsements[0] if endorsements else b"",
        collateral=evidence.collateral,
        runtime_data=order.runtime_data if takes_data(kind) else None,
        init_data=order.init_data if takes_data(kind) else None,
        nonce=order.nonce if takes_data(kind) else "",
        draft_policy=order.draft_policy if takes_draft(kind) else "",
        tpm=evidence.tpm,
        guest_key=evidence.guest_key,
    )


def _pem(der: bytes) -> bytes:
    body = base64.encodebytes(der)
    return b"-----BEGIN CERTIFICATE-----\n" + body + b"-----END CERTIFICATE-----\n"
