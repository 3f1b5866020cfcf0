"""The HTTP face: Starlette around the rules, which know nothing of it.

A call is read whole, handed to its rule on a worker thread (rules wait for the disk; short ones
that do not are answered at once), and answered with the headers that every answer of the service
has (spec rest-api, 1.6).
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import replace
from email.utils import format_datetime
from time import perf_counter
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

import anyio
import anyio.from_thread
import anyio.to_thread
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request

from sealwright.sandbox.allowances import Allowances
from sealwright.sandbox.faults import FaultKind, Faults
from sealwright.sandbox.refusals import RefusalError, not_offered, too_large
from sealwright.sandbox.wire import Call, Reply, Site, find_route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Receive, Scope, Send

    from sealwright.sandbox.core import Core
    from sealwright.sandbox.wire import Route

MAX_BODY: Final = 4 * 1024 * 1024
"""Bytes of a request that are still read."""

_OK: Final = 200
_NO_CONTENT: Final = 204
_ATTEST: Final = "/attest/"
_SMALL: Final = 32 * 1024
"""Bytes of a request that may be answered on the loop."""
_QUICK: Final = 0.005
"""Seconds that the loop may be kept from other work: Python's own threads take turns of these."""
SERVICE_VERSION: Final = "1.11.00000.0001"
_LOG: Final = logging.getLogger(__name__)


class Application:
    """The ASGI application.

    Args:
        front: routes of ARM, the authority and the operator.
        provider: routes of a provider's own address.
    """

    def __init__(
        self,
        core: Core,
        *,
        front: tuple[Route, ...],
        provider: tuple[Route, ...],
    ) -> None:
        self._addresses = core.addresses
        self._clock = core.clock
        self._faults = core.faults
        self._state = core.state
        self._quick: set[str] = set()
        """Paths of attest operations whose last answer took hardly any time."""
        self._allowances = Allowances(core.clock)
        self._front = front
        self._provider = provider
        self._starlette = Starlette()
        """For everything that is no request: it starts, stops, and turns web sockets away."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse the connection when nothing stands at its address.

        Raises:
            ConnectionRefusedError: no such host, as a deleted provider's name resolves no more.
        """
        if scope["type"] != "http":
            await self._starlette(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            body: bytes | RefusalError = await _body(request)
        except RefusalError as refusal:
            body = refusal
        except ClientDisconnect:
            # Half a request asks for nothing, and nobody waits for an answer.
            return
        if self._is_quick(scope, body):
            # A fault armed from here on, which might make it wait, is for the call after it.
            reply = self._timed(request, body, Faults())
        else:
            reply = await anyio.to_thread.run_sync(self._timed, request, body, self._faults)
        await self._send(reply, send)

    def _is_quick(self, scope: Scope, body: bytes | RefusalError) -> bool:
        """Whether the loop answers by itself.

        The way to a worker thread and back costs a third of an attestation. So what was attested
        in no time is, the next time, attested on the loop: small, and with nothing to wait for.
        """
        return (
            scope["path"] in self._quick
            and isinstance(body, bytes)
            and len(body) <= _SMALL
            and self._state.idle()
            and not self._faults.armed()
        )

    def _timed(self, request: Request, body: bytes | RefusalError, faults: Faults) -> Reply:
        started = perf_counter()
        reply = self._answer(request, body, faults)
        path: str = request.scope["path"]
        if perf_counter() - started > _QUICK:
            self._quick.discard(path)
        elif reply.status == _OK and path.startswith(_ATTEST):
            self._quick.add(path)
        return reply

    def _answer(self, request: Request, body: bytes | RefusalError, faults: Faults) -> Reply:
        """The whole work of one request."""
        scope = request.scope
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        site = self._site(scope, headers)
        if isinstance(body, RefusalError):
            return _refused(body)
        asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        call = Call(
            method=scope["method"],
            path=scope["path"],
            query={name.lower(): value for name, value in asked},
            headers=headers,
            body=body,
            site=site,
        )
        try:
            return self._reply(call, request, faults)
        except RefusalError as refusal:
            return _refused(refusal)
        except Exception:  # noqa: BLE001 - logged with its traceback, and answered
            # A bug must look like one of the service's bad days, not like a broken transport.
            _LOG.exception("%s %s failed in the sandbox", call.method, call.path)
            return _refused(RefusalError(500, "InternalServerError", "The sandbox failed."))

    def _site(self, scope: Scope, headers: Mapping[str, str]) -> Site:
        host = headers.get("host", "")
        server = scope.get("server") or ("", 0)
        site = self._addresses.resolve(host, server[1] or 0)
        if site is None:
            raise ConnectionRefusedError(f"Nothing answers at {host}.")
        return site

    def _reply(self, call: Call, request: Request, faults: Faults) -> Reply:
        latency = faults.take(call, FaultKind.LATENCY)
        if latency is not None and anyio.from_thread.run(_left, request, latency.seconds):
            raise RefusalError(503, "ServiceUnavailable", "The client is gone.")
        early = faults.take(call, FaultKind.STATUS)
        if early is not None:
            raise early.refusal()
        routes = self._provider if call.site.provider else self._front
        found = find_route(routes, call)
        if found is None:
            raise not_offered(call.method, call.path)
        answer = found[0].handler(replace(call, arguments=found[1]))
        late = faults.take(call, FaultKind.STATUS, after=True)
        if late is not None:
            raise late.refusal()
        held = faults.take(call, FaultKind.LATENCY, after=True)
        if held is not None:
            anyio.from_thread.run(_left, request, held.seconds)
        allowance = self._allowances.spend(call)
        return replace(answer, headers={**allowance, **answer.headers}) if allowance else answer

    async def _send(self, reply: Reply, send: Send) -> None:
        content = reply.content()
        headers = dict(self._common_headers())
        if content:
            headers["content-type"] = reply.media_type
        if content or reply.status != _NO_CONTENT:
            headers["content-length"] = str(len(content))
        headers |= {name.lower(): value for name, value in reply.headers.items()}
        listed = [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
        ]
        await send({"type": "http.response.start", "status": reply.status, "headers": listed})
        await send({"type": "http.response.body", "body": content})

    def _common_headers(self) -> Mapping[str, str]:
        return {
            "date": format_datetime(self._clock.now(), usegmt=True),
            "server": "Sealwright-Sandbox",
            # Zero: a browser must not learn that localhost speaks TLS only.
            "strict-transport-security": "max-age=0",
            "x-ms-request-id": f"00-{secrets.token_hex(16)}-{'0' * 16}-00",
            "x-ms-maa-service-version": SERVICE_VERSION,
        }


async def _left(request: Request, seconds: float) -> bool:
    """Wait; whether the client went away meanwhile."""
    with anyio.move_on_after(seconds):
        while (await request.receive())["type"] != "http.disconnect":
            pass
        return True
    return False


def _refused(refusal: RefusalError) -> Reply:
    return Reply(refusal.status, refusal.body(), refusal.headers)


async def _body(request: Request) -> bytes:
    """The whole body.

    Raises:
        RefusalError: it is larger than any request may be.
    """
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY:
            raise too_large(MAX_BODY)
        parts.append(part)
    return b"".join(parts)
