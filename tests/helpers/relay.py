"""A relay in front of a TLS server that cuts connections at chosen bytes.

It passes bytes on without reading them, and knows only the outer form of TLS 1.3 records
(RFC 8446 section 5.1): the client's first encrypted record ends its handshake, each later one
belongs to a request, and what the server sends after that is its answer. The sandbox sends no
session tickets, so nothing else comes in between.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import contextmanager
from enum import Enum, auto
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from anyio.from_thread import start_blocking_portal

if TYPE_CHECKING:
    from collections.abc import Iterator

_APPLICATION_DATA = 23
_HEADER = 5


class Cut(Enum):
    """Where a connection breaks."""

    BEFORE = auto()
    """The request never reaches the server."""
    AFTER = auto()
    """The server has answered, the client hears nothing."""
    INSIDE = auto()
    """The client gets the answer's first record and half of the second."""


class Relay:
    """Passes everything on until it is told otherwise."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._plan: deque[Cut | None] = deque()
        self._writers: set[asyncio.StreamWriter] = set()
        self.delay = 0.0
        """Seconds that every answer waits."""
        self.requests = 0
        self.cuts = 0
        self.port = 0

    @property
    def uri(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def cut(self, where: Cut, *, skip: int = 0, times: int = 1) -> None:
        """Cut the next `times` requests after `skip` that pass."""
        self._plan = deque([*[None] * skip, *[where] * times])

    def heal(self) -> None:
        """Cut no more."""
        self._plan.clear()

    async def start(self) -> asyncio.Server:
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def stop(self, server: asyncio.Server) -> None:
        server.close()
        for writer in tuple(self._writers):
            writer.transport.abort()
        await server.wait_closed()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        pipe = _Pipe(self, writer, far_writer)
        self._writers |= {writer, far_writer}
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(pipe.requests(reader))
                group.create_task(pipe.answers(far_reader))
        except* (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._writers -= {writer, far_writer}
            writer.transport.abort()
            far_writer.transport.abort()

    def next_cut(self) -> Cut | None:
        """What happens to the request that starts now."""
        self.requests += 1
        where = self._plan.popleft() if self._plan else None
        self.cuts += where is not None
        return where


class _Pipe:
    """One connection."""

    def __init__(self, relay: Relay, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self._relay = relay
        self._near = near
        self._far = far
        self._shaken = False
        self._asking = False
        self._cut: Cut | None = None
        self._records = 0

    async def requests(self, reader: asyncio.StreamReader) -> None:
        while True:
            record = await _record(reader)
            if record[0] == _APPLICATION_DATA:
                if not self._shaken:
                    self._shaken = True
                elif not self._asking:
                    self._asking, self._records = True, 0
                    self._cut = self._relay.next_cut()
            if self._cut is Cut.BEFORE:
                raise ConnectionAbortedError
            self._far.write(record)
            await self._far.drain()

    async def answers(self, reader: asyncio.StreamReader) -> None:
        while True:
            record = await _record(reader)
            if self._shaken and self._asking:
                await self._answer(record)
            else:
                self._near.write(record)
                await self._near.drain()

    async def _answer(self, record: bytes) -> None:
        if self._records == 0:
            await asyncio.sleep(self._relay.delay)
        self._records += 1
        if self._cut is Cut.AFTER:
            raise ConnectionAbortedError
        if self._cut is Cut.INSIDE and self._records > 1:
            self._near.write(record[: len(record) // 2])
            await self._near.drain()
            raise ConnectionAbortedError
        self._near.write(record)
        await self._near.drain()
        # The next record of the client starts its next request.
        self._asking = self._cut is not None


async def _record(reader: asyncio.StreamReader) -> bytes:
    header = await reader.readexactly(_HEADER)
    return header + await reader.readexactly(int.from_bytes(header[3:5]))


@contextmanager
def relay_to(uri: str) -> Iterator[Relay]:
    """A relay in front of the server at `uri`, on a port of its own."""
    parts = urlsplit(uri)
    relay = Relay(parts.hostname or "", parts.port or 443)
    with start_blocking_portal("asyncio") as portal:
        server = portal.call(relay.start)
        try:
            yield relay
        finally:
            portal.call(relay.stop, server)
