"""What the verification of evidence comes to, and what it is refused with (spec rest-api, 7)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sealwright.evidence.basis.checks import Check, CheckStatus, judge
from sealwright.sandbox.refusals import RefusalError
from sealwright.sandbox.vendors import TcbRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from cryptography import x509

    from sealwright.claims.claim import Claim, ClaimValue
    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.evidence.intel.baselines import TcbBaselines
    from sealwright.sandbox.attestation.submission import SentData, Submission
    from sealwright.sandbox.records import ProviderRecord
    from sealwright.tokens.jose import JsonObject, JsonValue

TCB_TAG: Final = "sandbox-tcb"
"""Tag of a provider that says what becomes of a platform that cannot be judged offline."""
_BOUND: Final = 32
"""Bytes of the report data that runtime data is bound by; the service compares no more."""


def tcb_rule(provider: ProviderRecord, default: TcbRule) -> TcbRule:
    """The provider's setting: its tag, or what the whole sandbox was started with."""
    chosen = provider.tags.get(TCB_TAG, "").strip().lower()
    if not chosen:
        return default
    return TcbRule.NOT_JUDGED if chosen == TcbRule.NOT_JUDGED.value else TcbRule.STRICT


@dataclass(frozen=True, slots=True)
class Case:
    """One piece of evidence before it is looked at, and what it is to be judged by."""

    submission: Submission
    anchors: tuple[TrustAnchor, ...]
    """The sandbox's own roots and the vendors'."""
    configuration: Mapping[str, ClaimValue]
    """What the policy's configuration rules ask for."""
    rule: TcbRule
    baselines: TcbBaselines
    when: datetime
    """Aware time at which everything must hold."""
    certificates: tuple[x509.Certificate, ...] = ()
    """Of authorities that may stand between an attestation key and its root."""


@dataclass(frozen=True, slots=True)
class Appraisal:
    """Evidence that holds.

    Args:
        claims: what goes to the policy, issuer `AttestationService`.
        members: what the token says beyond the claims of the evidence.
        hidden: claims that are tested by policies only and are no member of the token.
        notes: what could not be judged, one sentence each.
    """

    claims: tuple[Claim, ...]
    members: JsonObject = field(default_factory=dict)
    hidden: tuple[Claim, ...] = ()
    notes: tuple[str, ...] = ()


def invalid_evidence(reason: str, checks: Iterable[Check] = ()) -> RefusalError:
    """Evidence that does not hold; `details` name the checks that failed, the deepest ones."""
    found = [check for check in checks if check.status is CheckStatus.FAIL]
    details: list[JsonValue] = [
        {"code": "EvidenceCheckFailed", "target": check.id, "message": check.detail or check.title}
        for check in found
        if not any(other.id.startswith(f"{check.id}.") for other in found)
    ]
    return RefusalError(400, "InvalidParameter", reason, details=details)


def require(checks: Iterable[Check], what: str) -> None:
    """See that no check failed.

    Raises:
        RefusalError: one did.
    """
    listed = tuple(checks)
    failed = [check for check in listed if check.status is CheckStatus.FAIL]
    if failed:
        words = failed[0].detail or failed[0].title
        raise invalid_evidence(f"The specified {what} was invalid. {words}", listed)


def bound_runtime(data: SentData | None, report_data: bytes) -> tuple[Check, ...]:
    """Runtime data is committed to by the first half of the report data (spec evidence, 1)."""
    if data is None:
        return ()
    digest = hashlib.sha256(data.raw).digest()
    return (
        judge(
            "report-data",
            "Runtime data is what the evidence commits to",
            "The runtime data is not what the report data commits to.",
            passed=report_data[:_BOUND] == digest,
            expected=digest.hex(),
            actual=report_data[:_BOUND].hex(),
        ),
    )


def bound_init(data: SentData | None, committed: bytes, where: str) -> tuple[Check, ...]:
    """Init data is committed to by the first 32 bytes of a field set at launch."""
    if data is None:
        return ()
    digest = hashlib.sha256(data.raw).digest()
    return (
        judge(
            "init-data",
            "Init data is what the evidence commits to",
            f"The init data is not what {where} commits to.",
            passed=committed[:_BOUND] == digest,
            expected=digest.hex(),
            actual=committed[:_BOUND].hex(),
        ),
    )


def data_members(submission: Submission) -> JsonObject:
    """`x-ms-runtime`, `x-ms-inittime` and `nonce`, as far as they were sent."""
    found: JsonObject = {}
    runtime, init, nonce = submission.runtime, submission.init, submission.nonce
    if runtime is not None and runtime.value is not None:
        found["x-ms-runtime"] = runtime.value
    if init is not None and init.value is not None:
        found["x-ms-inittime"] = init.value
    if nonce:
        found["nonce"] = nonce
    return found
