"""Reaching a provider: which cloud it is in, and its answers, verified with its own keys.

Invariant: an answer counts as trusted only when its signature, time and issuer were checked with
keys that the provider itself published at its own address; what the token's header names as key
or key document is never used.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import anyio
import anyio.to_thread
from anyio import CapacityLimiter
from anyio.lowlevel import RunVar

from sealwright.durations import duration_words
from sealwright.errors import AppError, BadAnswerError, TokenError, UsageError
from sealwright.services.certificates import describe_certificate
from sealwright.services.model import PolicyState, Provider
from sealwright.services.reaching.defaults import is_default
from sealwright.services.reaching.overview import DeployedPolicy
from sealwright.services.reaching.published_keys import published_keys
from sealwright.tokens import answers, results
from sealwright.tokens.keyset import KeySet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.services.model import Certificate, Check
    from sealwright.services.ports import Answer, AttestationApi, Clock, Cloud
    from sealwright.services.reaching.key_archive import KeyArchive
    from sealwright.tokens.verification.report import Report

_CLOCK_HINT: Final = (
    "The provider's clock and this computer's differ by {difference}. Set this computer's clock."
)
_CLOCK_TOLERANCE: Final = timedelta(seconds=60)
"""What verification allows (spec rest-api, 4.10)."""

_AT_ONCE: Final = 2
"""Answers that are verified at a time. More threads would not be faster: they would compete for the
one interpreter, with each other and with the window."""
_VERIFYING: Final = RunVar[CapacityLimiter]("verifying")


class Clouds:
    """The clouds that can be used from here, by name."""

    def __init__(self, clouds: Sequence[Cloud]) -> None:
        self._clouds = {cloud.name: cloud for cloud in clouds}

    def all(self) -> tuple[Cloud, ...]:
        """All of them, in the order they were given."""
        return tuple(self._clouds.values())

    def named(self, name: str) -> Cloud:
        """The cloud of this name.

        Raises:
            UsageError: it is not connected here.
        """
        found = self._clouds.get(name)
        if found is None:
            known = ", ".join(f"`{each}`" for each in self._clouds)
            raise UsageError(f"The cloud `{name}` is not connected here.", hint=f"Known: {known}.")
        return found

    def of(self, provider: Provider) -> Cloud:
        """The cloud that a provider is in.

        Raises:
            UsageError: it is not connected, or the provider's address is not one of its own; then
                the cloud's token must not go there.
        """
        cloud = self.named(provider.cloud)
        if not cloud.serves(provider.attest_uri):
            raise UsageError(
                f"`{provider.attest_uri}` is no address of the cloud `{cloud.name}`.",
                hint="Refresh the list of providers.",
            )
        return cloud.acting_for(provider.subscription)

    def add(self, cloud: Cloud) -> None:
        """Add a cloud, or put it in place of that of the same name."""
        self._clouds[cloud.name] = cloud

    def remove(self, name: str) -> None:
        """Forget a cloud; nothing happens when it is not there."""
        self._clouds.pop(name, None)


@dataclass(frozen=True, slots=True)
class TrustedSet:
    """The certificates that a provider trusts, as it answered."""

    certificates: tuple[Certificate, ...]
    checks: tuple[Check, ...]
    request_id: str
    read_at: datetime


class ProviderSession:
    """One provider during one use case; its keys are fetched once, or again when asked."""

    def __init__(
        self, provider: Provider, cloud: Cloud, clock: Clock, archive: KeyArchive | None = None
    ) -> None:
        self.server_time: datetime | None = None
        """The provider's own clock when its keys were fetched."""
        self._archive = archive
        self.provider = provider
        self.account = cloud.account
        self.anchors = cloud.anchors
        self.api: AttestationApi = cloud.attestation(provider.attest_uri)
        self._clock = clock
        self._keys: KeySet | None = None
        self._fetching = anyio.Lock()
        self._failure: AppError | None = None
        """Why the last fetch failed, for those who waited for it."""

    async def keys(self) -> KeySet:
        """The provider's published keys."""
        if self._keys is None:
            await self._fetch_since(None)
        return self._keys or KeySet(())

    async def _fetch_since(self, known: KeySet | None) -> None:
        """Fetch other keys than the known ones; of many who ask at once, one fetches for all."""
        waited = self._fetching.locked()
        async with self._fetching:
            if waited and self._failure is not None:
                raise self._failure
            if self._keys is not known:
                return
            self._failure = None
            try:
                await self.fetch_keys()
            except AppError as error:
                self._failure = error
                raise

    async def fetch_keys(self) -> None:
        """Read the keys again: the provider may have changed them."""
        self._keys, self.server_time = await published_keys(self.api)
        if self._archive is not None:
            await self._archive.keep(self.provider.attest_uri, self._keys)

    async def judge(self, make: Callable[[results.Wire], Report]) -> Report:
        """Run one verification with the provider's keys, its address and the time."""
        keys = await self.keys()
        report = await self._verified(make, keys)
        if report.valid or not _unknown_key(report):
            return report
        # The key may be newer than our copy of the key set.
        await self._fetch_since(keys)
        return await self._verified(make, await self.keys())

    async def _verified(self, make: Callable[[results.Wire], Report], keys: KeySet) -> Report:
        now = self._clock.now()
        wire = results.Wire(keys, self.provider.attest_uri, now, anchors=self.anchors)
        return await anyio.to_thread.run_sync(make, wire, limiter=_verifying())

    async def policy(self, attestation_type: AttestationType) -> DeployedPolicy:
        """Read and verify the deployed policy.

        Raises:
            BadAnswerError: the answer holds no policy.
        """
        answer = await self.api.get_policy(attestation_type)
        report = await self.judge(lambda wire: results.verify_policy_answer(answer.token, wire))
        try:
            inner = answers.policy_answer(report.claims)
        except TokenError as error:
            raise _no_content(answer, error) from error
        return DeployedPolicy(
            provider=self.provider,
            attestation_type=attestation_type,
            state=_state(attestation_type, inner.text, inner.policy_hash, signed=inner.signed),
            text=inner.text,
            policy_hash=inner.policy_hash,
            token_hash=inner.token_hash,
            jws=inner.jws,
            signer=describe_certificate(inner.chain[0]) if inner.chain else None,
            read_at=self._clock.now(),
            request_id=answer.request_id,
            checks=report.checks,
            problem=None if report.valid else self.why_not(report, answer),
        )

    async def trusted_set(self) -> TrustedSet:
        """Read and verify the trusted certificates.

        Raises:
            BadAnswerError: the answer does not verify.
        """
        answer = await self.api.get_certificates()
        report = await self.judge(
            lambda wire: results.verify_certificates_answer(answer.token, wire)
        )
        if not report.valid:
            raise self.why_not(report, answer)
        found = tuple(describe_certificate(der) for der in answers.certificates(report.claims))
        return TrustedSet(found, report.checks, answer.request_id, self._clock.now())

    def why_not(self, report: Report, answer: Answer) -> BadAnswerError:
        """The error for an answer that is not proven."""
        summary, details = "The provider's answer is not proven.", dict[str, str]()
        try:
            report.require()
        except TokenError as error:
            summary = f"The provider's answer is not proven: {error.summary}"
            details = dict(error.details)
        return BadAnswerError(
            summary,
            hint=self._clock_hint(answer),
            request_id=answer.request_id,
            details=details,
        )

    def _clock_hint(self, answer: Answer) -> str:
        if answer.server_time is not None:
            gap = abs(answer.server_time - self._clock.now())
            if gap > _CLOCK_TOLERANCE:
                return _CLOCK_HINT.format(difference=duration_words(gap.total_seconds()))
        return "Nothing of it is taken as true. Compare the checks with the provider's keys."


def _verifying() -> CapacityLimiter:
    """Who lets answers through to verification, one for each event loop."""
    try:
        return _VERIFYING.get()
    except LookupError:
        made = CapacityLimiter(_AT_ONCE)
        _VERIFYING.set(made)
        return made


def _unknown_key(report: Report) -> bool:
    return any(check.id.startswith("key-set") for check in report.failures)


def _no_content(answer: Answer, error: TokenError) -> BadAnswerError:
    return BadAnswerError(
        f"The provider's answer holds no policy: {error.summary}",
        hint=error.hint,
        request_id=answer.request_id,
        details=error.details,
    )


def _state(
    attestation_type: AttestationType, text: str, policy_hash: str, *, signed: bool
) -> PolicyState:
    if not text:
        return PolicyState.NONE
    if not signed and is_default(attestation_type, policy_hash):
        return PolicyState.DEFAULT
    return PolicyState.CUSTOM
