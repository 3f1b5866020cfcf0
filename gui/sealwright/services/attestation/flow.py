"""An attestation as it comes back: what was sent and answered, and each step of the way.

The steps are those of the picture: evidence → request → incoming claims → policy → outgoing claims
→ token. What the provider does in between it does not show; incoming claims, the policy's decision
and outgoing claims are worked out here from the same evidence and the same policy text, and the
token says whether that is what happened (`PolicyUsed.confirmed`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from sealwright.services.changes.steps import StepStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sealwright.claims.claim import Claim
    from sealwright.errors import AppError
    from sealwright.evidence.examination import Examination
    from sealwright.services.attestation.request import AttestRequest
    from sealwright.services.exchanges import SavedExchange
    from sealwright.services.model import PolicyState, Provider
    from sealwright.services.policies.dry_run import DryRun
    from sealwright.tokens.verification.report import Report


class FlowStepId(StrEnum):
    """The steps of an attestation in their order."""

    EVIDENCE = "evidence"
    REQUEST = "request"
    INCOMING = "incoming"
    POLICY = "policy"
    OUTGOING = "outgoing"
    TOKEN = "token"  # noqa: S105 - a step


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One step as it stands; `error` says why it failed, `detail` one short fact about it."""

    id: FlowStepId
    title: str
    status: StepStatus = StepStatus.WAITING
    detail: str = ""
    error: AppError | None = None


@dataclass(frozen=True, slots=True)
class PolicyUsed:
    """The policy that decided."""

    text: str = field(repr=False)
    hash: str
    draft: bool
    state: PolicyState | None
    """What stands at the provider; None for a draft."""
    confirmed: bool | None
    """Whether the token names this hash; None without a token."""


@dataclass(frozen=True, slots=True)
class Attestation:
    """What came of one attestation. A refusal by the service is a result too: see `error`.

    Args:
        request: what was asked for.
        provider: who was asked.
        exchange: every message with its answer, to be saved and replayed.
        steps: the six steps, in their order.
        token: the compact JWS, secured or not; the sealed text while nobody opened it; empty when
            the service refused.
        sealed: the token is still sealed for the TPM: nothing in it can be read here.
        report: every check of the token by the provider's published keys; None without one.
        examination: the evidence as it is judged here, by the roots of all clouds; None when it is
            made only for the challenge, or is of no form that is known.
        incoming: claims derived from the evidence here; empty when it cannot be read.
        policy: what decided, as far as it could be read.
        run: that policy on these claims, rule by rule; None when either is not known.
        details: what the provider says it did not judge; empty when it judged all.
        error: why the service refused; None when it did not.
    """

    request: AttestRequest
    provider: Provider
    exchange: SavedExchange
    steps: tuple[FlowStep, ...]
    token: str = field(repr=False, default="")
    sealed: bool = False
    report: Report | None = None
    examination: Examination | None = field(repr=False, default=None)
    incoming: tuple[Claim, ...] = field(repr=False, default=())
    policy: PolicyUsed | None = None
    run: DryRun | None = None
    details: str = ""
    error: AppError | None = None

    @property
    def claims(self) -> Mapping[str, object]:
        """The token's claims; proven only when the report is valid."""
        return {} if self.report is None else self.report.claims

    @property
    def secured(self) -> bool:
        """Whether the token is signed; a draft policy's is not, and proves nothing.

        Of a token that is still sealed only the request tells.
        """
        if self.sealed:
            return not self.request.draft_policy
        return self.report is not None and self.report.header.get("alg") != "none"

    @property
    def outgoing(self) -> tuple[Claim, ...]:
        """Claims that the policy issued, as they were issued."""
        return () if self.run is None else self.run.issued

    def require(self) -> None:
        """Refuse what the service refused.

        Raises:
            ServiceError: it did.
        """
        if self.error is not None:
            raise self.error


TITLES = {
    FlowStepId.EVIDENCE: "Evidence",
    FlowStepId.REQUEST: "Request",
    FlowStepId.INCOMING: "Incoming claims",
    FlowStepId.POLICY: "Policy",
    FlowStepId.OUTGOING: "Outgoing claims",
    FlowStepId.TOKEN: "Token",
}
"""Words for people."""


class Flow:
    """The steps while they happen."""

    def __init__(self, listener: Callable[[FlowStep], None] | None) -> None:
        self._steps = {id_: FlowStep(id_, title) for id_, title in TITLES.items()}
        self._listener = listener

    def put(
        self,
        id_: FlowStepId,
        status: StepStatus,
        detail: str = "",
        error: AppError | None = None,
    ) -> None:
        """A step moved on; the listener hears of it."""
        step = FlowStep(id_, TITLES[id_], status, detail, error)
        self._steps[id_] = step
        if self._listener is not None:
            self._listener(step)

    def failed(self, id_: FlowStepId) -> bool:
        """Whether a step failed."""
        return self._steps[id_].status is StepStatus.FAILED

    def skip_rest(self) -> None:
        """What did not happen."""
        for step in self._steps.values():
            if step.status in (StepStatus.WAITING, StepStatus.RUNNING):
                self.put(step.id, StepStatus.SKIPPED)

    @property
    def steps(self) -> tuple[FlowStep, ...]:
        """In their order."""
        return tuple(self._steps.values())
