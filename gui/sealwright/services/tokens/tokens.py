"""Tokens: take them apart, and check them against a provider's keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import AppError, TokenError
from sealwright.services.model import TrustModel
from sealwright.services.shelf import SampleToken, TokenShelf
from sealwright.services.tokens.key_source import KeySource
from sealwright.services.tokens.keys import TokenKeys
from sealwright.tokens.carried import carried_policy
from sealwright.tokens.chain import Chain, draw_chain
from sealwright.tokens.inspect import inspect, meanings, without_scheme
from sealwright.tokens.pasted import is_like_token
from sealwright.tokens.sealed import sealed_answer, unseal
from sealwright.tokens.sections import policy_hash_of
from sealwright.tokens.signing_facts import FactGroup, fact_groups, signing_facts
from sealwright.tokens.trust_vector import Trustworthiness, trust_vector
from sealwright.tokens.unwrap import compact_of
from sealwright.tokens.verification.case import NOTHING, Rules
from sealwright.tokens.verification.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sealwright.evidence.intel.collateral import Collateral
    from sealwright.services.model import HistoryEntry, Provider
    from sealwright.services.ports import Clock, PolicyHistory
    from sealwright.services.providers.providers import ProvidersService
    from sealwright.services.reaching.key_archive import KeyArchive
    from sealwright.services.reference import Reference
    from sealwright.services.tokens.batch import BatchRow, BatchTerms, BatchToken, TokenJudges
    from sealwright.services.tokens.keys import KeyChoice
    from sealwright.services.tokens.recent import RecentTokens
    from sealwright.services.tokens.rules import RulesBook
    from sealwright.tokens.expectations import Expectations
    from sealwright.tokens.inspect import Inspection
    from sealwright.tokens.unwrap import UnwrappedPolicy
    from sealwright.tokens.verification.report import Report

__all__ = ["Examination", "PolicyMatch", "SampleToken", "Terms", "TokenParts", "TokensService"]

OFFLINE = KeySource()
_TELLING = (TrustModel.ISOLATED, TrustModel.AAD, TrustModel.SHARED)


@dataclass(frozen=True, slots=True)
class PolicyMatch:
    """A known policy with the hash that a token names."""

    entry: HistoryEntry
    provider: Provider | None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a token is checked by besides its keys."""

    at: datetime | None = None
    """The time at which it must hold; None for now."""
    expect: Expectations | None = None
    collateral: Collateral | None = None


NOW = Terms()


@dataclass(frozen=True, slots=True)
class Examination:
    """Everything there is to say about one token."""

    text: str = field(repr=False)
    """The compact token."""
    inspection: Inspection | None
    """None when it cannot be taken apart; then the report says why."""
    report: Report
    keys: KeyChoice
    chain: Chain
    facts: tuple[FactGroup, ...]
    evidence: bytes = field(repr=False)
    """The hardware evidence inside the key's certificate; empty when there is none."""
    vector: tuple[Trustworthiness, ...]
    matches: tuple[PolicyMatch, ...]
    policy_hash: str
    """Of the policy that it was issued under, or that it carries."""
    policy: UnwrappedPolicy | None
    """What an answer or an upload carries."""
    at: datetime


@dataclass(frozen=True, slots=True)
class TokenParts:
    """What the service of tokens needs."""

    providers: ProvidersService
    history: PolicyHistory
    archive: KeyArchive
    shelf: TokenShelf
    reference: Reference
    clock: Clock
    rules: RulesBook
    recent: RecentTokens
    judges: TokenJudges


