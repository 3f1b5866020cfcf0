"""SGX quotes and Open Enclave reports: operations 9 and 10 (spec rest-api, 3.9 and 3.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.errors import EvidenceError
from sealwright.evidence.basis.checks import judge
from sealwright.evidence.basis.trust import Trust
from sealwright.evidence.derived.hardware import former_names, sgx_claims
from sealwright.evidence.given_files import read_collateral
from sealwright.evidence.intel.open_enclave import (
    has_evidence_header,
    parse_evidence,
    parse_report,
)
from sealwright.evidence.intel.quote_verify import judge_quote
from sealwright.evidence.intel.sgx import parse_quote
from sealwright.sandbox.attestation.appraisal import (
    Appraisal,
    bound_init,
    bound_runtime,
    data_members,
    invalid_evidence,
    require,
)
from sealwright.sandbox.attestation.baseline import require_baseline
from sealwright.sandbox.attestation.collateral import collateral_hashes
from sealwright.sandbox.attestation.platform import require_platform
from sealwright.tokens.jose import b64url_encode

if TYPE_CHECKING:
    from sealwright.evidence.basis.checks import Check
    from sealwright.evidence.intel.open_enclave import OpenEnclaveEvidence
    from sealwright.evidence.intel.sgx import SgxQuote
    from sealwright.sandbox.attestation.appraisal import Case
    from sealwright.tokens.jose import JsonObject


def appraise_sgx(case: Case) -> Appraisal:
    """Judge `quote` of a request.

    Raises:
        RefusalError: it does not hold.
    """
    raw = case.submission.octets("quote")
    try:
        return _appraise(case, parse_quote(raw), raw)
    except EvidenceError as error:
        raise invalid_evidence(f"The specified quote was invalid. {error.summary}") from None


def appraise_open_enclave(case: Case) -> Appraisal:
    """Judge `report` of a request: a report, or the newer evidence with its custom claims.

    Raises:
        RefusalError: it does not hold.
    """
    raw = case.submission.octets("report")
    try:
        if not has_evidence_header(raw):
            return _appraise(case, parse_report(raw).quote, raw)
        evidence = parse_evidence(raw)
        if evidence.binds_claims:
            require((_custom_claims(evidence),), "quote")
        return _appraise(case, evidence.quote, raw)
    except EvidenceError as error:
        raise invalid_evidence(f"The specified quote was invalid. {error.summary}") from None


def _custom_claims(evidence: OpenEnclaveEvidence) -> Check:
    found = evidence.quote.body.report_data[: len(evidence.claims_digest)]
    return judge(
        "report-data",
        "Custom claims are what the evidence commits to",
        "The custom claims are not what the report data commits to.",
        passed=found == evidence.claims_digest,
        expected=evidence.claims_digest.hex(),
        actual=found.hex(),
    )


def _appraise(case: Case, quote: SgxQuote, raw: bytes) -> Appraisal:
    trust = Trust(case.anchors, case.when)
    given = case.submission.collateral
    collateral = read_collateral(given) if given else None
    verdict = judge_quote(quote, trust, collateral)
    sent = case.submission
    bindings = (
        *bound_runtime(sent.runtime, quote.body.report_data),
        *bound_init(sent.init, quote.body.config_id, "CONFIGID"),
    )
    notes = require_platform(case, verdict)
    require(bindings, "quote")
    claims = sgx_claims(quote)
    members = _members(case, collateral_hashes(quote, raw, collateral))
    members |= require_baseline(case, quote, verdict, collateral)
    return Appraisal(claims, members, former_names(claims), notes)


def _members(case: Case, hashes: JsonObject) -> JsonObject:
    members = data_members(case.submission)
    members["x-ms-sgx-collateral"] = members["maa-attestationcollateral"] = hashes
    runtime = case.submission.runtime
    if runtime is not None and runtime.value is None:
        held = b64url_encode(runtime.raw)
        members |= dict.fromkeys(("x-ms-sgx-ehd", "aas-ehd", "maa-ehd"), held)
    return members
