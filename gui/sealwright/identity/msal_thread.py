"""msal off the event loop: its calls, its failures, and its cache in the vault.

msal is synchronous: it runs in a worker thread and its HTTP goes back to the loop, through the
same transport as everything else, so that proxy, trust and limits are one.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Protocol, TypeVar
from urllib.parse import urlsplit

import anyio.to_thread

from sealwright.errors import AppError, BadAnswerError
from sealwright.identity.entra_errors import sign_in_error
from sealwright.secret import Secret
from sealwright.services.reaching.clock_gap import TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sealwright.services.ports import CredentialVault

T = TypeVar("T")

PUBLIC_AUTHORITIES: Final = (
    "login.microsoftonline.com",
    "login.microsoftonline.us",
    "login.chinacloudapi.cn",
    "login.partner.microsoftonline.cn",
)
_ACCESS_TOKEN: Final = "AccessToken"  # noqa: S105 - a type
"""msal's name of the type."""
CAPABILITIES: Final = ("CP1",)
"""Says that claims challenges are understood (continuous access evaluation)."""


class MsalCache(Protocol):
    """What is used of msal's token cache."""

    has_state_changed: bool

    def serialize(self) -> str:
        """All of it as JSON."""
        ...

    def deserialize(self, state: str) -> None:
        """Take over what `serialize` gave."""
        ...

    def search(self, credential_type: str) -> Iterable[Mapping[str, object]]:
        """What is kept of a type."""
        ...

    def remove_at(self, at_item: Mapping[str, object]) -> None:
        """Forget an access token."""
        ...


def is_public(authority: str) -> bool:
    """Whether msal may ask Microsoft's own directory about an authority."""
    return (urlsplit(authority).hostname or "") in PUBLIC_AUTHORITIES


async def on_thread(authority: str, call: Callable[[], T]) -> T:
    """Run a call of msal; its ways to say that an authority is none become one error.

    Raises:
        BadAnswerError: the authority's metadata is not what it must be, or the tenant is unknown.
    """

    def run() -> T:
        try:
            return call()
        except AppError:
            raise
        except (ValueError, KeyError, RuntimeError) as error:
            raise BadAnswerError(
                f"`{authority}` is not a sign-in authority, or the tenant is not known there.",
                hint="Check the tenant and the cloud.",
                details={"reason": str(error)[:500]},
            ) from error

    return await anyio.to_thread.run_sync(run)


def token_of(answer: Mapping[str, object] | None) -> Secret[str]:
    """The access token of msal's answer.

    Raises:
        SignInError: it is a refusal.
        BadAnswerError: it is neither.
    """
    token = (answer or {}).get("access_token")
    if isinstance(token, str) and token:
        return Secret(token)
    raise sign_in_error(answer or {})


class KeptCache:
    """A token cache of msal that lives in the vault; in memory only without one."""

    def __init__(self, vault: CredentialVault | None, entry: str) -> None:
        self._vault = vault
        self._entry = entry
        self._cache: MsalCache | None = None

    async def load(self) -> MsalCache:
        """The cache, read from the vault the first time."""
        if self._cache is None:
            kept = await self._vault.get(self._entry) if self._vault is not None else None
            self._cache = await anyio.to_thread.run_sync(_new_cache, kept)
        _drop_later_than_now(self._cache)
        return self._cache

    async def keep(self) -> None:
        """Write it back when it changed."""
        cache = self._cache
        if self._vault is None or cache is None or not cache.has_state_changed:
            return
        await self._vault.put(self._entry, Secret(cache.serialize()))
        cache.has_state_changed = False

    async def forget(self) -> None:
        """Empty it, here and in the vault."""
        self._cache = None
        if self._vault is not None:
            await self._vault.remove(self._entry)


def _drop_later_than_now(cache: MsalCache) -> None:
    """Forget access tokens that were kept later than now: the clock has been set back since.

    msal would hand them out until the clock has caught up, long after they ran out.
    """
    last = time.time() + TOLERANCE.total_seconds()
    kept = list(cache.search(_ACCESS_TOKEN))
    for token in kept:
        if float(str(token.get("cached_at") or 0)) > last:
            cache.remove_at(token)


def _new_cache(kept: Secret[str] | None) -> MsalCache:
    import msal  # type: ignore[import-untyped] # noqa: PLC0415 - no types; 127 ms to load

    cache: MsalCache = msal.SerializableTokenCache()
    if kept is not None:
        cache.deserialize(kept.reveal())
    return cache
