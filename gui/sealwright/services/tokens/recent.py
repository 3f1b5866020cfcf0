"""Tokens looked at lately, kept over restarts only when the user wants it, and then encrypted.

Invariant: without the user's word nothing is written; taking the word back forgets everything.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from anyio import Lock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.services.ports import Sealer, Settings

_KEEP: Final = "tokens.keep"
_SETTING: Final = "tokens.recent"
_MOST: Final = 20
_LONGEST: Final = 64 * 1024
"""Longer tokens are not kept: a setting is no archive."""


@dataclass(frozen=True, slots=True)
class RecentToken:
    """A token that was looked at."""

    title: str
    token: str = field(repr=False)


class RecentTokens:
    """The list, newest first."""

    def __init__(self, settings: Settings, sealer: Sealer) -> None:
        self._settings = settings
        self._sealer = sealer
        # What is still being added must not come back after all was forgotten.
        self._changing = Lock()

    async def kept(self) -> bool:
        """Whether the user wants tokens to be kept."""
        return await self._settings.get(_KEEP) == "true"

    async def keep(self, *, on: bool) -> None:
        """Begin to keep tokens, or forget all of them, in every file that holds them.

        Raises:
            StorageError: they are forgotten, but still lie encrypted in a file, or their key does
                in the secret store.
        """
        async with self._changing:
            await self._settings.put(_KEEP, "true" if on else "false")
            if not on:
                await self._settings.erase(_SETTING)
                # Of copies that nobody knows of, backups for one, the key is the only way in.
                await self._sealer.forget()

    async def all(self) -> tuple[RecentToken, ...]:
        """What is kept; nothing when the key to it is gone.

        Raises:
            StorageError: the secret store is locked, denied or gone.
        """
        if not await self.kept():
            return ()
        sealed = await self._settings.get(_SETTING)
        opened = await self._sealer.unseal(sealed) if sealed else None
        return _read(opened) if opened is not None else ()

    async def add(self, token: RecentToken) -> None:
        """Put a token at the head of the list, if it may be kept.

        Raises:
            StorageError: the secret store is locked, denied or gone.
        """
        async with self._changing:
            if not await self.kept() or len(token.token) > _LONGEST:
                return
            others = [each for each in await self.all() if each.token != token.token]
            await self._write([token, *others][:_MOST])

    async def _write(self, tokens: Sequence[RecentToken]) -> None:
        rows = [[each.title, each.token] for each in tokens]
        sealed = await self._sealer.seal(json.dumps(rows).encode("utf-8"))
        await self._settings.put(_SETTING, sealed)


def _read(data: bytes) -> tuple[RecentToken, ...]:
    try:
        rows = json.loads(data)
        return tuple(RecentToken(str(title), str(token)) for title, token in rows)
    except (ValueError, TypeError):
        return ()
