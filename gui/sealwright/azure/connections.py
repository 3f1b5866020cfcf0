"""The connections to one host: over the network, or to an application in this process.

Invariants
- Only this module and `streams` import httpx and its lower layer, httpcore; none of their
  exceptions leave `http`.
- An application in this process obeys the same limits as the network, and when it is broken it
  looks like a broken connection.
"""

from __future__ import annotations

import importlib.util
import logging
import ssl
import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Protocol, cast

import anyio
import httpcore
import httpx

from sealwright import __version__
from sealwright.azure.presented import HINT
from sealwright.azure.streams import Streams
from sealwright.errors import (
    AppError,
    BadAnswerError,
    NobodyThereError,
    UnreachableError,
    UntrustedError,
)
from sealwright.services.ports import HttpResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping

    from sealwright.azure.route import AsgiApp, Proxy
    from sealwright.services.ports import HttpRequest

_log: Final = logging.getLogger(__name__)

CONNECTIONS: Final = 2
"""Per host. One pool of many connections walks all of them for each request; and what a provider is
asked at once is answered sooner than a third connection has shaken hands."""
CONNECT_TIMEOUT: Final = 15.0
_TIMES: Final = {"timeout": {"connect": CONNECT_TIMEOUT}}
"""Whoever sends times the whole exchange."""
_KEPT: Final = 5.0
"""Seconds that a connection at rest is used again."""

if importlib.util.find_spec("sniffio") is None:
    # httpcore looks for it several times a request; where it is not installed, each look walks the
    # whole import path, which costs more than the request.
    sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type] # Python's own mark for "none"

_HEADERS: Final = {
    "Accept": "*/*",
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": f"sealwright/{__version__}",
}
_WITH_BODY: Final = ("POST", "PUT", "PATCH")

FOREIGN: Final = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.CookieConflict,
    httpx.StreamError,
    httpcore.ConnectionNotAvailable,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
    ssl.SSLError,
    OSError,
    EOFError,
    anyio.ClosedResourceError,
    anyio.BrokenResourceError,
    anyio.EndOfStream,
)
"""What the client library and the sockets below it may raise."""
NO_WAY: Final = (httpx.ProxyError, httpcore.ProxyError, httpx.ConnectError, httpcore.ConnectError)
"""Of these, what a proxy, or its absence, may be the reason of."""


class Connections(Protocol):
    """Sends to one host."""

    async def ask(self, request: HttpRequest, most: int) -> HttpResponse:
        """The answer, read whole, of at most `most` bytes.

        Raises:
            BadAnswerError: it is longer.
            FOREIGN: no answer came.
        """
        ...

    async def aclose(self) -> None:
        """Close them."""
        ...


class NetworkConnections:
    """`Connections` over the network."""

    # On httpcore's pool: of httpx's objects around it nothing but the unpacking is needed here, and
    # they cost a tenth of a request.

    def __init__(self, trust: ssl.SSLContext, proxy: Proxy | None) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=trust,
            proxy=_proxy(proxy, trust),
            max_connections=CONNECTIONS,
            max_keepalive_connections=CONNECTIONS,
            keepalive_expiry=_KEPT,
            network_backend=Streams(),
        )

    async def ask(self, request: HttpRequest, most: int) -> HttpResponse:
        """Send over a free connection, or a new one."""
        url, host = _target(request.url)
        sent = httpcore.Request(
            request.method,
            url,
            headers=[(b"Host", host), *_headers(request)],
            content=request.body,
            extensions=_TIMES,
        )
        answer = await self._pool.handle_async_request(sent)
        try:
            headers = _joined(answer.headers)
            body = await _collected(_parts(answer, headers), most, answer.status)
            return HttpResponse(answer.status, headers, body)
        finally:
            await answer.aclose()

    async def aclose(self) -> None:
        """Cut what is under way, too."""
        await self._pool.aclose()


class AppConnections:
    """`Connections` to an ASGI application."""

    def __init__(self, app: AsgiApp) -> None:
        self._transport = httpx.ASGITransport(app)

    async def ask(self, request: HttpRequest, most: int) -> HttpResponse:
        """Call it."""
        try:
            return await self._ask(request, most)
        except (AppError, *FOREIGN):
            raise
        except Exception as error:
            # What ends a server's connection on the network must look the same in process.
            _log.exception("The application behind %s failed", httpx.URL(request.url).host)
            raise httpcore.RemoteProtocolError(str(error)) from error

    async def _ask(self, request: HttpRequest, most: int) -> HttpResponse:
        sent = httpx.Request(
            request.method, request.url, headers=_headers(request), content=request.body
        )
        answer = await self._transport.handle_async_request(sent)
        answer.request = sent
        try:
            body = await _collected(answer.aiter_bytes(), most, answer.status_code)
            _require_whole(answer, len(body))
            return HttpResponse(answer.status_code, _joined(answer.headers.raw), body)
        finally:
            await answer.aclose()

    async def aclose(self) -> None:
        """Nothing is open."""
        await self._transport.aclose()


