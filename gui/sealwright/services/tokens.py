"""Tokens: take them apart, and check them against a provider's keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.services.model import HistoryEntry, Provider


@dataclass(frozen=True, slots=True)
class SampleToken:
    """A token worth looking at: a real answer of a provider."""

    title: str
    token: str
    provider_id: str


@dataclass(frozen=True, slots=True)
class PolicyMatch:
    """A known policy with the hash that a token names."""

    entry: HistoryEntry
    provider: Provider | None


class TokensService:
    """Reads and verifies tokens."""

    async def recent(self) -> tuple[SampleToken, ...]:
        """Tokens received from providers, newest first."""
        raise NotImplementedError

    async def policy_matches(self, policy_hash: str) -> tuple[PolicyMatch, ...]:
        """Known policies with this `x-ms-policy-hash`."""
        raise NotImplementedError

    async def provider_of(self, issuer: str) -> Provider | None:
        """The known provider with this attest URI."""
        raise NotImplementedError

    def now(self) -> datetime:
        """The time that verification uses."""
        raise NotImplementedError
