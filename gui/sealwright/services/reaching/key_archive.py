"""Keys of providers by time, so that a token can be verified offline, and at its own time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.services.ports import SavedKeySet

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.services.ports import Clock, KeySetStore
    from sealwright.tokens.keyset import KeySet


class KeyArchive:
    """What providers published, as far as it was seen from here."""

    def __init__(self, store: KeySetStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def keep(self, attest_uri: str, keys: KeySet) -> None:
        """Remember a document that was fetched from the provider itself just now."""
        now = self._clock.now()
        ids = tuple(sorted({entry.kid for entry in keys.entries}))
        if ids:
            saved = SavedKeySet(_name(attest_uri), ids, now, now, keys.url, keys.raw)
            await self._store.save(saved)

    async def find(self, attest_uri: str, kid: str, when: datetime) -> SavedKeySet | None:
        """The document with this key that was published nearest to `when`."""
        kept = await self._store.of(_name(attest_uri))
        having = [saved for saved in kept if kid in saved.key_ids]
        return min(having, key=lambda saved: _distance(saved, when), default=None)

    async def newest(self, attest_uri: str) -> SavedKeySet | None:
        """The document seen last."""
        kept = await self._store.of(_name(attest_uri))
        return kept[0] if kept else None


def _name(attest_uri: str) -> str:
    return attest_uri.rstrip("/").lower()


def _distance(saved: SavedKeySet, when: datetime) -> float:
    if saved.first_seen <= when <= saved.last_seen:
        return 0.0
    edges = (saved.first_seen, saved.last_seen)
    return min(abs((edge - when).total_seconds()) for edge in edges)
