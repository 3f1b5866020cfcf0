"""Tokens: take them apart, and check them against a provider's keys."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import AppError
from sealwright.services.model import TrustModel
from sealwright.services.shelf import SampleToken, TokenShelf

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.evidence.trust import TrustAnchor
    from sealwright.services.model import HistoryEntry, Provider
    from sealwright.services.ports import Clock, PolicyHistory
    from sealwright.services.providers import ProvidersService
    from sealwright.tokens.expectations import Expectations
    from sealwright.tokens.inspect import Inspection
    from sealwright.tokens.keyset import KeySet
    from sealwright.tokens.report import Report

__all__ = ["PolicyMatch", "SampleToken", "TokensService"]


@dataclass(frozen=True, slots=True)
class PolicyMatch:
    """A known policy with the hash that a token names."""

    entry: HistoryEntry
    provider: Provider | None


class TokensService:
    """Reads and verifies tokens."""

    def __init__(
        self, providers: ProvidersService, history: PolicyHistory, shelf: TokenShelf, clock: Clock
    ) -> None:
        self._providers = providers
        self._history = history
        self._shelf = shelf
        self._clock = clock

    async def inspect(self, text: str) -> Inspection:
        """Take the token in `text` apart; quotes, `Bearer` and `{"token": …}` around it are shed.

        Nothing in the result is verified.

        Raises:
            TokenError: there is no token in it.
        """
        from sealwright.tokens.inspect import inspect  # noqa: PLC0415 - after the first paint

        return await anyio.to_thread.run_sync(inspect, text)

    async def verify(
        self,
        text: str,
        provider: str,
        *,
        at: datetime | None = None,
        expect: Expectations | None = None,
    ) -> Report:
        """Check the token in `text` with the published keys of a provider, by id, name or URI.

        The keys come from the provider's own address, never from where the token points to.

        Raises:
            TokenError: there is no token in it.
            ServiceError: the provider's keys cannot be read.
        """
        inspection = await self.inspect(text)
        found = await self._providers.find(provider)
        session = await self._providers.session(found.id)
        keys = await session.keys()
        trust = _Trust(keys, found.attest_uri, at or self._clock.now(), session.anchors, expect)
        return await _judge(inspection.jws.compact, trust)

    async def verify_with_keys(
        self,
        text: str,
        jwks: bytes,
        *,
        issuer: str,
        at: datetime | None = None,
        expect: Expectations | None = None,
    ) -> Report:
        """Check the token in `text` with a key document that the user gives; `issuer` may be empty.

        Raises:
            TokenError: no token, or no key document.
        """
        from sealwright.tokens.keyset import parse_key_set  # noqa: PLC0415 - as above

        inspection = await self.inspect(text)
        keys = await anyio.to_thread.run_sync(parse_key_set, jwks)
        # Whose token it is, only the caller knows, who gave the keys: any cloud's roots may vouch.
        anchors = self._providers.anchors()
        trust = _Trust(keys, issuer, at or self._clock.now(), anchors, expect)
        return await _judge(inspection.jws.compact, trust)

    async def recent(self) -> tuple[SampleToken, ...]:
        """Tokens that came in since the start, newest first, then fresh answers of the sandbox."""
        known = self._shelf.all()
        return known or await self.samples()

    async def samples(self) -> tuple[SampleToken, ...]:
        """Ask known providers, own ones first, for their SGX policy: real, signed tokens."""
        providers = sorted(
            await self._providers.known(),
            key=lambda each: (each.trust_model is TrustModel.SHARED, each.name),
        )
        for provider in providers[:3]:
            try:
                session = await self._providers.session(provider.id)
                answer = await session.api.get_policy(AttestationType.SGX_ENCLAVE)
            except AppError:
                # A provider that does not answer has nothing to show here.
                continue
            title = f"SGX policy of {provider.name}"
            self._shelf.put(SampleToken(title, answer.token, provider.id))
        return self._shelf.all()

    async def policy_matches(self, policy_hash: str) -> tuple[PolicyMatch, ...]:
        """Known policies with this `x-ms-policy-hash`."""
        providers = {each.id: each for each in await self._providers.known()}
        entries = await self._history.find(policy_hash)
        return tuple(PolicyMatch(entry, providers.get(entry.provider_id)) for entry in entries)

    async def provider_of(self, issuer: str) -> Provider | None:
        """The known provider with this attest URI."""
        wanted = issuer.rstrip("/").lower()
        known = await self._providers.known()
        return next((each for each in known if each.attest_uri.lower() == wanted), None)

    def now(self) -> datetime:
        """The time that verification uses."""
        return self._clock.now()


@dataclass(frozen=True, slots=True)
class _Trust:
    """What a token is checked with."""

    keys: KeySet
    issuer: str
    now: datetime
    anchors: tuple[TrustAnchor, ...]
    expect: Expectations | None


async def _judge(token: str, trust: _Trust) -> Report:
    from sealwright.tokens.case import NOTHING  # noqa: PLC0415 - after the first paint
    from sealwright.tokens.verify import verify  # noqa: PLC0415 - as above

    call = partial(verify, token, trust.keys, issuer=trust.issuer, now=trust.now)
    expect = trust.expect or NOTHING
    return await anyio.to_thread.run_sync(partial(call, anchors=trust.anchors, expect=expect))
