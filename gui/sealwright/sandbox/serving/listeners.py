"""Sockets of a served sandbox, and which face stands behind each.

ARM, the authority and the operator share one port; each provider has one of its own, kept in the
sandbox's file, so that its address survives a restart.
"""

from __future__ import annotations

import asyncio
import re
import socket
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import uvicorn

from sealwright.errors import UsageError
from sealwright.sandbox.wire import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealwright.sandbox.directory import Directory
    from sealwright.sandbox.records import ProviderRecord

_HOST: Final = re.compile(r"[A-Za-z0-9.-]{1,40}(:\d{1,5})?|\[[0-9A-Fa-f:]{2,39}\](:\d{1,5})?")
_BACKLOG: Final = 128
_GOODBYE: Final = 0.2
_LAST_PORT: Final = 65_535

GRACE: Final = 3
"""Seconds that calls under way get when the server stops."""


class _Listener(uvicorn.Server):
    """A server that leaves signals to whoever runs several of them."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = asyncio.Event()
        self._ending = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.answers.set()

    async def main_loop(self) -> None:
        """Wait for the end: uvicorn would look ten times a second, for each of all providers."""
        await self.on_tick(0)
        await self._ending.wait()

    def end(self) -> None:
        """Take no further calls."""
        self.should_exit = True
        self._ending.set()

    async def drop_idle_connections(self) -> None:
        """Let calls under way finish, then close what clients keep open for later ones."""
        # A moment in which uvicorn says goodbye to its clients, and finished answers leave.
        await asyncio.sleep(_GOODBYE)
        under_way = tuple(self.server_state.tasks)
        if under_way:
            await asyncio.wait(under_way, timeout=GRACE)
        for connection in tuple(self.server_state.connections):
            connection.transport.abort()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Listeners:
    """The open ports; implements `Addresses`. Safe to use from the threads of the rules."""

    def __init__(self, directory: Directory, host: str) -> None:
        self._directory = directory
        self._host = host
        self._lock = threading.RLock()
        self._sockets: dict[int, socket.socket] = {}
        self._providers: dict[int, str] = {}
        self._front = 0
        self._servers: dict[int, tuple[_Listener, asyncio.Task[None]]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._config: uvicorn.Config | None = None

    # --- addresses --------------------------------------------------------------------------

    def _uri(self, port: int) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"https://{host}:{port}"

    @property
    def management(self) -> str:
        """ARM's address."""
        return self._uri(self._front)

    @property
    def authority(self) -> str:
        """The authority's address."""
        return self._uri(self._front)

    def attest_uri(self, provider: ProviderRecord) -> str:
        """The address of a provider; one that was made elsewhere gets its port here."""
        with self._lock:
            for port, name in self._providers.items():
                if name == provider.name:
                    return self._uri(port)
            return self._uri(self._bind_provider(provider))

    def reserved(self, name: str) -> bool:  # noqa: ARG002 - ports, not names, tell apart
        """Nothing is reserved."""
        return False

    def resolve(self, host: str, port: int) -> Site | None:
        """What stands at a port, under the name by which the caller knows it."""
        uri = f"https://{host}" if _HOST.fullmatch(host) else self._uri(port)
        with self._lock:
            provider = self._providers.get(port, "")
        return Site(uri, provider) if provider or port == self._front else None

    def opened(self, provider: ProviderRecord) -> None:
        """Listen for a new provider; connections wait in the queue until its server runs."""
        self.attest_uri(provider)

    def closed(self, provider: ProviderRecord) -> None:
        """Stop listening for a deleted provider."""
        with self._lock:
            ports = [port for port, name in self._providers.items() if name == provider.name]
            for port in ports:
                del self._providers[port]
        for port in ports:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._stop, port)

    # --- sockets ----------------------------------------------------------------------------

    def bind_front(self, port: int) -> None:
        """Take the port of ARM and the authority.

        Raises:
            UsageError: there is none of that number, or it is not free.
        """
        if not 0 <= port <= _LAST_PORT:
            raise UsageError(
                f"There is no port {port}.", hint=f"Give one from 1 to {_LAST_PORT}, or 0 for any."
            )
        try:
            bound = _bound(self._host, port)
        except OSError as error:
            raise UsageError(
                f"The port {port} of `{self._host}` cannot be used: {error.strerror}.",
                hint="Give another one with `--port`, or 0 for any that is free.",
            ) from error
        self._front = bound.getsockname()[1]
        self._sockets[self._front] = bound

    def _bind_provider(self, provider: ProviderRecord) -> int:
        """Take the provider's port, or a new one where another program has it. Lock held."""
        kept = self._directory.port(provider)
        try:
            bound = _bound(self._host, kept)
        except OSError:
            bound = _bound(self._host, 0)
        port: int = bound.getsockname()[1]
        self._sockets[port] = bound
        self._providers[port] = provider.name
        if port != kept:
            self._directory.put_port(provider, port)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._start, port)
        return port

    # --- servers ----------------------------------------------------------------------------

    async def start(self, config: uvicorn.Config) -> None:
        """Serve on all sockets; returns once every one of them answers."""
        self._config, self._loop = config, asyncio.get_running_loop()
        for port in tuple(self._sockets):
            self._start(port)
        for server, _ in tuple(self._servers.values()):
            await server.answers.wait()

    def _start(self, port: int) -> None:
        bound = self._sockets.get(port)
        if bound is None or self._config is None or port in self._servers:
            return
        server = _Listener(self._config)
        task = asyncio.ensure_future(server.serve(sockets=[bound]))
        self._servers[port] = (server, task)

    def _stop(self, port: int) -> None:
        entry = self._servers.pop(port, None)
        bound = self._sockets.pop(port, None)
        if entry is not None:
            entry[0].end()
        elif bound is not None:
            bound.close()

    async def stop(self) -> None:
        """Finish what is under way and close every port."""
        self._loop = None
        running = tuple(self._servers.values())
        for port in tuple(self._sockets):
            self._stop(port)
        # All at once: their moments would add up to a minute for hundreds of providers.
        await asyncio.gather(*(server.drop_idle_connections() for server, _ in running))
        await asyncio.gather(*(task for _, task in running), return_exceptions=True)

    async def follow(self, seconds: float) -> None:
        """Keep up with providers that another process on the same file makes and deletes."""
        while True:
            await asyncio.sleep(seconds)
            await asyncio.to_thread(self._catch_up)

    def _catch_up(self) -> None:
        there = {provider.name: provider for provider in self._directory.providers()}
        with self._lock:
            open_now = dict(self._providers)
        for port, name in open_now.items():
            if name not in there and self._loop is not None:
                with self._lock:
                    self._providers.pop(port, None)
                self._loop.call_soon_threadsafe(self._stop, port)
        for provider in there.values():
            self.attest_uri(provider)


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":
            # There a second program could take a port that is in use.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(_BACKLOG)
    except OSError:
        bound.close()
        raise
    bound.setblocking(False)  # noqa: FBT003 - the socket module's signature
    return bound
