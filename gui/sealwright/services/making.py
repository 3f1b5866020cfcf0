"""Making a provider together with its first policies: one run, with proof for each type.

Invariants
- Every policy is read and checked first: what cannot be sent leaves no half-made provider behind.
- One policy that fails does not hold the others; `run` again goes on with what is not proven.
- A provider that shall not be reached over the public network is closed last: neither its first
  signers could be read back nor its first policies sent through a closed door.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final

import anyio.to_thread

from sealwright.errors import AppError, BadAnswerError, PolicyError, UsageError
from sealwright.services.changes.steps import StepStatus
from sealwright.services.model import PolicyState
from sealwright.services.policies import judgement
from sealwright.services.ports import CLOSED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.services.changes.steps import RunOutcome
    from sealwright.services.changes.upload import UploadRun
    from sealwright.services.model import Provider
    from sealwright.services.policies.policies import PoliciesService
    from sealwright.services.ports import NewProvider
    from sealwright.services.providers.providers import ProvidersService
    from sealwright.services.reference import Reference

_DEFAULT: Final = "The other provider has no policy of its own for this type either."


@dataclass(frozen=True, slots=True)
class InitialPolicy:
    """The policy of one type: a document, or what another provider applies."""

    attestation_type: AttestationType
    origin: str
    """Where it comes from, in words: `file x.policy`, `template y`, `provider z`."""
    data: bytes | None = field(default=None, repr=False)
    source: Provider | None = None


@dataclass(frozen=True, slots=True)
class MadePolicy:
    """How the policy of one type stands."""

    policy: InitialPolicy
    status: StepStatus = StepStatus.WAITING
    outcome: RunOutcome | None = None
    note: str = ""
    """Why nothing was to do."""
    error: AppError | None = None

    @property
    def settled(self) -> bool:
        """Whether it is proven, or nothing was to do."""
        return self.status in (StepStatus.DONE, StepStatus.SKIPPED)


class Making:
    """One new provider with its policies."""

    def __init__(  # noqa: PLR0913, PLR0917 - what one run needs
        self,
        new: NewProvider,
        make: Callable[[], Awaitable[Provider]],
        policies: PoliciesService,
        reference: Reference,
        initial: Sequence[InitialPolicy],
        key: str = "",
        close: Callable[[str], Awaitable[Provider]] | None = None,
    ) -> None:
        self.new = new
        self.provider: Provider | None = None
        self.policies = tuple(MadePolicy(each) for each in initial)
        self.checked = not initial
        """Whether the policies were read and can be sent."""
        self.closing = StepStatus.SKIPPED if close is None else StepStatus.WAITING
        """How it stands with the public network, where that is switched off last."""
        self.closing_error: AppError | None = None
        self._close = close
        self._make = make
        self._service, self._reference, self._key = policies, reference, key
        self._data: dict[AttestationType, bytes] = {}
        self._runs: dict[AttestationType, UploadRun] = {}

    @property
    def proven(self) -> bool:
        """Whether the provider is there with everything that was asked for."""
        closed = self.closing in (StepStatus.DONE, StepStatus.SKIPPED)
        return self.provider is not None and closed and not self.left

    @property
    def left(self) -> int:
        """How many policies are not proven."""
        return sum(not each.settled for each in self.policies)

    @property
    def has_steps(self) -> bool:
        """Whether more is done than to make it."""
        return bool(self.policies) or self._close is not None

    async def run(self, on_change: Callable[[], None] = lambda: None) -> Making:
        """Do what is left; what a policy fails with stands in `policies`.

        Raises:
            PolicyError: a text has an error; nothing was made.
            UsageError: the name is taken, or a policy cannot be signed; nothing was made.
            ServiceError: another provider cannot be read, or the new one cannot be made.
        """
        if not self.checked:
            for each in self.policies:
                await self._check(each.policy)
            self.checked = True
            on_change()
        if self.provider is None:
            self.provider = await self._make()
            on_change()
        for each in self.policies:
            if not each.settled:
                self._put(replace(each, status=StepStatus.RUNNING, error=None))
                on_change()
                self._put(await self._apply(each.policy, self.provider))
                on_change()
        if self._close is not None and not self.left and self.closing is not StepStatus.DONE:
            self.closing, self.closing_error = StepStatus.RUNNING, None
            on_change()
            await self._shut(self._close, self.provider)
            on_change()
        return self

    # --- inside ---------------------------------------------------------------------------------

    def _put(self, made: MadePolicy) -> None:
        kind = made.policy.attestation_type
        self.policies = tuple(
            made if each.policy.attestation_type is kind else each for each in self.policies
        )

    async def _shut(self, close: Callable[[str], Awaitable[Provider]], provider: Provider) -> None:
        try:
            closed = await close(provider.id)
            if closed.public_network_access != CLOSED:
                raise BadAnswerError(f"`{provider.name}` is open to the public network still.")
        except AppError as error:
            self.closing, self.closing_error = StepStatus.FAILED, error
        else:
            self.closing, self.provider = StepStatus.DONE, closed

    async def _check(self, policy: InitialPolicy) -> None:
        kind = policy.attestation_type
        if self.new.signing_certificates and not self._key:
            raise UsageError(
                "No key is named to sign the policies with.",
                hint="An Isolated provider takes signed policies only: name the key of a signer.",
            )
        data = policy.data
        if policy.source is not None:
            found = await self._service.deployed(policy.source.id, kind)
            found.require()
            if found.state is not PolicyState.CUSTOM:
                self._put(MadePolicy(policy, StepStatus.SKIPPED, note=_DEFAULT))
                return
            data = found.text.encode("utf-8")
        else:
            await anyio.to_thread.run_sync(self._require_sound, policy, data or b"")
        self._data[kind] = data or b""

    def _require_sound(self, policy: InitialPolicy, data: bytes) -> None:
        """What another provider applies was taken once; any other text may have an error."""
        kind = policy.attestation_type
        text, obstacles = judgement.read(data)
        found = () if obstacles else judgement.diagnose(text, kind, self._reference)
        judged = obstacles or judgement.of_text(text, found, kind)
        blocked = (each for each in judged if each.certain or each.code == judgement.ERRORS)
        first = next(blocked, None)
        if first is not None:
            raise PolicyError(
                f"The policy for {kind.value} cannot be sent ({policy.origin}): {first.message}",
                hint=f"{first.hint} Nothing was made.".strip(),
                diagnostics=found,
            )

    async def _apply(self, policy: InitialPolicy, provider: Provider) -> MadePolicy:
        kind = policy.attestation_type
        try:
            run = self._runs.get(kind)
            if run is None:
                review = await self._service.review(self._data[kind], provider.id, kind)
                run = await self._service.start(review, self._key or None)
                self._runs[kind] = run
            outcome = await run.run()
        except AppError as error:
            return MadePolicy(policy, StepStatus.FAILED, error=error)
        if outcome.proven:
            return MadePolicy(policy, StepStatus.DONE, outcome)
        stopped = outcome.failed
        why = stopped.error if stopped is not None else None
        return MadePolicy(policy, StepStatus.FAILED, outcome, error=why)


class MakingService:
    """Prepares the making of providers."""

    def __init__(
        self, providers: ProvidersService, policies: PoliciesService, reference: Reference
    ) -> None:
        self._providers, self._policies, self._reference = providers, policies, reference

    def prepare(
        self, cloud: str, new: NewProvider, initial: Sequence[InitialPolicy] = (), key: str = ""
    ) -> Making:
        """What makes `new` with these policies; `key` of the vault signs them where it must."""
        closes = new.closed and bool(initial or new.signing_certificates)
        close = partial(self._providers.update, public_network_access=CLOSED) if closes else None
        make = partial(self._providers.create, cloud, new.opened() if closes else new)
        return Making(new, make, self._policies, self._reference, initial, key, close)
