"""The one HTTP client: proxy, trust, limits and time-outs are the same for all callers.

Invariants
- Only this module imports httpx, and none of its exceptions leave it.
- A route to an ASGI application obeys the same time-out and size limit as the network; a broken
  application looks like a broken connection.
- Headers and bodies are never logged.
- Connections to hosts not called for a while are closed: a fleet has hundreds of hosts.
"""

from __future__ import annotations

import importlib.util
import logging
import ssl
import sys
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
import httpx

from sealwright import __version__
from sealwright.azure.presented import HINT
from sealwright.azure.probe import shown_by
from sealwright.azure.route import (
    HttpOptions,
    build_trust,
    is_link_local,
    is_loopback,
    proxy_of,
)
from sealwright.errors import AppError, BadAnswerError, UnreachableError, UntrustedError
from sealwright.services.ports import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.azure.route import Proxy
    from sealwright.services.ports import HttpRequest

_log: Final = logging.getLogger(__name__)

CONNECTIONS: Final = 2
"""Per host. One pool of many connections walks all of them for each request; and what a provider is
asked at once is answered sooner than a third connection has shaken hands."""
HOSTS: Final = 64
"""Hosts whose connections are kept."""
CONNECT_TIMEOUT: Final = 15.0
_TIMES: Final = {"timeout": {"connect": CONNECT_TIMEOUT}}
"""`send` times the whole exchange itself."""

if importlib.util.find_spec("sniffio") is None:
    # httpx's lower layer looks for it several times a request; where it is not installed, each look
    # walks the whole import path, which costs more than the request.
    sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type] # Python's own mark for "none"

_HEADERS: Final = {
    "Accept": "*/*",
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": f"sealwright/{__version__}",
}

FOREIGN: Final = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.CookieConflict,
    httpx.StreamError,
    ssl.SSLError,
    OSError,
    EOFError,
    anyio.ClosedResourceError,
    anyio.BrokenResourceError,
    anyio.EndOfStream,
)
"""What the client library and the sockets below it may raise."""


class _Host:
    """The connections to one host and the limit on what runs at once."""

    __slots__ = ("calls", "connections", "dropped", "in_process", "limiter")

    def __init__(self, connections: httpx.AsyncBaseTransport, *, in_process: bool) -> None:
        self.connections = connections
        self.in_process = in_process
        self.limiter = anyio.CapacityLimiter(CONNECTIONS)
        self.calls = 0
        """How many wait or run."""
        self.dropped = False
        """Nobody calls it any more; whoever ends last closes it."""