class TokensService:
    """Reads and verifies tokens."""

    def __init__(self, parts: TokenParts) -> None:
        self._parts = parts
        self._keys = TokenKeys(parts.providers, parts.archive, parts.clock)
        self.rules = parts.rules
        self.recent_tokens = parts.recent

    async def inspect(self, text: str) -> Inspection:
        """Take the token in `text` apart; quotes, `Bearer` and `{"token": …}` around it are shed.

        Nothing in the result is verified.

        Raises:
            TokenError: there is no token in it.
        """
        return await anyio.to_thread.run_sync(self._inspect, text)

    async def examine(
        self, text: str, source: KeySource = OFFLINE, terms: Terms = NOW
    ) -> Examination:
        """Take a token apart, check it and draw its chain; by default nothing is fetched.

        Raises:
            TokenError: there is nothing like a token in it.
            ServiceError: the provider was to be asked and does not answer.
        """
        compact, inspection = await self._read(text)
        jws = inspection.jws if inspection is not None else None
        keys = await self._keys.choose(source, jws, terms.at)
        report = await self._judge(compact, keys, terms)
        policy = carried_policy(inspection) if inspection is not None else None
        policy_hash = policy_hash_of(report.claims) or (policy.policy_hash if policy else "")
        matches = await self.policy_matches(policy_hash) if policy_hash else ()
        matches = _nearest_first(matches, report)
        # Certificates are read, and their evidence.
        return await anyio.to_thread.run_sync(
            partial(
                _examined,
                compact,
                inspection,
                report,
                keys,
                matches=matches,
                policy_hash=policy_hash,
                policy=policy,
                at=terms.at or self._parts.clock.now(),
            )
        )

    async def verify(self, text: str, source: KeySource, terms: Terms = NOW) -> Report:
        """Check the token in `text` with the keys of a source.

        The keys of a provider come from its own address, never from where the token points to.

        Raises:
            TokenError: there is no token in it, or the key document is none.
            ServiceError: the provider's keys cannot be read.
        """
        compact, inspection = await self._read(text)
        jws = inspection.jws if inspection is not None else None
        keys = await self._keys.choose(source, jws, terms.at)
        return await self._judge(compact, keys, terms)

    async def _read(self, text: str) -> tuple[str, Inspection | None]:
        """The compact token, and what is in it; None for a broken one, whose report says why."""
        compact = await anyio.to_thread.run_sync(_compact, text)
        try:
            return compact, await self.inspect(compact)
        except TokenError:
            if not is_like_token(compact):
                raise
        try:
            # What can be read of a refused one is shown beside the reason.
            return compact, await anyio.to_thread.run_sync(
                partial(self._inspect, compact, canonical=False)
            )
        except TokenError:
            return compact, None

    async def batch(
        self,
        tokens: Sequence[BatchToken],
        source: KeySource,
        terms: BatchTerms,
        on_rows: Callable[[tuple[BatchRow, ...]], None],
    ) -> int:
        """Check many tokens in worker processes; `on_rows` hears of slices. How many are valid.

        Raises:
            ServiceError: the provider's keys cannot be read.
            StorageError: a worker cannot be started.
        """
        from sealwright.services.tokens.batch import run_batch  # noqa: PLC0415 - for who needs it

        catalogue = await anyio.to_thread.run_sync(self._parts.reference.catalogue_text)
        return await run_batch(
            tokens,
            keys=self._keys,
            source=source,
            terms=terms,
            catalogue=catalogue,
            judges=self._parts.judges,
            on_rows=on_rows,
        )

    async def unseal(self, text: str, key: bytes) -> str:
        """The token inside a sealed answer of the AzureGuest endpoint.

        Raises:
            TokenError: it is no sealed answer, or the key is another.
        """
        answer = await anyio.to_thread.run_sync(sealed_answer, text)
        if answer is None:
            raise TokenError("This is no sealed answer.")
        return await anyio.to_thread.run_sync(unseal, answer, key)

    async def is_sealed(self, text: str) -> bool:
        """Whether `text` is an answer that only the machine that asked can open."""
        return await anyio.to_thread.run_sync(sealed_answer, text) is not None

    async def recent(self) -> tuple[SampleToken, ...]:
        """Tokens that came in since the start, newest first, then fresh answers of the sandbox."""
        known = self._parts.shelf.all()
        return known or await self.samples()

    async def samples(self) -> tuple[SampleToken, ...]:
        """Ask known providers for their SGX policy: real, signed tokens, of own providers first."""
        providers = sorted(
            await self._parts.providers.known(),
            key=lambda each: (_TELLING.index(each.trust_model), each.name),
        )
        # What comes in last is the newest, and shown first.
        for provider in reversed(providers[:3]):
            try:
                session = await self._parts.providers.session(provider.id)
                answer = await session.api.get_policy(AttestationType.SGX_ENCLAVE)
                # Fetched now, so that the token can be checked offline afterwards.
                await session.fetch_keys()
            except AppError:
                # A provider that does not answer has nothing to show here.
                continue
            title = f"SGX policy of {provider.name}"
            self._parts.shelf.put(SampleToken(title, answer.token, provider.id))
        return self._parts.shelf.all()

    async def policy_matches(self, policy_hash: str) -> tuple[PolicyMatch, ...]:
        """Known policies with this `x-ms-policy-hash`."""
        providers = {each.id: each for each in await self._parts.providers.known()}
        entries = await self._parts.history.find(policy_hash)
        return tuple(PolicyMatch(entry, providers.get(entry.provider_id)) for entry in entries)

    async def provider_of(self, issuer: str) -> Provider | None:
        """The known provider with this attest URI."""
        wanted = issuer.rstrip("/").lower()
        known = await self._parts.providers.known()
        return next((each for each in known if each.attest_uri.lower() == wanted), None)

    async def can_fetch(self, issuer: str) -> bool:
        """Whether keys may be fetched from where a token says it is from."""
        if await self.provider_of(issuer) is not None:
            return True
        return self._parts.providers.is_configured(issuer)

    def now(self) -> datetime:
        """The time that verification uses."""
        return self._parts.clock.now()

    def _inspect(self, text: str, *, canonical: bool = True) -> Inspection:
        meaning_of = meanings(self._parts.reference.catalogue())
        return inspect(text, meaning_of, canonical=canonical)

    async def _judge(self, token: str, keys: KeyChoice, terms: Terms) -> Report:
        catalogue = await anyio.to_thread.run_sync(self._parts.reference.catalogue)
        call = partial(
            verify,
            token,
            keys.keys,
            issuer=keys.issuer,
            now=terms.at or self._parts.clock.now(),
            rules=Rules(keys_trusted=keys.trusted),
            anchors=keys.anchors,
            catalogue=catalogue,
            expect=terms.expect or NOTHING,
            server_time=keys.server_time,
            collateral=terms.collateral,
        )
        return await anyio.to_thread.run_sync(call)


