"""How this computer gets out, as the user settled it: proxy, and further certificates to trust."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sealwright.errors import StorageError, UsageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.secret import Secret
    from sealwright.services.ports import CredentialVault, Settings

_SETTING: Final = "network"
_PASSWORD: Final = "network/proxy"  # noqa: S105 - the name of an entry


class ProxyMode(StrEnum):
    """Which proxy is used."""

    SYSTEM = "system"
    MANUAL = "manual"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """The user's wishes. There is none to switch the check of certificates off."""

    mode: ProxyMode = ProxyMode.SYSTEM
    proxy: str = ""
    """`http://host:port`, for `MANUAL`."""
    proxy_user: str = ""
    proxy_loopback: bool = False
    """Whether it is used for this computer's own addresses, too."""
    ca_files: tuple[str, ...] = ()
    """PEM files that are trusted in addition to the system."""


class NetworkService:
    """Reads and changes the settings.

    Args:
        apply: takes settings and password over for every connection from now on.
    """

    def __init__(
        self,
        settings: Settings,
        vault: CredentialVault,
        apply: Callable[[NetworkSettings, Secret[str] | None], Awaitable[None]],
        script: Callable[[], Awaitable[str]],
    ) -> None:
        self._settings = settings
        self._vault = vault
        self._apply = apply
        self._script = script

    async def read(self) -> NetworkSettings:
        """What is settled."""
        return await read_network(self._settings)

    async def renew(self) -> None:
        """Use the proxy's password that the vault gives now, as when it was unlocked."""
        settings = await self.read()
        if settings.proxy_user:
            await self._apply(settings, await kept_password(settings, self._vault))

    async def proxy_script(self) -> str:
        """The proxy script (PAC) that the system names, which is not run; empty for none."""
        return await self._script()

    async def save(self, wanted: NetworkSettings, password: Secret[str] | None = None) -> None:
        """Keep and use; without a `password` the kept one stays while the user is the same.

        Raises:
            UsageError: the proxy's address cannot be.
            StorageError: a certificate file cannot be read, or the vault refuses the password.
            UnreachableError: the address is no proxy's.
        """
        if wanted.mode is not ProxyMode.MANUAL:
            wanted = replace(wanted, proxy="", proxy_user="")
        elif not wanted.proxy.strip():
            raise UsageError("The proxy has no address.", hint="Write it as `http://host:port`.")
        before = await self.read()
        if password is None and before.proxy_user == wanted.proxy_user:
            password = await self._vault.get(_PASSWORD) if wanted.proxy_user else None
        await self._apply(wanted, password)
        if wanted.proxy_user and password is not None:
            await self._vault.put(_PASSWORD, password)
        elif before.proxy_user:
            await self._vault.remove(_PASSWORD)
        await self._settings.put(_SETTING, json.dumps(_kept(wanted)))


async def read_network(settings: Settings) -> NetworkSettings:
    """The settings as they are kept."""
    value = json.loads(await settings.get(_SETTING) or "{}")
    if not isinstance(value, dict):
        return NetworkSettings()
    files = value.get("caFiles", [])
    mode = str(value.get("mode", ""))
    known = ProxyMode(mode) if mode in list(ProxyMode) else ProxyMode.SYSTEM
    return NetworkSettings(
        mode=known,
        proxy=str(value.get("proxy", "")),
        proxy_user=str(value.get("proxyUser", "")),
        proxy_loopback=value.get("proxyLoopback") is True,
        ca_files=tuple(str(one) for one in files) if isinstance(files, list) else (),
    )


async def kept_password(settings: NetworkSettings, vault: CredentialVault) -> Secret[str] | None:
    """The proxy's password; none while the vault cannot be opened."""
    if not settings.proxy_user:
        return None
    try:
        return await vault.get(_PASSWORD)
    except StorageError:
        # The proxy will ask for it, and the connection test will say so.
        return None


def _kept(settings: NetworkSettings) -> dict[str, object]:
    return {
        "mode": settings.mode.value,
        "proxy": settings.proxy,
        "proxyUser": settings.proxy_user,
        "proxyLoopback": settings.proxy_loopback,
        "caFiles": list(settings.ca_files),
    }
