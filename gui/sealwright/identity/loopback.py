"""Where the browser brings the answer of a sign-in: a page on this computer, open only as long.

Source: RFC 8252 section 7.3; OAuth 2.0 Form Post Response Mode.
"""

from __future__ import annotations

import contextlib
from contextlib import asynccontextmanager
from html import escape
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit

import anyio
from anyio.abc import SocketAttribute

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from anyio.abc import Listener, SocketStream

_MAX_REQUEST: Final = 64 * 1024
_PATIENCE: Final = 10.0
"""Seconds that one request may take."""
_PAGE: Final = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 32rem; margin: 5rem auto;
padding: 0 1rem; color-scheme: light dark; }}</style></head>
<body><h1>{title}</h1><p>{text}</p></body></html>"""


class Loopback:
    """One open address that waits for one answer."""

    def __init__(self, listener: Listener[SocketStream]) -> None:
        self._listener = listener
        self._port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - no Django here
        self._answer: dict[str, str] = {}
        self._came = anyio.Event()
        self._state = ""

    @property
    def address(self) -> str:
        """The redirect URI."""
        return f"http://localhost:{self._port}"

    async def answer(self, state: str) -> Mapping[str, str]:
        """The answer to the request with this `state`; anything else that comes is turned away."""
        self._state = state
        async with anyio.create_task_group() as group:
            group.start_soon(self._listener.serve, self._serve)
            await self._came.wait()
            group.cancel_scope.cancel()
        return self._answer

    async def _serve(self, stream: SocketStream) -> None:
        # A browser that hangs up early must not end the wait.
        with contextlib.suppress(OSError, anyio.BrokenResourceError, anyio.EndOfStream):
            async with stream:
                with anyio.move_on_after(_PATIENCE):
                    fields = await _read(stream)
                    mine = bool(fields.get("state")) and fields.get("state") == self._state
                    await stream.send(_page(fields, mine=mine))
                    if mine:
                        self._answer = fields
                        self._came.set()


@asynccontextmanager
async def loopback() -> AsyncIterator[Loopback]:
    """An address of this computer, closed when the context ends."""
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as multi:
        yield Loopback(multi.listeners[0])


async def _read(stream: SocketStream) -> dict[str, str]:
    """The fields of a form post, or of a query; empty when the request is neither."""
    data = bytearray()
    while b"\r\n\r\n" not in data:
        data += await stream.receive()
        if len(data) > _MAX_REQUEST:
            return {}
    head, _, body = bytes(data).partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    method, _, rest = lines[0].partition(" ")
    if method != "POST":
        return dict(parse_qsl(urlsplit(rest.partition(" ")[0]).query))
    length = next(
        (
            line.partition(":")[2].strip()
            for line in lines
            if line.lower().startswith("content-length:")
        ),
        "0",
    )
    wanted = min(int(length) if length.isdecimal() else 0, _MAX_REQUEST)
    while len(body) < wanted:
        body += await stream.receive()
    return dict(parse_qsl(body.decode("utf-8", errors="replace")))


def _page(fields: Mapping[str, str], *, mine: bool) -> bytes:
    if mine and "code" in fields:
        title, text = "Signed in", "You can close this window and go back to Sealwright."
    elif mine:
        title = "The sign-in did not work"
        text = (
            f"Go back to Sealwright. {fields.get('error_description') or fields.get('error', '')}"
        )
    else:
        title, text = "Nothing to see here", "This is not the answer that Sealwright waits for."
    body = _PAGE.format(title=escape(title), text=escape(text)).encode()
    head = (
        f"HTTP/1.1 {200 if mine else 400} {'OK' if mine else 'Bad Request'}\r\n"
        "Content-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