def _examined(  # noqa: PLR0913 - the parts of an examination
    text: str,
    inspection: Inspection | None,
    report: Report,
    keys: KeyChoice,
    *,
    matches: tuple[PolicyMatch, ...],
    policy_hash: str,
    policy: UnwrappedPolicy | None,
    at: datetime,
) -> Examination:
    found = keys.keys.find(str(report.header.get("kid", report.header.get("x5t", ""))))
    facts = signing_facts(found[0].chain) if found else None
    return Examination(
        text=text,
        inspection=inspection,
        report=report,
        keys=keys,
        chain=draw_chain(report, keys.keys, keys.words),
        facts=fact_groups(facts) if facts is not None else (),
        evidence=facts.evidence.raw if facts is not None and facts.evidence else b"",
        vector=trust_vector(report),
        matches=matches,
        policy_hash=policy_hash,
        policy=policy,
        at=at,
    )


def _nearest_first(matches: tuple[PolicyMatch, ...], report: Report) -> tuple[PolicyMatch, ...]:
    """Many policies have one text: the issuer's own first, and those of the token's own type."""
    issuer = str(report.claims.get("iss", "")).lower()
    kind = AttestationType.parse(str(report.claims.get("x-ms-attestation-type", "")))

    def far(match: PolicyMatch) -> tuple[bool, bool]:
        provider = match.provider
        strange = provider is None or provider.attest_uri.lower() != issuer
        return strange, match.entry.attestation_type is not kind

    return tuple(sorted(matches, key=far))


def _compact(text: str) -> str:
    """What stands where a token is expected, without what is around it."""
    return compact_of(without_scheme(text))[0]
