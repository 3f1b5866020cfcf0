"""SEV-SNP reports: operation 12 (spec rest-api, 3.12)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sealwright.claims import SERVICE_ISSUER, Claim
from sealwright.errors import EvidenceError
from sealwright.evidence.amd.snp_body import parse_snp_body
from sealwright.evidence.amd.snp_verify import verify_snp
from sealwright.evidence.amd.uvm import verify_uvm
from sealwright.evidence.basis.trust import Trust
from sealwright.evidence.derived.hardware import snp_claims
from sealwright.sandbox.attestation.appraisal import (
    Appraisal,
    bound_init,
    bound_runtime,
    data_members,
    invalid_evidence,
    require,
)

if TYPE_CHECKING:
    from sealwright.evidence.amd.snp_body import SnpBody
    from sealwright.evidence.basis.checks import Check
    from sealwright.sandbox.attestation.appraisal import Case
    from sealwright.tokens.jose import JsonObject

ENDORSEMENT: Final = "x-ms-sevsnpvm-uvm-endorsement"
COMPLIANCE: Final = "x-ms-compliance-status"
_SIGNED_UVM: Final = "azure-signed-uvm"


def appraise_snp(case: Case) -> Appraisal:
    """Judge `report` of a request.

    Raises:
        RefusalError: it does not hold.
    """
    sent = case.submission
    try:
        body = parse_snp_body(sent.octets("report"))
    except EvidenceError as error:
        raise invalid_evidence(f"The specified report was invalid. {error.summary}") from None
    checks = (
        *report_checks(body, Trust(case.anchors, case.when)),
        *bound_runtime(sent.runtime, body.report.report_data),
        *bound_init(sent.init, body.report.host_data, "HOST_DATA"),
    )
    require(checks, "report")
    return Appraisal(
        claims=(*snp_claims(body.report), *compliance(body)),
        members=data_members(sent) | image_members(body),
    )


def report_checks(body: SnpBody, trust: Trust, prefix: str = "") -> tuple[Check, ...]:
    """Every check of a report, its chain and the endorsement of its image."""
    return (
        *verify_snp(body.report, body.chain, trust, prefix),
        *(
            check
            for endorsement in body.endorsements
            for check in verify_uvm(endorsement, body.report.measurement, trust, prefix)
        ),
    )


def compliance(body: SnpBody) -> tuple[Claim, ...]:
    """The verdict on an image that Microsoft endorsed."""
    return (Claim(COMPLIANCE, _SIGNED_UVM, SERVICE_ISSUER),) if body.endorsements else ()


def image_members(body: SnpBody) -> JsonObject:
    """What the endorsement of the image says."""
    found: JsonObject = {}
    for endorsement in body.endorsements:
        found[ENDORSEMENT] = json.loads(endorsement.payload)
    return found
