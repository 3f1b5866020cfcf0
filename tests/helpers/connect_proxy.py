"""A proxy on this computer: it tunnels, asks for a sign-in, refuses, or opens TLS with its own CA.

Every name is reached at 127.0.0.1, so that hosts which exist nowhere can be asked for.
"""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
import subprocess
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from anyio.from_thread import start_blocking_portal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from helpers.tls import TlsFiles

_HEAD = b"\r\n\r\n"


class ConnectProxy:
    """What it does can be changed while it runs."""

    def __init__(self, own_tls: TlsFiles | None = None) -> None:
        self.own_tls = own_tls
        """With which it is spoken to in TLS itself."""
        self.user = ""
        """`name:password` that it asks for; empty for everybody."""
        self.scheme = "Basic"
        """How it asks for the sign-in; it understands Basic only."""
        self.refuses = False
        self.opens_tls: TlsFiles | None = None
        self.upstream_ca = ""
        self.tunnels: list[str] = []
        self.turned_away = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        scheme = "http" if self.own_tls is None else "https"
        return f"{scheme}://127.0.0.1:{self.port}"

    async def start(self) -> None:
        context = None if self.own_tls is None else _server_context(self.own_tls)
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(_HEAD)).decode("latin-1")
        target = head.split(" ")[1]
        answer = self._refusal(head)
        if answer:
            self.turned_away += 1
            writer.write(answer + _HEAD)
            await writer.drain()
            return
        self.tunnels.append(target)
        port = int(target.rpartition(":")[2])
        writer.write(b"HTTP/1.1 200 Connection established" + _HEAD)
        await writer.drain()
        upstream_tls = None
        if self.opens_tls is not None:
            await writer.start_tls(_server_context(self.opens_tls))
            upstream_tls = ssl.create_default_context(cafile=self.upstream_ca)
        other = await asyncio.open_connection(
            "127.0.0.1",
            port,
            ssl=upstream_tls,
            server_hostname="127.0.0.1" if upstream_tls is not None else None,
        )
        try:
            await asyncio.gather(_pump(reader, other[1]), _pump(other[0], writer))
        finally:
            other[1].close()

    def _refusal(self, head: str) -> bytes:
        if self.refuses:
            return b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0"
        given = base64.b64encode(self.user.encode()).decode()
        if self.user and f"proxy-authorization: basic {given}".lower() not in head.lower():
            return (
                b"HTTP/1.1 407 Proxy Authentication Required\r\n"
                + f'Proxy-Authenticate: {self.scheme} realm="test"\r\nContent-Length: 0'.encode()
            )
        return b""


def _server_context(files: TlsFiles) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    return context


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except (OSError, ssl.SSLError):
        pass
    finally:
        # One side that is done ends the tunnel.
        writer.close()


@contextmanager
def connect_proxy(own_tls: TlsFiles | None = None) -> Iterator[ConnectProxy]:
    """A proxy for as long as the context lasts."""
    proxy = ConnectProxy(own_tls)
    with start_blocking_portal("asyncio") as portal:
        portal.call(proxy.start)
        try:
            yield proxy
        finally:
            portal.call(proxy.stop)


@contextmanager
def tinyproxy(folder: Path) -> Iterator[int]:
    """The real program, which asks `mira` for `secret`; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    settings = folder / "tinyproxy.conf"
    settings.write_text(
        f"Port {port}\nListen 127.0.0.1\nAllow 127.0.0.1\nBasicAuth mira secret\nTimeout 60\n",
        encoding="utf-8",
    )
    with subprocess.Popen(
        ["tinyproxy", "-d", "-c", str(settings)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _wait_for(port, process)
            yield port
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until it answers; a program that ended never will."""
    while process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError("tinyproxy did not start")
