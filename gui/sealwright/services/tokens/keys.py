"""Whose keys check a token, and where they come from.

Invariants
- Nothing is fetched because a token says so: only from a provider that the user named, or that is
  known here, or at an address of a configured cloud when the user asks for it.
- Keys out of the token itself are used only when asked for, and prove nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio.to_thread

from sealwright.services.tokens.key_source import KeyOrigin, KeySource
from sealwright.tokens.jose import ShapeError
from sealwright.tokens.keyset import KeySet, parse_key_set

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.services.ports import Clock
    from sealwright.services.providers.providers import ProvidersService
    from sealwright.services.reaching.key_archive import KeyArchive
    from sealwright.tokens.jose import Jws


@dataclass(frozen=True, slots=True)
class KeyChoice:
    """Keys, and what stands behind them."""

    keys: KeySet
    issuer: str
    """The attest URI that the token must name; empty when nobody knows."""
    words: str
    """Where the keys come from, for people."""
    anchors: tuple[TrustAnchor, ...]
    trusted: bool = True
    server_time: datetime | None = None


NO_KEYS = KeySet(())


class TokenKeys:
    """Finds the keys for a token."""

    def __init__(self, providers: ProvidersService, archive: KeyArchive, clock: Clock) -> None:
        self._providers = providers
        self._archive = archive
        self._clock = clock

    async def choose(
        self, source: KeySource, jws: Jws | None, at: datetime | None = None
    ) -> KeyChoice:
        """The keys that a source has for a token.

        Raises:
            ServiceError: the provider's keys cannot be read.
            TokenError: the document is none.
            UsageError: the provider is not known here.
        """
        if source.origin is KeyOrigin.PROVIDER:
            return await self._of_provider(source.provider, jws, at)
        if source.origin is KeyOrigin.DOCUMENT:
            keys = await anyio.to_thread.run_sync(parse_key_set, source.document)
            words = f"from {source.name}" if source.name else "from a file"
            # Whose token it is, only the caller knows, who gave the keys: any cloud's roots vouch.
            return KeyChoice(keys, source.provider, words, self._providers.anchors())
        if source.origin is KeyOrigin.TOKEN:
            return own_keys(jws, self._providers.anchors())
        return await self._saved(jws, at)

    async def _of_provider(self, provider: str, jws: Jws | None, at: datetime | None) -> KeyChoice:
        found = await self._providers.find(provider)
        session = await self._providers.session(found.id)
        if at is not None and jws is not None:
            kept = await self._kept(found.attest_uri, jws, at)
            if kept is not None:
                return KeyChoice(*kept, session.anchors)
        keys = await session.keys()
        words = f"from {urlsplit(keys.url).path}, fetched {self._clock.now():%H:%M:%S} UTC"
        # A clock can only be doubted for a token that is checked now.
        server_time = session.server_time if at is None else None
        return KeyChoice(keys, found.attest_uri, words, session.anchors, server_time=server_time)

    async def _saved(self, jws: Jws | None, at: datetime | None) -> KeyChoice:
        issuer = issuer_of(jws)
        if jws is not None and issuer:
            kept = await self._kept(issuer, jws, at or self._clock.now())
            if kept is not None:
                return KeyChoice(*kept, self._providers.anchors_for(issuer))
        return KeyChoice(NO_KEYS, "", "", ())

    async def _kept(self, issuer: str, jws: Jws, when: datetime) -> tuple[KeySet, str, str] | None:
        kid = jws.header.get("kid", jws.header.get("x5t"))
        saved = await self._archive.find(issuer, kid, when) if isinstance(kid, str) else None
        if saved is None:
            return None
        keys = await anyio.to_thread.run_sync(parse_key_set, saved.raw, saved.url)
        return keys, issuer, f"saved {saved.last_seen:%Y-%m-%d %H:%M} UTC"


def issuer_of(jws: Jws | None) -> str:
    """The attest URI that a token names; it is a claim and nothing more."""
    try:
        issuer = jws.claims().get("iss") if jws is not None else None
    except ShapeError:
        return ""
    return issuer.rstrip("/") if isinstance(issuer, str) else ""


def own_keys(jws: Jws | None, anchors: tuple[TrustAnchor, ...]) -> KeyChoice:
    """The keys that a token brings in its header."""
    header = dict(jws.header) if jws is not None else {}
    jwk = header.get("jwk")
    own = jwk if isinstance(jwk, dict) else header
    if "x5c" not in own:
        return KeyChoice(NO_KEYS, issuer_of(jws), "out of the token itself", anchors, trusted=False)
    kid = header.get("kid", header.get("x5t", ""))
    key = {"kid": kid, "kty": "RSA", "x5c": own["x5c"]}
    keys = parse_key_set(json.dumps({"keys": [key]}).encode("utf-8"))
    return KeyChoice(keys, issuer_of(jws), "out of the token itself", anchors, trusted=False)
