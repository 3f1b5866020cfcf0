"""AzureGuest requests of Trusted Launch and confidential VMs (spec rest-api, 3.13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from sealwright.errors import EvidenceError
from sealwright.evidence.azure.azure_guest import parse_azure_guest
from sealwright.evidence.azure.azure_guest_verify import verify_azure_guest
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.evidence.basis.trust import Trust
from sealwright.evidence.derived.guest import guest_claims, guest_objects
from sealwright.evidence.given_files import read_collateral
from sealwright.evidence.intel.collateral import TcbStatus
from sealwright.evidence.intel.quote_verify import QuoteVerdict
from sealwright.sandbox.attestation.appraisal import Appraisal, invalid_evidence, require
from sealwright.sandbox.attestation.platform import (
    is_pretended,
    require_judged,
    require_platform,
)

if TYPE_CHECKING:
    from sealwright.evidence.azure.azure_guest import AzureGuest
    from sealwright.evidence.basis.checks import Check
    from sealwright.sandbox.attestation.appraisal import Case
    from sealwright.tokens.jose import JsonObject

_ISOLATION: Final = "isolation"
_PREFIX: Final = f"{_ISOLATION}."
_AUTHORITY: Final = (
    "Who answers for the TPM's attestation key was not judged: the certificates of its authority "
    "did not come with the request."
)


def read_guest(case: Case) -> AzureGuest:
    """`attestationInfo` of a request.

    Raises:
        RefusalError: it is not in its form.
    """
    try:
        return parse_azure_guest(case.submission.octets("attestationInfo"))
    except EvidenceError as error:
        raise _invalid(error) from None


def appraise_guest(case: Case, guest: AzureGuest) -> Appraisal:
    """Judge a request.

    Raises:
        RefusalError: it does not hold.
    """
    given = case.submission.collateral
    try:
        collateral = read_collateral(given) if given else None
        checks, status = verify_azure_guest(
            guest, Trust(case.anchors, case.when), collateral, case.certificates
        )
    except EvidenceError as error:
        raise _invalid(error) from None
    # The row only sums up its parts, which are judged one by one.
    parts = tuple(check for check in checks if check.id != _ISOLATION)
    below = tuple(check for check in parts if check.id.startswith(_PREFIX))
    require((check for check in parts if check not in below), "evidence")
    notes = _hardware(case, guest, below, status) if below else _authority(case, parts)
    if status is None and is_pretended(below):
        status = TcbStatus.UP_TO_DATE
    members = cast("JsonObject", guest_objects(guest, status))
    return Appraisal(guest_claims(guest), members, notes=notes)


def _hardware(
    case: Case, guest: AzureGuest, below: tuple[Check, ...], status: TcbStatus | None
) -> tuple[str, ...]:
    """The hardware vouches for the TPM's key, so that no certificate has to."""
    if guest.isolation is not None and guest.isolation.snp is not None:
        require(below, "evidence")
        return ()
    bare = tuple(check._replace(id=check.id.removeprefix(_PREFIX)) for check in below)
    return require_platform(case, QuoteVerdict(bare, status, ()))


def _authority(case: Case, checks: tuple[Check, ...]) -> tuple[str, ...]:
    root = next((check for check in checks if check.id == "chain.root"), None)
    if root is None or root.status is not CheckStatus.SKIP:
        return ()
    return require_judged(case, _AUTHORITY, "The specified evidence cannot be judged")


def _invalid(error: EvidenceError) -> Exception:
    return invalid_evidence(f"The specified evidence was invalid. {error.summary}")
