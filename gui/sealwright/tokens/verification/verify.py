"""Verifies a token of the service, link by link, with keys that the caller obtained.

Every check of the reference is reported, in its order; a check that depends on one that failed
is `skip`, never `pass` (spec tokens, 8).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.evidence.basis.checks import Check, CheckStatus
from sealwright.tokens.verification.binding_checks import binding
from sealwright.tokens.verification.case import NOTHING, SKEW, Case, Rules, open_case
from sealwright.tokens.verification.certificate_checks import certificate
from sealwright.tokens.verification.claim_checks import issuer as issuer_row
from sealwright.tokens.verification.claim_checks import times
from sealwright.tokens.verification.envelope import (
    header,
    is_unsecured,
    issuer_choice,
    key_set,
    shape,
)
from sealwright.tokens.verification.key_evidence import key_attestation
from sealwright.tokens.verification.memo import Memo
from sealwright.tokens.verification.party_checks import relying_party
from sealwright.tokens.verification.report import EXPIRY, PROVING, Report, SignedBy, Verdict
from sealwright.tokens.verification.request_checks import (
    is_request,
    request_checks,
    request_signed_by,
)
from sealwright.tokens.verification.schema_checks import schema
from sealwright.tokens.verification.signature import signature, signed_by

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from sealwright.claims.catalogue import Catalogue
    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.evidence.intel.collateral import Collateral
    from sealwright.tokens.expectations import Expectations
    from sealwright.tokens.keyset import KeySet

_ANCHORING: Final = frozenset(
    {"issuer-choice", "issuer", "certificate", "key-attestation", "key-set"}
)
DEFAULT_RULES: Final = Rules()
_MEMO: Final = Memo()


_ENVELOPE: Final = (header, issuer_choice, key_set)
"""Rows that depend on the header and the keys only, which thousands of tokens share."""
_ROWS: Final = (
    signature,
    times,
    issuer_row,
    certificate,
    key_attestation,
    schema,
    binding,
    relying_party,
)


def verify(  # noqa: PLR0913 - the values a verification takes, by keyword
    token: str,
    keys: KeySet,
    *,
    issuer: str,
    now: datetime,
    skew: timedelta = SKEW,
    rules: Rules = DEFAULT_RULES,
    anchors: Sequence[TrustAnchor] = (),
    catalogue: Catalogue | None = None,
    expect: Expectations = NOTHING,
    server_time: datetime | None = None,
    collateral: Collateral | None = None,
) -> Report:
    """Check everything that can be checked; raises nothing for a bad token.

    Args:
        token: compact JWS, without white space around it.
        keys: what the provider publishes, fetched by the caller and never from the token's `jku`.
        issuer: the expected attest URI; empty leaves the issuer unchecked and the token unproven.
        now: aware time at which the token must hold.
        skew: allowed clock difference.
        rules: what else to insist on.
        anchors: pinned roots.
        catalogue: what is known about claims; without it their form is not checked.
        expect: what the relying party insists on.
        server_time: the provider's own clock, to doubt this computer's; None when not known.
        collateral: the vendor's documents, to judge the platform of the service's enclave.
    """
    case = open_case(
        token,
        keys,
        issuer=issuer,
        now=now,
        skew=skew,
        rules=rules,
        anchors=tuple(anchors),
        catalogue=catalogue,
        expect=expect,
        server_time=server_time,
        collateral=collateral,
    )
    return report_of(case, checks_of(case))


def checks_of(case: Case) -> tuple[Check, ...]:
    """The rows of the reference, each followed by its sub-checks."""
    if is_request(case):
        return request_checks(case)
    checks: list[Check] = [*shape(case), *_envelope(case)]
    for make in _ROWS:
        checks += make(case)
    return tuple(checks)


def _envelope(case: Case) -> tuple[Check, ...]:
    if case.jws is None:
        return tuple(check for make in _ENVELOPE for check in make(case))
    key = (
        case.jws.header_segment,
        bool(case.jws.signature),
        case.chained,
        case.text_claim("iss"),
        case.issuer,
        case.keys,
        case.rules,
    )
    return _MEMO.get(key, lambda: tuple(check for make in _ENVELOPE for check in make(case)))


def report_of(case: Case, checks: tuple[Check, ...]) -> Report:
    """Draw the verdict from the checks."""
    found = {check.id: check for check in checks}
    proven = _status(found, "signature") in (CheckStatus.PASS, CheckStatus.WARN)
    return Report(
        checks=checks,
        verdict=_verdict(case, checks, found),
        header=case.header,
        claims=case.claims or {},
        signed_by=_signer_of(case) if proven else None,
    )


def _signer_of(case: Case) -> SignedBy | None:
    return request_signed_by(case) if is_request(case) else signed_by(case)


def _status(found: dict[str, Check], id_: str) -> CheckStatus | None:
    check = found.get(id_)
    return None if check is None else check.status


def _verdict(case: Case, checks: tuple[Check, ...], found: dict[str, Check]) -> Verdict:
    fail = CheckStatus.FAIL
    failed = {check.id for check in checks if check.status is fail}
    rows = {id_ for id_ in failed if "." not in id_}
    if is_unsecured(case):
        return Verdict.UNSECURED
    signed = _status(found, "signature") in (CheckStatus.PASS, CheckStatus.WARN)
    only_late = failed == {"times", EXPIRY}
    if rows - _ANCHORING - {"times"} or (rows and not signed and not only_late):
        return Verdict.INVALID
    if rows - {"times"} or not _anchored(case, found):
        return Verdict.UNTRUSTED
    if rows:
        return Verdict.EXPIRED if only_late else Verdict.INVALID
    return Verdict.VALID


def _anchored(case: Case, found: dict[str, Check]) -> bool:
    checked = all(_status(found, id_) is not CheckStatus.SKIP for id_ in PROVING)
    return checked and case.rules.keys_trusted
