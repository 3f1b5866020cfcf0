"""The one HTTP client: proxy, trust, limits and time-outs are the same for all callers.

Invariants
- None of the client library's exceptions leave it (see `connections`).
- Headers and bodies are never logged.
- Connections to hosts not called for a while are closed: a fleet has hundreds of hosts.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import anyio
import anyio.to_thread

from sealwright.azure.connections import (
    CONNECT_TIMEOUT,
    CONNECTIONS,
    FOREIGN,
    NO_WAY,
    AppConnections,
    NetworkConnections,
    unreachable,
)
from sealwright.azure.probe import no_way, refused_by, shown_by
from sealwright.azure.route import (
    HttpOptions,
    build_trust,
    is_link_local,
    is_loopback,
    proxy_of,
)
from sealwright.azure.system_proxy import proxy_script
from sealwright.errors import AppError, UnreachableError, UntrustedError
from sealwright.services.reaching.clock_gap import clock_text

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from sealwright.azure.connections import Connections
    from sealwright.services.ports import Clock, HttpRequest, HttpResponse

_log: Final = logging.getLogger(__name__)

HOSTS: Final = 64
"""Hosts whose connections are kept."""
PROXIED_HOSTS: Final = 16
"""As many where a proxy is in between: with two connections to each that is what browsers take of a
proxy (32). Many proxies let a client wait for long when it holds more."""


class _Host:
    """The connections to one host and the limit on what runs at once."""

    __slots__ = ("calls", "connections", "dropped", "gate")

    def __init__(self, connections: Connections) -> None:
        self.connections = connections
        self.gate = anyio.Semaphore(CONNECTIONS, fast_acquire=True)
        self.calls = 0
        """How many wait or run."""
        self.dropped = False
        """Nobody calls it any more; whoever ends last closes it."""


class HttpxTransport:
    """`HttpTransport` on httpx. Used from one event loop only."""

    def __init__(self, clock: Clock, options: HttpOptions | None = None) -> None:
        self._clock = clock
        self._options = options or HttpOptions()
        self._hosts: dict[tuple[str, str], _Host] = {}
        self._trust: ssl.SSLContext | None = None
        self._trust_lock = anyio.Lock()
        self._script: str | None = None
        """The system's proxy script; None before it was asked for."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send and read the answer whole; any status is an answer, redirects are not followed."""
        where = _where(request.url)
        host = await self._host(where)
        host.calls += 1
        try:
            async with host.gate:
                with anyio.fail_after(request.timeout):
                    answer = await host.connections.ask(request, self._options.max_answer)
        except TimeoutError as error:
            self._drop(where, host)
            raise UnreachableError(
                f"`{where[1]}` did not answer within {request.timeout:.0f} seconds.",
                hint="Try again; nothing is known about a change that was under way.",
            ) from error
        except FOREIGN as error:
            self._drop(where, host)
            raise await self._translated(where, error) from error
        finally:
            host.calls -= 1
            await _close_dropped(host)
        if _log.isEnabledFor(logging.DEBUG):
            path, id_ = urlsplit(request.url).path, answer.headers.get("x-ms-request-id", "")
            _log.debug("%s %s %d %s", request.method, path, answer.status, id_)
        return replace(answer, came=self._clock.now())

    @property
    def options(self) -> HttpOptions:
        """How it gets out."""
        return self._options

    async def apply(self, options: HttpOptions) -> None:
        """Get out in another way from now on; calls under way are cut.

        Raises:
            StorageError: a certificate file cannot be read; nothing changes then.
        """
        options = replace(options, apps=self._options.apps)
        trust = await anyio.to_thread.run_sync(build_trust, options.ca_files)
        self._options, self._trust, self._script = options, trust, None
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        hosts = list(self._hosts.values())
        self._hosts.clear()
        for host in hosts:
            await host.connections.aclose()

    async def _translated(self, where: tuple[str, str], error: BaseException) -> UnreachableError:
        """The error in our words; a certificate that is not trusted is looked at first."""
        failure = unreachable(where[1], error)
        if isinstance(failure, UntrustedError):
            shown = await self._shown_certificate(where)
            failure.details.update(shown)
            failure.details["this computer's clock"] = clock_text(self._clock.now())
        elif isinstance(error, NO_WAY):
            return await self._on_the_way(where) or failure
        return failure

    async def _on_the_way(self, where: tuple[str, str]) -> UnreachableError | None:
        """What the proxy says, or that only a proxy script might know the way; None for neither."""
        with suppress(TimeoutError, *FOREIGN), anyio.fail_after(CONNECT_TIMEOUT):
            refused = await refused_by(self._options, *where)
            if refused is not None:
                return refused
        if self._script is None:
            # Asked for once: where the network is gone, every call of a fleet fails.
            self._script = await anyio.to_thread.run_sync(proxy_script)
        way = proxy_of(self._options, where[0], _name(where[1])) if self._script else None
        if not self._script or way is not None or self._options.direct:
            return None
        what = f"`{where[1]}` cannot be reached."
        return UnreachableError(what, hint=no_way(self._script), details={"PAC": self._script})

    async def _shown_certificate(self, where: tuple[str, str]) -> Mapping[str, str]:
        try:
            with anyio.fail_after(CONNECT_TIMEOUT):
                return await shown_by(self._options, *where)
        except (AppError, TimeoutError, *FOREIGN):
            return {}

    async def _host(self, where: tuple[str, str]) -> _Host:
        found = self._hosts.pop(where, None)
        if found is not None:
            # The one called last stands last.
            self._hosts[where] = found
            return found
        name = _name(where[1])
        app = self._options.app(name)
        if app is not None:
            await self._close_idle(HOSTS)
            made = _Host(AppConnections(app))
        else:
            trust = await self.trust()
            proxy = await anyio.to_thread.run_sync(proxy_of, self._options, where[0], name)
            await self._close_idle(HOSTS if proxy is None else PROXIED_HOSTS)
            made = _Host(NetworkConnections(trust, proxy))
        # Another task may have made it while this one waited for the trust store.
        return self._hosts.setdefault(where, made)

    def _drop(self, where: tuple[str, str], host: _Host) -> None:
        """Call the host over other connections from now on; those who use these finish.

        A handshake that fails inside a proxy's tunnel keeps its place in the pool for good
        (httpcore 1.0), and a later call would wait for it in vain.
        """
        host.dropped = True
        if self._hosts.get(where) is host:
            del self._hosts[where]

    async def _close_idle(self, most: int) -> None:
        """Make room for one more host among so many; what is called now stays."""
        idle = [where for where, host in self._hosts.items() if not host.calls]
        for where in idle[: max(len(self._hosts) - most + 1, 0)]:
            host = self._hosts.get(where)
            if host is not None and not host.calls:
                del self._hosts[where]
                await host.connections.aclose()

    async def trust(self) -> ssl.SSLContext:
        """Whom every connection trusts."""
        async with self._trust_lock:
            if self._trust is None:
                self._trust = await anyio.to_thread.run_sync(build_trust, self._options.ca_files)
            return self._trust


async def _close_dropped(host: _Host) -> None:
    if host.dropped and not host.calls:
        with anyio.CancelScope(shield=True):
            await host.connections.aclose()


@lru_cache(maxsize=4096)
def _where(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError as error:
        raise UnreachableError(f"`{url}` is not an address.") from error
    if parts.scheme not in ("https", "http") or not host:
        raise UnreachableError(
            f"`{url}` is not an address.", hint="It has to begin with `https://` and name a host."
        )
    if parts.scheme == "http" and not is_loopback(host) and not is_link_local(host):
        raise UnreachableError(f"`{url}` is not encrypted.", hint="Use its `https://` address.")
    return parts.scheme, parts.netloc.rpartition("@")[2].lower()


def _name(netloc: str) -> str:
    return (urlsplit(f"//{netloc}").hostname or "").rstrip(".")
