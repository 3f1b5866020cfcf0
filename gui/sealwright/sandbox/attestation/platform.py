"""Is the machine below an enclave or a TD as current as it must be (spec evidence, 4.3)?

Invariants
- A sandbox's own platform has no vendor: it is as current as its certificates say.
- What cannot be judged is refused by a strict provider, and said by any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.evidence.basis.checks import CheckStatus
from sealwright.sandbox.attestation.appraisal import TCB_TAG, invalid_evidence, require
from sealwright.sandbox.vendors import TcbRule

if TYPE_CHECKING:
    from sealwright.evidence.basis.checks import Check
    from sealwright.evidence.intel.quote_verify import QuoteVerdict
    from sealwright.sandbox.attestation.appraisal import Case

NOT_JUDGED: Final = (
    "The platform's TCB was not judged: its vendor's collateral came neither in the evidence nor "
    "with the request, and the sandbox fetches none."
)
COLLATERAL: Final = "The specified quote was invalid due to an error in the quote collateral"
_DOCUMENTS: Final = (
    "The specified quote was invalid because the TCBInfo or QEID provided by the PCK Cache Service "
    "was invalid"
)
BELOW: Final = (
    "The specified quote was invalid because the device on which the quote was generated does not "
    "meet the Azure baseline requirements"
)
_ABOUT_COLLATERAL: Final = ("collateral", "crl")
_ABOUT_DOCUMENTS: Final = ("tcb.platform", "qe-identity")
_ABOUT_AGE: Final = ("tcb", "module")
_NOT_ABOUT_QUOTE: Final = (*_ABOUT_COLLATERAL, *_ABOUT_DOCUMENTS, *_ABOUT_AGE)


def require_platform(case: Case, verdict: QuoteVerdict) -> tuple[str, ...]:
    """See that a quote and its platform hold; what was not judged comes back as sentences.

    Raises:
        RefusalError: with the service's words for the part that does not hold.
    """
    failed = [check for check in verdict.checks if check.status is CheckStatus.FAIL]
    quote = [check for check in failed if not _is_about(check, _NOT_ABOUT_QUOTE)]
    require(quote, "quote")
    for ids, words in (
        (_ABOUT_COLLATERAL, COLLATERAL),
        (_ABOUT_DOCUMENTS, _DOCUMENTS),
        (_ABOUT_AGE, BELOW),
    ):
        if any(_is_about(check, ids) for check in failed):
            raise invalid_evidence(words, failed)
    if verdict.status is not None or is_pretended(verdict.checks):
        return ()
    if case.submission.collateral:
        raise invalid_evidence(COLLATERAL)
    return require_judged(case, NOT_JUDGED)


def require_judged(case: Case, what_not: str, words: str = COLLATERAL) -> tuple[str, ...]:
    """Let something pass that cannot be judged here, if the provider's setting says so.

    Raises:
        RefusalError: the provider is strict.
    """
    if case.rule is TcbRule.STRICT:
        raise invalid_evidence(
            f"{words}. {what_not} Send along what is missing, or let it pass: by the provider's "
            f"tag `{TCB_TAG}` with the value `{TcbRule.NOT_JUDGED.value}`, or by "
            f"`sandbox serve --tcb {TcbRule.NOT_JUDGED.value}`."
        )
    return (what_not,)


def is_pretended(checks: tuple[Check, ...]) -> bool:
    """Whether a sandbox's own root vouches."""
    return any(
        check.id.endswith("chain.root") and check.status is CheckStatus.WARN for check in checks
    )


def _is_about(check: Check, ids: tuple[str, ...]) -> bool:
    # `module.signer` is read from the quote itself, without any document.
    name = check.id
    return name != "module.signer" and any(
        name == each or name.startswith(f"{each}.") for each in ids
    )
