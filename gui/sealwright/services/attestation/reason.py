"""Why a machine was refused: which check or which rule, and which value.

Invariant: a reason names what was compared whenever anything here knows it; only when nothing does,
the service's own words stand alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sealwright.errors import ServiceError
from sealwright.services.attestation.check_hints import TCB_CHECK, hint_for
from sealwright.services.policies.dry_run import Verdict

if TYPE_CHECKING:
    from sealwright.errors import AppError
    from sealwright.evidence.basis.checks import Check
    from sealwright.evidence.examination import Examination
    from sealwright.services.attestation.flow import Attestation
    from sealwright.services.policies.dry_run import DryRun
    from sealwright.services.policies.rule_rows import RuleRow


class Guilty(StrEnum):
    """What the refusal is about."""

    EVIDENCE = "evidence"
    POLICY = "policy"
    REQUEST = "request"
    """The call itself: the provider does not do this, or the caller may not."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, in a line and a sentence, and where to look."""

    guilty: Guilty
    title: str
    sentence: str
    hint: str
    """What to do."""
    check: str = ""
    """Id of the check that does not hold."""
    line: int = 0
    """Of the policy, from 1; 0 when it is not about a line."""
    code: str = ""
    """The service's code."""
    about: str = ""
    """The condition, or the claim in it, that a policy refused by."""

    @property
    def no_policy(self) -> bool:
        """Whether the provider has no policy that could judge the evidence."""
        return self.code == _NO_POLICY


_NO_POLICY: Final = "Bad request"
"""The service's code for a type without a policy: only TPMs and VBS enclaves have no default."""
_POLICY_CODES: Final = frozenset({"PolicyEvaluationError", "PolicyParsingError"})
_NOT_ABOUT_EVIDENCE: Final = _POLICY_CODES | {_NO_POLICY}
_BASELINE: Final = "baseline"
"""What the service's words about a platform that is too old have in common."""
_EVIDENCE_CODES: Final = frozenset({"InvalidParameter"})
"""What evidence that does not hold is refused with (spec rest-api, 7)."""
_BAD_REQUEST: Final = 400
_REFUSING: Final = (Verdict.DENIED, Verdict.NOT_PERMITTED, Verdict.FAILED, Verdict.UNREADABLE)


def reason_of(found: Attestation, examination: Examination | None) -> Reason | None:
    """Why the attestation was refused; None when it was not."""
    error = found.error
    if error is None:
        return None
    code = error.service_code if isinstance(error, ServiceError) else ""
    run = found.run
    if code in _POLICY_CODES and run is not None and run.verdict in _REFUSING:
        return _by_policy(run, code, draft=bool(found.policy and found.policy.draft))
    failed = examination.failed() if examination is not None else ()
    if failed and code not in _NOT_ABOUT_EVIDENCE and _was_judged(error):
        return _by_check(failed[0], code)
    if examination is not None and _is_too_old(examination, error, code):
        return _by_age(examination, error, code)
    return _as_said(found, error, code)


def _is_too_old(examination: Examination, error: AppError, code: str) -> bool:
    """Whether the evidence holds, but the service asks more of its platform."""
    # The service has no code of its own for it (spec evidence, 4.3).
    refused = code in _EVIDENCE_CODES and _BASELINE in error.summary
    return refused and examination.tcb_status is not None


def _by_age(examination: Examination, error: AppError, code: str) -> Reason:
    rated = f"Its vendor rates it {examination.tcb_status}"
    if examination.advisories:
        rated += f": {', '.join(examination.advisories)}"
    return Reason(
        Guilty.EVIDENCE,
        "The platform is below the service's TCB baseline",
        f"{error.summary} {rated}.",
        f"The policy was not asked. {hint_for(TCB_CHECK)}",
        check=TCB_CHECK,
        code=code,
    )


def _as_said(found: Attestation, error: AppError, code: str) -> Reason:
    """What the service says, where nothing here knows more."""
    said = error.summary
    if code == _NO_POLICY:
        return _no_policy(found, said)
    if code in _POLICY_CODES:
        return Reason(Guilty.POLICY, "The service refused", said, error.hint, code=code)
    if code in _EVIDENCE_CODES and found.request.evidence:
        title = "The service did not accept the evidence"
        return Reason(Guilty.EVIDENCE, title, said, "", code=code)
    return Reason(Guilty.REQUEST, "The service refused", said, error.hint, code=code)


def _no_policy(found: Attestation, said: str) -> Reason:
    return Reason(
        Guilty.POLICY,
        f"No policy is set for {found.request.attestation_type.value}",
        said,
        "This type has no default policy. Set one under Policies, then attest again.",
        code=_NO_POLICY,
    )


def _was_judged(error: BaseException) -> bool:
    """Whether the evidence was looked at; not when the caller may not ask, or nobody answered."""
    return isinstance(error, ServiceError) and error.status == _BAD_REQUEST


def _by_policy(run: DryRun, code: str, *, draft: bool) -> Reason:
    row = _decider(run)
    name = "draft policy" if draft else "policy"
    words = {
        Verdict.DENIED: f"Denied by the {name}",
        Verdict.NOT_PERMITTED: f"Not permitted by the {name}",
        Verdict.FAILED: f"The {name} failed",
    }.get(run.verdict, f"The {name} cannot be read")
    line = row.first_line if row is not None else 0
    title = f"{words}, line {line}" if line else words
    sentence = run.reason
    if row is not None and run.verdict is Verdict.DENIED and row.checks:
        held = "; ".join(f"{check.text} (found {check.value})" for check in row.checks)
        sentence = f"{row.title} fired because: {held}."
    hint = "The evidence itself holds. Change the machine, or the rule."
    return Reason(Guilty.POLICY, title, sentence, hint, line=line, code=code, about=_about(row))


def _about(row: RuleRow | None) -> str:
    if row is None:
        return ""
    if row.miss is not None:
        return row.miss.claim
    return row.checks[0].text if row.checks else ""


def _decider(run: DryRun) -> RuleRow | None:
    """The rule that denied, or the one that nearly permitted."""
    states = ("denied",) if run.verdict is Verdict.DENIED else ("nearly",)
    return next((row for row in run.rules if row.state.value in states), None)


def _by_check(check: Check, code: str) -> Reason:
    parts = [check.detail] if check.detail else []
    compared = [
        f"{word} {value}"
        for word, value in (("expected", check.expected), ("found", check.actual))
        if value
    ]
    if compared:
        words = ", ".join(compared)
        parts.append(f"{words[:1].upper()}{words[1:]}.")
    return Reason(
        Guilty.EVIDENCE,
        f"The evidence fails a check: {check.title}",
        " ".join(parts),
        f"The policy was not asked. {hint_for(check.id)}",
        check=check.id,
        code=code,
    )
