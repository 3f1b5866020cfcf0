"""TD quotes: operation 14 (spec rest-api, 3.14), whose token is an EAT (spec tokens, 3.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.errors import EvidenceError
from sealwright.evidence.basis.trust import Trust
from sealwright.evidence.derived.hardware import tdx_claims
from sealwright.evidence.given_files import read_collateral
from sealwright.evidence.intel.collateral import TcbStatus
from sealwright.evidence.intel.quote_verify import judge_quote
from sealwright.evidence.intel.tdx import ATTRIBUTE_DEBUG, parse_tdx_quote
from sealwright.sandbox.attestation.appraisal import (
    Appraisal,
    bound_init,
    bound_runtime,
    data_members,
    invalid_evidence,
    require,
)
from sealwright.sandbox.attestation.platform import is_pretended, require_platform

if TYPE_CHECKING:
    from sealwright.evidence.intel.tdx import TdxQuote
    from sealwright.sandbox.attestation.appraisal import Case

_PROFILE: Final = "https://aka.ms/maa-eat-profile-tdxvm"


def appraise_tdx(case: Case) -> Appraisal:
    """Judge `quote` of a request.

    Raises:
        RefusalError: it does not hold.
    """
    raw = case.submission.octets("quote")
    try:
        return _appraise(case, parse_tdx_quote(raw))
    except EvidenceError as error:
        raise invalid_evidence(f"The specified quote was invalid. {error.summary}") from None


def _appraise(case: Case, quote: TdxQuote) -> Appraisal:
    sent = case.submission
    collateral = read_collateral(sent.collateral) if sent.collateral else None
    verdict = judge_quote(quote, Trust(case.anchors, case.when), collateral)
    notes = require_platform(case, verdict)
    bindings = (
        *bound_runtime(sent.runtime, quote.body.report_data),
        *bound_init(sent.init, quote.body.mrconfigid, "MRCONFIGID"),
    )
    require(bindings, "quote")
    status = verdict.status
    if status is None and is_pretended(verdict.checks):
        status = TcbStatus.UP_TO_DATE
    debug = quote.body.has(ATTRIBUTE_DEBUG)
    members = data_members(sent) | {
        "eat_profile": _PROFILE,
        "dbgstat": "enabled" if debug else "disabled",
        "intuse": "generic",
    }
    return Appraisal(tdx_claims(quote, status), members, notes=notes)
