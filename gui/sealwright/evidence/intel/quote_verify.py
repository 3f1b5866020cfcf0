"""An SGX or TD quote with the vendor's collateral: signatures, and how current the platform is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sealwright.errors import EvidenceError, KeyMaterialError
from sealwright.evidence.basis.checks import Check, judge, skip, warn
from sealwright.evidence.intel.collateral_verify import verify_collateral
from sealwright.evidence.intel.pck import pck_facts
from sealwright.evidence.intel.sgx_verify import pck_chain, signature_checks, verify_quote
from sealwright.evidence.intel.tcb import Platform, SeamFacts, judge_platform
from sealwright.evidence.intel.tdx import TdxQuote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography import x509

    from sealwright.evidence.basis.trust import Trust
    from sealwright.evidence.intel.collateral import Collateral, TcbInfo, TcbStatus
    from sealwright.evidence.intel.sgx import SgxQuote


@dataclass(frozen=True, slots=True)
class QuoteVerdict:
    """Every check of a quote; status None when the platform was not, or cannot be, judged."""

    checks: tuple[Check, ...]
    status: TcbStatus | None
    advisories: tuple[str, ...]
    levels: tuple[Platform, TcbInfo] | None = None
    """What was compared, when the vendor's levels could be believed."""


def judge_quote(
    quote: SgxQuote | TdxQuote, trust: Trust, collateral: Collateral | None, prefix: str = ""
) -> QuoteVerdict:
    """Check a quote and, when there is collateral, how current its platform is."""
    more = _td_checks(quote, prefix)
    if collateral is None:
        return QuoteVerdict((*verify_quote(quote, trust, prefix), *more), None, ())
    checks = (*signature_checks(quote, trust, prefix), *more)
    try:
        chain = pck_chain(quote)
    except KeyMaterialError:
        return QuoteVerdict(checks, None, ())
    found = _judged(quote, chain, trust, collateral, prefix)
    return replace(found, checks=(*checks, *found.checks))


def _judged(
    quote: SgxQuote | TdxQuote,
    chain: Sequence[x509.Certificate],
    trust: Trust,
    collateral: Collateral,
    prefix: str,
) -> QuoteVerdict:
    believed = verify_collateral(collateral, chain, trust, prefix)
    title = "Platform up to date"
    if believed.tcb_info is None:
        check = skip(f"{prefix}tcb", title, "no TCB info that holds at that time")
        return QuoteVerdict((*believed.checks, check), None, ())
    try:
        platform = Platform(pck_facts(chain[0]), quote.auth.qe_report, _seam(quote))
    except EvidenceError as error:
        check = judge(f"{prefix}tcb", title, error.summary, passed=False)
        return QuoteVerdict((*believed.checks, check), None, ())
    verdict = judge_platform(platform, believed.tcb_info, believed.qe_identity, prefix)
    checks = (*believed.checks, *verdict.checks)
    levels = (platform, believed.tcb_info)
    return QuoteVerdict(checks, verdict.status, verdict.advisories, levels)


def _seam(quote: SgxQuote | TdxQuote) -> SeamFacts | None:
    if not isinstance(quote, TdxQuote):
        return None
    body = quote.body
    return SeamFacts(body.tee_tcb_svn, body.mrsignerseam, body.seam_attributes)


def _td_checks(quote: SgxQuote | TdxQuote, prefix: str) -> tuple[Check, ...]:
    if not isinstance(quote, TdxQuote):
        return ()
    signer = quote.body.mrsignerseam
    checks = (
        judge(
            f"{prefix}module.signer",
            "TDX module is signed by Intel",
            "Somebody other than Intel signed the TDX module.",
            passed=not any(signer),
            expected=bytes(48).hex(),
            actual=signer.hex(),
        ),
    )
    if not any(quote.padding):
        return checks
    words = f"{len(quote.padding)} bytes follow the quote; they are ignored."
    return (warn(f"{prefix}structure.padding", "Nothing but zeros after the quote", words), *checks)