def _proxy(proxy: Proxy | None, trust: ssl.SSLContext) -> httpcore.Proxy | None:
    if proxy is None:
        return None
    url = httpx.URL(scheme=proxy.scheme, host=proxy.host, port=proxy.port)
    secret = proxy.password.reveal() if proxy.password is not None else ""
    return httpcore.Proxy(
        _below(url),
        auth=(proxy.user.encode(), secret.encode()) if proxy.user else None,
        ssl_context=trust if proxy.scheme == "https" else None,
    )


@lru_cache(maxsize=4096)
def _target(address: str) -> tuple[httpcore.URL, bytes]:
    """Taken apart once: a fleet is read at the same addresses again and again."""
    url = httpx.URL(address)
    return _below(url), url.netloc


def _below(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )


def _headers(request: HttpRequest) -> list[tuple[bytes, bytes]]:
    names = {name.lower() for name in request.headers}
    made = [*((name, text) for name, text in _HEADERS.items() if name.lower() not in names)]
    if (request.body or request.method in _WITH_BODY) and "content-length" not in names:
        made.append(("Content-Length", str(len(request.body))))
    return [
        (name.encode("ascii"), text.encode("ascii"))
        for name, text in (*made, *request.headers.items())
    ]


def _joined(headers: Iterable[tuple[bytes, bytes]]) -> Mapping[str, str]:
    """By name in lower case; what a name says more than once, in one line (RFC 9110, 5.3)."""
    found: dict[str, str] = {}
    for raw, value in headers:
        name, text = raw.decode("latin-1").lower(), _text(value)
        found[name] = f"{found[name]}, {text}" if name in found else text
    return found


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _parts(answer: httpcore.Response, headers: Mapping[str, str]) -> AsyncIterable[bytes]:
    """The body as it comes, unpacked."""
    # httpcore says neither of its two kinds of stream.
    parts = cast("AsyncIterable[bytes]", answer.stream)
    if "content-encoding" not in headers:
        return parts
    return httpx.Response(
        answer.status, headers=answer.headers, stream=_Packed(parts)
    ).aiter_bytes()


class _Packed(httpx.AsyncByteStream):
    """A body as httpx reads it."""

    def __init__(self, parts: AsyncIterable[bytes]) -> None:
        self._parts = parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._parts:
            yield part


async def _collected(parts: AsyncIterable[bytes], most: int, status: int) -> bytes:
    body = bytearray()
    async for part in parts:
        body += part
        if len(body) > most:
            raise BadAnswerError(f"The answer is larger than {most} bytes.", status=status)
    return bytes(body)


def _require_whole(answer: httpx.Response, read: int) -> None:
    """Refuse a body that was cut off; httpx's ASGI transport does not notice."""
    if "content-encoding" in answer.headers or answer.request.method == "HEAD":
        return
    announced = answer.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) != read:
        raise httpcore.RemoteProtocolError("peer closed the connection inside the body")


def unreachable(host: str, error: BaseException) -> UnreachableError:
    """What a failure of the client or of a socket says to a person."""
    kind: type[UnreachableError] = UnreachableError
    if isinstance(error, (httpx.TimeoutException, httpcore.TimeoutException)):
        what, hint = f"`{host}` did not answer in time.", "Check the network, then try again."
    elif is_certificate(error):
        what = f"The certificate of `{host}` is not trusted."
        hint, kind = HINT, UntrustedError
    elif isinstance(error, (httpx.ConnectError, httpcore.ConnectError, ConnectionRefusedError)):
        what, kind = f"`{host}` cannot be reached.", NobodyThereError
        hint = "Check the address, the network and the proxy."
    elif isinstance(error, (httpx.ProxyError, httpcore.ProxyError)):
        what = f"The proxy does not let `{host}` through."
        hint = "Check the proxy, with its user and password, under Settings."
    elif isinstance(
        error, (httpx.InvalidURL, httpx.UnsupportedProtocol, httpcore.UnsupportedProtocol)
    ):
        what, hint = f"`{host}` is not an address.", "It has to begin with `https://`."
    else:
        what = f"The connection to `{host}` was cut."
        hint = "Try again; nothing is known about a change that was under way."
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
