"""Bytes over sockets and TLS, for the HTTP client's lower layer.

asyncio's own transports are not used: each refers to itself, so that of a closed connection some
kilobytes would stay until the garbage collector comes by (see `desktop.garbage`), and a fleet is
read over a thousand connections. Without them, and without a layer of TLS around them, a request
costs a fifth less.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Final, TypeVar

import anyio
import httpcore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from httpcore import SOCKET_OPTION

    Address = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
    Place = tuple[socket.AddressFamily, socket.SocketKind, int, str, Address]

_T = TypeVar("_T")
_MOST: Final = 64 * 1024
"""Bytes that are taken off a socket at once."""
_HESITATION: Final = 0.25
"""Seconds until the next address of a host is tried as well (RFC 8305)."""


class Streams(httpcore.AsyncNetworkBackend):
    """Connects sockets. Used from one asyncio loop only."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> SocketStream:
        """A connection to the first of the host's addresses that answers.

        Raises:
            ConnectTimeout, ConnectError: httpcore's, for it has not come about.
        """
        del local_address, socket_options  # Nobody asks for them.
        try:
            with anyio.fail_after(timeout):
                return SocketStream(await _connected(host, port))
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error


class _Stream(httpcore.AsyncNetworkStream):
    """What plain and encrypted streams share."""

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> TlsStream:
        """Shake hands; the stream is closed when that fails.

        Raises:
            ConnectTimeout, ConnectError: httpcore's; a certificate that is refused is the cause.
        """
        try:
            stream = TlsStream(self, ssl_context, server_hostname)
            with anyio.fail_after(timeout):
                await stream.shake_hands()
        except TimeoutError as error:
            await self.aclose()
            raise httpcore.ConnectTimeout(str(error)) from error
        except (OSError, ValueError, httpcore.NetworkError) as error:
            # A name that TLS cannot take is a `ValueError`.
            await self.aclose()
            raise httpcore.ConnectError(str(error)) from error
        except BaseException:
            await self.aclose()
            raise
        return stream


class SocketStream(_Stream):
    """A connected socket."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._loop = asyncio.get_running_loop()
        self._used = 0
        """How many wait for the socket."""
        self._closed = False

    async def read(
        self,
        max_bytes: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> bytes:
        """What has come, or nothing at the end."""
        self._begin()
        try:
            if timeout is None:
                return await self._loop.sock_recv(self._socket, max_bytes)
            with anyio.fail_after(timeout):
                return await self._loop.sock_recv(self._socket, max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error
        finally:
            self._end()

    async def write(
        self,
        buffer: bytes,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> None:
        """Send all of it."""
        self._begin()
        try:
            if timeout is None:
                await self._loop.sock_sendall(self._socket, buffer)
                return
            with anyio.fail_after(timeout):
                await self._loop.sock_sendall(self._socket, buffer)
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error
        finally:
            self._end()

    def _begin(self) -> None:
        if self._closed:
            raise httpcore.ReadError("The connection is closed.")
        self._used += 1

    def _end(self) -> None:
        self._used -= 1
        if self._closed and not self._used:
            self._socket.close()

    async def aclose(self) -> None:
        """Cut the connection; who waits for it hears of it and closes the socket."""
        if self._closed:
            return
        self._closed = True
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        if not self._used:
            # A loop never wakes anybody for a socket that was closed.
            self._socket.close()

    def get_extra_info(self, info: str) -> object:
        """Whether something has come, which at a connection at rest can only be its end."""
        return self._has_more() if info == "is_readable" else None

    def _has_more(self) -> bool:
        try:
            self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True


class TlsStream(_Stream):
    """TLS over another stream, which may be TLS as well: to a proxy, and through it."""

    def __init__(self, below: _Stream, trust: ssl.SSLContext, name: str | None) -> None:
        self._below = below
        self._came, self._goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = trust.wrap_bio(self._came, self._goes, server_hostname=name)

    async def shake_hands(self) -> None:
        """Agree on keys; the certificate is checked.

        Raises:
            ssl.SSLError, httpcore.NetworkError: it has not come about.
        """
        try:
            await self._through(None, self._tls.do_handshake)
        finally:
            # Why it is broken off is for the other side to hear, too.
            with suppress(httpcore.NetworkError):
                await self._flush(None)

    async def read(
        self,
        max_bytes: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> bytes:
        """What has come, or nothing at the end.

        An end that TLS did not announce is one, too: HTTP tells whether the answer is whole.
        """
        try:
            return await self._through(timeout, self._tls.read, max_bytes)
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""
        except ssl.SSLError as error:
            raise httpcore.ReadError(str(error)) from error

    async def write(
        self,
        buffer: bytes,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> None:
        """Send all of it."""
        left = memoryview(buffer)
        try:
            while left:
                left = left[await self._through(timeout, self._tls.write, left) :]
        except ssl.SSLError as error:
            raise httpcore.WriteError(str(error)) from error

    async def aclose(self) -> None:
        """Cut the connection."""
        await self._below.aclose()

    def get_extra_info(self, info: str) -> object:
        """As of the stream below, and what TLS agreed on."""
        return self._tls if info == "ssl_object" else self._below.get_extra_info(info)

    async def _through(self, timeout: float | None, act: Callable[..., _T], *given: object) -> _T:  # noqa: ASYNC109 - as above
        """What `act` comes to, once all has come and gone that it needs for it."""
        while True:
            try:
                done = act(*given)
            except ssl.SSLWantReadError:
                await self._flush(timeout)
                came = await self._below.read(_MOST, timeout)
                if came:
                    self._came.write(came)
                else:
                    self._came.write_eof()
            else:
                await self._flush(timeout)
                return done

    async def _flush(self, timeout: float | None) -> None:  # noqa: ASYNC109 - as above
        if self._goes.pending:
            await self._below.write(self._goes.read(), timeout)


async def _connected(host: str, port: int) -> socket.socket:
    """A socket to the first address that answers; those that hesitate get company."""
    loop = asyncio.get_running_loop()
    # As bytes: words would be checked by a codec first, which fails in its own way.
    name = host.encode("ascii")
    places = alternating(await loop.getaddrinfo(name, port, type=socket.SOCK_STREAM))
    found: list[socket.socket] = []
    failures: list[OSError] = []

    async def attempt(place: Place, settled: anyio.Event) -> None:
        try:
            made = await _dialled(place)
        except OSError as error:
            failures.append(error)
        else:
            found.append(made)
            group.cancel_scope.cancel()
        settled.set()

    try:
        async with anyio.create_task_group() as group:
            for place in places:
                settled = anyio.Event()
                group.start_soon(attempt, place, settled)
                with anyio.move_on_after(_HESITATION):
                    await settled.wait()
        if found:
            return found.pop(0)
    finally:
        for late in found:
            late.close()
    raise failures[0]


async def _dialled(place: Place) -> socket.socket:
    family, kind, protocol, _, address = place
    made = socket.socket(family, kind, protocol)
    try:
        made.setblocking(False)  # noqa: FBT003 - the standard library's signature
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(made, address)
    except BaseException:
        made.close()
        raise
    return made


def alternating(places: Sequence[Place]) -> list[Place]:
    """One of each family after the other, so that a family that leads nowhere costs one wait."""
    turns: dict[socket.AddressFamily, count[int]] = {}
    order = [next(turns.setdefault(place[0], count())) for place in places]
    return [place for _, place in sorted(zip(order, places, strict=True), key=lambda each: each[0])]