class HttpxTransport:
    """`HttpTransport` on httpx. Used from one event loop only."""

    def __init__(self, options: HttpOptions | None = None) -> None:
        self._options = options or HttpOptions()
        self._hosts: dict[tuple[str, str], _Host] = {}
        self._trust: ssl.SSLContext | None = None
        self._trust_lock = anyio.Lock()

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send and read the answer whole; any status is an answer, redirects are not followed."""
        where = _where(request.url)
        host = await self._host(where)
        host.calls += 1
        try:
            async with host.limiter:
                with anyio.fail_after(request.timeout):
                    answer = await self._exchange(host, request)
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
        return answer

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
        self._options, self._trust = options, trust
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
        return failure

    async def _shown_certificate(self, where: tuple[str, str]) -> Mapping[str, str]:
        try:
            with anyio.fail_after(CONNECT_TIMEOUT):
                return await shown_by(self._options, *where)
        except (AppError, TimeoutError, *FOREIGN):
            return {}

    async def _exchange(self, host: _Host, request: HttpRequest) -> HttpResponse:
        if not host.in_process:
            return await self._read(host.connections, request)
        try:
            return await self._read(host.connections, request)
        except (AppError, *FOREIGN):
            raise
        except Exception as error:
            # What ends a server's connection on the network must look the same in process.
            _log.exception("The application behind %s failed", urlsplit(request.url).netloc)
            raise httpx.RemoteProtocolError(str(error)) from error

    async def _read(
        self, connections: httpx.AsyncBaseTransport, request: HttpRequest
    ) -> HttpResponse:
        sent = httpx.Request(
            request.method,
            _url(request.url),
            headers=_headers(request.headers),
            content=request.body,
            extensions=_TIMES,
        )
        answer = await connections.handle_async_request(sent)
        answer.request = sent
        try:
            body = bytearray()
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > self._options.max_answer:
                    raise BadAnswerError(
                        f"The answer is larger than {self._options.max_answer} bytes.",
                        status=answer.status_code,
                    )
            _require_whole(answer, len(body))
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return HttpResponse(answer.status_code, headers, bytes(body))
        finally:
            await answer.aclose()

    async def _host(self, where: tuple[str, str]) -> _Host:
        found = self._hosts.pop(where, None)
        if found is not None:
            # The one called last stands last.
            self._hosts[where] = found
            return found
        await self._close_idle()
        name = _name(where[1])
        app = self._options.app(name)
        if app is not None:
            made = _Host(httpx.ASGITransport(app), in_process=True)
        else:
            trust = await self.trust()
            proxy = await anyio.to_thread.run_sync(proxy_of, self._options, where[0], name)
            made = _over_network(trust, proxy)
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

    async def _close_idle(self) -> None:
        """Make room for one more host; what is called now stays."""
        idle = [where for where, host in self._hosts.items() if not host.calls]
        for where in idle[: max(len(self._hosts) - HOSTS + 1, 0)]:
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


def _over_network(trust: ssl.SSLContext, proxy: Proxy | None) -> _Host:
    connections = httpx.AsyncHTTPTransport(
        verify=trust,
        proxy=_proxy(proxy, trust),
        # The proxy is settled above, with the user's wishes.
        trust_env=False,
        limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
    )
    return _Host(connections, in_process=False)


def _proxy(proxy: Proxy | None, trust: ssl.SSLContext) -> httpx.Proxy | None:
    if proxy is None:
        return None
    return httpx.Proxy(proxy.url, ssl_context=trust if proxy.scheme == "https" else None)


def _headers(given: Mapping[str, str]) -> dict[str, str]:
    names = {name.lower() for name in given}
    own = {name: value for name, value in _HEADERS.items() if name.lower() not in names}
    return {**own, **given}


@lru_cache(maxsize=4096)
def _url(url: str) -> httpx.URL:
    """Taken apart once: a fleet is read at the same addresses again and again."""
    return httpx.URL(url)


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


def _require_whole(answer: httpx.Response, read: int) -> None:
    """Refuse a body that was cut off; httpx's ASGI transport does not notice."""
    if "content-encoding" in answer.headers or answer.request.method == "HEAD":
        return
    announced = answer.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) != read:
        raise httpx.RemoteProtocolError("peer closed the connection inside the body")


def unreachable(host: str, error: BaseException) -> UnreachableError:
    """What a failure of the client or of a socket says to a person."""
    if isinstance(error, httpx.TimeoutException):
        what, hint = f"`{host}` did not answer in time.", "Check the network, then try again."
    elif is_certificate(error):
        what = f"The certificate of `{host}` is not trusted."
        hint = HINT
    elif isinstance(error, (httpx.ConnectError, ConnectionRefusedError)):
        what = f"`{host}` cannot be reached."
        hint = (
            "Check the address, the network and the proxy; a provider that was deleted has no "
            "address any more."
        )
    elif isinstance(error, httpx.ProxyError):
        what = f"The proxy does not let `{host}` through."
        hint = "Check the proxy, with its user and password, under Settings."
    elif isinstance(error, (httpx.InvalidURL, httpx.UnsupportedProtocol)):
        what, hint = f"`{host}` is not an address.", "It has to begin with `https://`."
    else:
        what = f"The connection to `{host}` was cut."
        hint = "Try again; nothing is known about a change that was under way."
    kind = UntrustedError if is_certificate(error) else UnreachableError
    return kind(what, hint=hint, details={"reason": str(error)[:500]})


def is_certificate(error: BaseException | None) -> bool:
    """Whether a certificate was refused."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False
