"""The incoming claims of a Tpm request, as the service derives them (spec tokens, 3.5; claims)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.claims.claim import CUSTOM_CLAIM, SERVICE_ISSUER, Claim
from sealwright.evidence.azure.vbs import parse_vbs_report
from sealwright.evidence.derived.hardware import ATTESTATION_TYPE, former_names
from sealwright.evidence.derived.tpm import tpm_claims, vbs_claims
from sealwright.tokens.tpm.keys import described

if TYPE_CHECKING:
    from sealwright.tokens.tpm.parts import TpmParts
    from sealwright.tokens.tpm.request import TpmRequest


def request_claims(
    request: TpmRequest, parts: TpmParts, *, aik_validated: bool
) -> tuple[Claim, ...]:
    """What the policy is asked with: the TPM's, the enclave's, the keys' and the client's claims.

    Nothing is verified here.

    Raises:
        EvidenceError: the enclave's report or a certified key is not in its form.
    """
    report = parse_vbs_report(request.vsm_report) if request.vsm_report else None
    enclave = vbs_claims(report)
    made = (
        *tpm_claims(
            parts.current.log,
            parts.current.quote.banks,
            parts.key,
            aik_validated=aik_validated,
            boot_log=None if parts.boot is None else parts.boot.log,
        ),
        *enclave,
        *former_names(enclave),
        *described(request),
        *(Claim(item.name, item.value, CUSTOM_CLAIM) for item in request.custom_claims),
    )
    kind = "tpm" if report is None else "vbs"
    return (
        Claim(ATTESTATION_TYPE, kind, SERVICE_ISSUER),
        *(claim for claim in made if claim.type != ATTESTATION_TYPE),
    )
