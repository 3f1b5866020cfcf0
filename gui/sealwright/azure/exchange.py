"""One call to the service: bearer token, request id, careful repeats, errors in our words."""

from __future__ import annotations

import base64
import json
import logging
import re
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from uuid import uuid4

import anyio

from sealwright.azure.failures import service_error
from sealwright.errors import (
    BadAnswerError,
    NobodyThereError,
    ProxyError,
    UnreachableError,
    UntrustedError,
)
from sealwright.services.ports import NOT_SIGNED_IN, HttpRequest
from sealwright.waits import tell_wait

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from sealwright.errors import ServiceError
    from sealwright.services.ports import HttpResponse, HttpTransport, TokenSource

_log: Final = logging.getLogger(__name__)

TRIES: Final = 4
FIRST_DELAY: Final = 0.5
MAX_DELAY: Final = 8.0
MAX_WAIT: Final = 30.0
"""Seconds that are waited for: at a time where there are too many calls, for that passes; in all
where the service fails, for then a person wants to hear of it. Longer is passed on to the user."""
_UNAUTHORIZED: Final = 401
_TOO_MANY: Final = 429
_CLAIMS: Final = re.compile(r'\bclaims="([A-Za-z0-9+/_-]{4,8000})=*"')
_TRANSIENT: Final = frozenset({408, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Call:
    """What to send. `what` completes "could not …"; `safe` calls may be repeated blindly."""

    method: str
    url: str
    what: str
    body: bytes = field(default=b"", repr=False)
    content_type: str = ""
    safe: bool = False
    anonymous: bool = False
    timeout: float = 60.0


class Exchange:
    """Sends calls of one account and scope."""

    def __init__(
        self,
        transport: HttpTransport,
        tokens: TokenSource,
        scope: str,
        *,
        absent: str = "",
        pause: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self._transport = transport
        self._tokens = tokens
        self._scope = scope
        self._absent = absent
        """What it may mean when nobody is there."""
        self._pause = pause

    async def send(self, call: Call) -> HttpResponse:
        """The 2xx answer.

        Raises:
            UnreachableError: no answer, 429 or 5xx, after the repeats that were safe.
            RefusedError: 401 or 403.
            RejectedError: any other 4xx.
        """
        answer, error = await self.ask(call)
        if error is not None:
            raise error
        return answer

    async def ask(self, call: Call) -> tuple[HttpResponse, ServiceError | None]:
        """Any answer, with the error that it stands for; safe repeats are made as in `send`.

        Raises:
            UnreachableError: no answer came at all.
        """
        attempt, waited = 1, 0.0
        while True:
            outcome = await self._try(call)
            error = outcome if isinstance(outcome, UnreachableError) else self._error(outcome, call)
            delay = self._delay_before_repeat(call, error, attempt, waited)
            if delay is None:
                break
            _log.info("%s: try %d failed, next in %.1f s", call.what, attempt, delay)
            if error is not None and _wished(error):
                tell_wait(delay)
            await self._pause(delay)
            attempt, waited = attempt + 1, waited + delay
        if isinstance(outcome, UnreachableError):
            raise outcome
        return outcome, error

    async def _try(self, call: Call) -> HttpResponse | UnreachableError:
        try:
            answer = await self._once(call)
            claims = wanted_claims(answer) if answer.status == _UNAUTHORIZED else ""
            if claims and not call.anonymous:
                # The token is good, the sign-in behind it not (any more): ask for another.
                answer = await self._once(call, claims)
        except NobodyThereError as error:
            hint = f"{error.hint} {self._absent}".strip()
            return NobodyThereError(error.summary, hint=hint, details=error.details)
        except UnreachableError as error:
            return error
        return answer

    @staticmethod
    def _delay_before_repeat(
        call: Call, error: ServiceError | None, attempt: int, waited: float
    ) -> float | None:
        if not isinstance(error, UnreachableError):
            return None
        delay = _delay(attempt, error)
        left = MAX_WAIT if error.status == _TOO_MANY else MAX_WAIT - waited
        if attempt == TRIES or delay > left or not _may_repeat(call, error):
            return None
        return delay

    def _error(self, answer: HttpResponse, call: Call) -> ServiceError | None:
        if answer.status // 100 == 2:  # noqa: PLR2004 - the 2xx class
            return None
        nobody = call.anonymous or self._tokens.account == NOT_SIGNED_IN
        host = "" if nobody else urlsplit(call.url).hostname or ""
        return service_error(answer, call.what, host)

    async def _once(self, call: Call, claims: str = "") -> HttpResponse:
        headers = await self._headers(call, claims)
        request = HttpRequest(call.method, call.url, headers, call.body, timeout=call.timeout)
        return await self._transport.send(request)

    async def _headers(self, call: Call, claims: str) -> Mapping[str, str]:
        headers = {"Accept": "application/json", "x-ms-client-request-id": str(uuid4())}
        if call.content_type:
            headers["Content-Type"] = call.content_type
        if not call.anonymous:
            token = await self._tokens.bearer(self._scope, claims)
            if token is not None:
                headers["Authorization"] = f"Bearer {token.reveal()}"
        return headers


def wanted_claims(answer: HttpResponse) -> str:
    """The claims that a 401 asks of the sign-in, as JSON; empty when it asks for none."""
    found = _CLAIMS.search(answer.headers.get("www-authenticate", ""))
    if found is None:
        return ""
    try:
        text = base64.b64decode(found.group(1) + "==").decode("utf-8")
        return text if isinstance(json.loads(text), dict) else ""
    except ValueError:
        return ""


def _may_repeat(call: Call, error: UnreachableError) -> bool:
    if error.status == _TOO_MANY:
        # Throttling is decided before the work: nothing was done.
        return True
    if isinstance(error, (UntrustedError, ProxyError)):
        # The same certificate would be shown again, the same sign-in asked for.
        return False
    return call.safe and (error.status is None or error.status in _TRANSIENT)


def _delay(attempt: int, error: UnreachableError) -> float:
    wished = _wished(error)
    if wished:
        return float(wished)
    most = min(FIRST_DELAY * 2.0 ** (attempt - 1), MAX_DELAY)
    return most * (0.5 + secrets.randbelow(500) / 1000)


def _wished(error: ServiceError) -> str:
    """The seconds that the service asks to be left alone; empty when it named none."""
    wished = error.details.get("retry after", "")
    return wished if wished.isdecimal() else ""


def read_json(answer: HttpResponse, what: str) -> object:
    """The JSON value of an answer.

    Raises:
        BadAnswerError: the body is no JSON.
    """
    try:
        return json.loads(answer.body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise bad_answer(answer, f"The answer to `{what}` is not JSON.") from error


def bad_answer(answer: HttpResponse, summary: str) -> BadAnswerError:
    """An answer that breaks the contract, with what identifies it."""
    return BadAnswerError(
        summary,
        hint="Something between here and the service may have changed the answer.",
        status=answer.status,
        request_id=answer.headers.get("x-ms-request-id", ""),
        details={"content type": answer.headers.get("content-type", "")},
    )
