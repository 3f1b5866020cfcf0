"""SGX evidence against a TCB baseline, and the list of baselines: operation 18."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.evidence.intel.baselines import AZURE_DEFAULT
from sealwright.evidence.intel.collateral import TcbStatus, parse_tcb_info
from sealwright.evidence.intel.pck import pck_facts
from sealwright.evidence.intel.sgx_verify import pck_chain
from sealwright.evidence.intel.tcb import Platform, choose_level
from sealwright.sandbox.attestation.appraisal import invalid_evidence
from sealwright.sandbox.attestation.platform import BELOW, COLLATERAL
from sealwright.sandbox.refusals import invalid_parameter

if TYPE_CHECKING:
    from sealwright.evidence.intel.baselines import TcbBaseline, TcbBaselines
    from sealwright.evidence.intel.collateral import Collateral, TcbInfo
    from sealwright.evidence.intel.quote_verify import QuoteVerdict
    from sealwright.evidence.intel.sgx import SgxQuote
    from sealwright.sandbox.attestation.appraisal import Case
    from sealwright.tokens.jose import JsonObject, JsonValue

IDENTIFIER: Final = "x-ms-sgx-tcbidentifier"
PREVIEW: Final = "2022-09-01-preview"
_LATE: Final = frozenset({TcbStatus.OUT_OF_DATE, TcbStatus.OUT_OF_DATE_CONFIGURATION})


def asked_baseline(case: Case) -> TcbBaseline:
    """The baseline that the policy's configuration names.

    Raises:
        RefusalError: it is not offered.
    """
    name = str(case.configuration.get(IDENTIFIER, AZURE_DEFAULT))
    found = case.baselines.find(name)
    if found is None:
        raise invalid_parameter(f"The TCB baseline '{name[:40]}' is not available.")
    return found


def require_baseline(
    case: Case, quote: SgxQuote, verdict: QuoteVerdict, collateral: Collateral | None
) -> JsonObject:
    """See that the platform meets the baseline; what the token says of a baseline of one's own.

    Raises:
        RefusalError: it does not, or the collateral is older than the baseline.
    """
    asked = asked_baseline(case)
    if verdict.status is not None and collateral is not None and collateral.tcb_info is not None:
        info = parse_tcb_info(collateral.tcb_info.body)
        if info.evaluation_number < asked.number:
            raise invalid_evidence(f"{COLLATERAL}: it is older than baseline {asked.identifier}.")
        if verdict.status in _LATE and not _reaches(quote, info, asked):
            raise invalid_evidence(BELOW)
    own = case.configuration.get(IDENTIFIER, AZURE_DEFAULT) != AZURE_DEFAULT
    return {IDENTIFIER: asked.identifier} if own else {}


def _reaches(quote: SgxQuote, info: TcbInfo, asked: TcbBaseline) -> bool:
    """Whether the platform's level was still good when the baseline was released."""
    platform = Platform(pck_facts(pck_chain(quote)[0]), quote.auth.qe_report)
    level = choose_level(platform, info)
    return level is not None and level.date >= asked.released


def listed_baselines(
    known: TcbBaselines, chosen: str, version: str, *, current_only: bool
) -> JsonValue:
    """The answer's list in the form of an api-version (spec rest-api, 3.16)."""
    selected = known.find(chosen)
    if version == PREVIEW:
        listed = [selected] if current_only else known.listed
        return [_preview(item, known, chosen) for item in listed if item is not None]
    return [
        {
            "tcbIdentifier": item.identifier,
            "tcbEvaluationDataNumber": item.number,
            **_common(item),
            "isSelectedTcb": item is selected,
        }
        for item in known.listed
    ]


def _preview(item: TcbBaseline, known: TcbBaselines, chosen: str) -> JsonObject:
    number = str(item.number)
    if chosen == AZURE_DEFAULT and item is known.find(AZURE_DEFAULT):
        number = f"{AZURE_DEFAULT} (Currently {number})"
    return {"tcbEvaluationDataNumber": number, **_common(item)}


def _common(item: TcbBaseline) -> JsonObject:
    return {
        "tcbReleaseDate": f"{item.released:%Y-%m-%dT%H:%M:%S}",
        "minimumPswLinuxVersion": item.psw_linux,
        "minimumPswWindowsVersion": item.psw_windows,
    }
