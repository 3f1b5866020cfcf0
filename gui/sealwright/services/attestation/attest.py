"""Attest: send evidence to a provider, and show everything between it and the token.

`AttestService.attest` sends an `AttestRequest` and gives an `Attestation`; `replay` sends a saved
exchange once more. A refusal by the service is a result, with the way to it worked out here as far
as it goes, since the question after a refusal is why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import anyio.to_thread

from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import AppError, RejectedError
from sealwright.policy.digest import policy_hash
from sealwright.services.attestation.evidence import Basis, examined, tpm_incoming
from sealwright.services.attestation.flow import Attestation, Flow, FlowStepId, PolicyUsed
from sealwright.services.attestation.messages import Sent, read_message, send
from sealwright.services.attestation.request import (
    AttestRequest,
    draft_text,
    request_body,
    require_possible,
)
from sealwright.services.changes.steps import StepStatus
from sealwright.services.exchanges import SavedExchange
from sealwright.services.model import NewActivity
from sealwright.services.shelf import SampleToken

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sealwright.claims.claim import Claim
    from sealwright.evidence.examination import Examination
    from sealwright.services.attestation.flow import FlowStep
    from sealwright.services.changes.run import RunTools
    from sealwright.services.model import PolicyState
    from sealwright.services.policies.dry_run import DryRun, DryRunService
    from sealwright.services.ports import PretendedMachines
    from sealwright.services.providers.providers import ProvidersService
    from sealwright.services.reaching.reach import ProviderSession
    from sealwright.tokens.verification.report import Report

_OF_THE_POLICY: Final = frozenset({"PolicyParsingError", "PolicyEvaluationError", "Bad request"})
"""Codes of refusals that the policy, not the evidence, is the reason of."""


class AttestService:
    """Attests evidence at providers."""

    def __init__(
        self,
        providers: ProvidersService,
        dry_run: DryRunService,
        tools: RunTools,
        machines: PretendedMachines | None = None,
    ) -> None:
        self._providers = providers
        self._dry_run = dry_run
        self._tools = tools
        self._machines = machines

    async def attest(
        self, request: AttestRequest, on_step: Callable[[FlowStep], None] | None = None
    ) -> Attestation:
        """Attest once; `on_step` hears of each step on the event loop and must return at once.

        Raises:
            UsageError: the provider is not known, or the operation does not take the request.
            UnreachableError: no answer came.
        """
        require_possible(request)
        body: Mapping[str, object] = {}
        if request.tpm is None:
            body = await anyio.to_thread.run_sync(request_body, request)
        return await self._attest(request, body, on_step)

    async def replay(
        self,
        exchange: SavedExchange,
        provider: str,
        on_step: Callable[[FlowStep], None] | None = None,
    ) -> Attestation:
        """Send the last message of a saved exchange again, its body unchanged, to a provider.

        Raises:
            UsageError: the exchange is no attest call, or the provider is not known.
            UnreachableError: no answer came.
        """
        read = await anyio.to_thread.run_sync(read_message, exchange.messages[-1], provider)
        return await self._attest(*read, on_step)

    async def _attest(
        self,
        request: AttestRequest,
        body: Mapping[str, object],
        on_step: Callable[[FlowStep], None] | None,
    ) -> Attestation:
        provider = await self._providers.find(request.provider)
        session = await self._providers.session(provider.id)
        basis = Basis(self._providers.anchors(), self._tools.clock.now(), self._machines)
        attempt = _Attempt(session, request, basis, self._dry_run, Flow(on_step))
        found = await attempt.run(body)
        await self._keep(found)
        return found

    async def _keep(self, found: Attestation) -> None:
        """Put a readable token on the shelf, and a refusal into the log."""
        kind, provider = found.request.attestation_type.value, found.provider
        if found.token and not found.sealed:
            title = f"{kind} attested by {provider.name}"
            self._tools.shelf.put(SampleToken(title, found.token, provider.id))
        if found.error is not None:
            session = await self._providers.session(provider.id)
            entry = NewActivity(
                who=session.account,
                where=provider.name,
                what=f"attest {kind}",
                result="refused",
                request_id=found.exchange.messages[-1].request_id,
                detail=found.error.summary,
            )
            await self._tools.log.append(entry)


class _Attempt:
    """One attestation while it happens."""

    def __init__(
        self,
        session: ProviderSession,
        request: AttestRequest,
        basis: Basis,
        dry_run: DryRunService,
        flow: Flow,
    ) -> None:
        self._session = session
        self._request = request
        self._basis = basis
        self._examination: Examination | None = None
        self._dry_run = dry_run
        self._flow = flow

    async def run(self, body: Mapping[str, object]) -> Attestation:
        """Send, and work out the way; every step is told."""
        self._examination = await anyio.to_thread.run_sync(examined, self._request, self._basis)
        form = "" if self._examination is None else f"{self._examination.form}, "
        size = _size(len(self._request.evidence))
        self._flow.put(FlowStepId.EVIDENCE, StepStatus.DONE, f"{form}{size}")
        self._flow.put(FlowStepId.REQUEST, StepStatus.RUNNING)
        sent = await send(self._session.api, self._request, body)
        self._answered(sent)
        claims = await self._incoming(sent)
        report = await self._verified(sent)
        policy = await self._policy(report)
        run = await self._decided(policy, claims)
        self._issued(run, sent)
        self._flow.skip_rest()
        return Attestation(
            request=self._request,
            provider=self._session.provider,
            exchange=SavedExchange(sent.messages),
            steps=self._flow.steps,
            token=sent.token,
            sealed=sent.sealed,
            report=report,
            examination=self._examination,
            incoming=claims,
            policy=policy,
            run=run,
            details=sent.messages[-1].details,
            error=sent.error,
        )

    def _answered(self, sent: Sent) -> None:
        last, error = sent.messages[-1], sent.error
        words = f"status {last.status}, {last.elapsed * 1000:.0f} ms"
        if error is None or isinstance(error, RejectedError):
            self._flow.put(FlowStepId.REQUEST, StepStatus.DONE, words)
        else:
            self._flow.put(FlowStepId.REQUEST, StepStatus.FAILED, words, error)
        if isinstance(error, RejectedError):
            about_policy = error.service_code in _OF_THE_POLICY
            guilty = FlowStepId.POLICY if about_policy else FlowStepId.EVIDENCE
            self._flow.put(guilty, StepStatus.FAILED, error.service_code, error)

    async def _incoming(self, sent: Sent) -> tuple[Claim, ...]:
        claims = () if self._examination is None else self._examination.claims
        if self._request.attestation_type is AttestationType.TPM:
            last = sent.messages[-1]
            claims = await anyio.to_thread.run_sync(tpm_incoming, last, self._basis)
        if claims and not self._flow.failed(FlowStepId.EVIDENCE):
            self._flow.put(FlowStepId.INCOMING, StepStatus.DONE, _count(len(claims), "claim"))
        return claims

    async def _verified(self, sent: Sent) -> Report | None:
        """Check the token with the provider's own keys."""
        if not sent.token or sent.sealed:
            return None
        from sealwright.tokens.verification.verify import verify  # noqa: PLC0415 - after the first paint

        report = await self._session.judge(
            lambda wire: verify(
                sent.token, wire.keys, issuer=wire.issuer, now=wire.now, anchors=wire.anchors
            )
        )
        problem = _problem(report, draft=bool(self._request.draft_policy))
        status = StepStatus.DONE if problem is None else StepStatus.FAILED
        self._flow.put(FlowStepId.TOKEN, status, str(report.verdict), problem)
        return report

    async def _policy(self, report: Report | None) -> PolicyUsed | None:
        request = self._request
        state: PolicyState | None = None
        if request.draft_policy:
            text = draft_text(request.draft_policy)
        else:
            try:
                deployed = await self._session.policy(request.attestation_type)
            except AppError:
                # Not every account that may attest may read the policy.
                return None
            text, state = deployed.text, deployed.state
        named = None if report is None else report.claims.get("x-ms-policy-hash")
        return PolicyUsed(
            text=text,
            hash=policy_hash(text),
            draft=bool(request.draft_policy),
            state=state,
            confirmed=None if named is None else named == policy_hash(text),
        )

    async def _decided(self, policy: PolicyUsed | None, claims: tuple[Claim, ...]) -> DryRun | None:
        if policy is None or not claims:
            return None
        from sealwright.evidence.derived.hardware import former_names  # noqa: PLC0415 - as above

        kind = self._request.attestation_type
        known = {claim.type for claim in claims}
        former = [claim for claim in former_names(claims) if claim.type not in known]
        run = await self._dry_run.run(policy.text, kind, (*claims, *former))
        if not self._flow.failed(FlowStepId.POLICY) and not self._flow.failed(FlowStepId.EVIDENCE):
            self._flow.put(FlowStepId.POLICY, StepStatus.DONE, run.reason)
        return run

    def _issued(self, run: DryRun | None, sent: Sent) -> None:
        if run is not None and sent.error is None:
            count = _count(len(run.issued), "claim")
            self._flow.put(FlowStepId.OUTGOING, StepStatus.DONE, count)


def _problem(report: Report, *, draft: bool) -> AppError | None:
    """Why the token is not what was to be expected; a draft's token is unsecured by design."""
    from sealwright.tokens.verification.report import Verdict  # noqa: PLC0415 - after the first paint

    if draft and report.verdict is Verdict.UNSECURED:
        return None
    try:
        report.require()
    except AppError as error:
        return error
    return None


def _size(octets: int) -> str:
    return f"{octets:,} bytes" if octets else "made for the challenge"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
