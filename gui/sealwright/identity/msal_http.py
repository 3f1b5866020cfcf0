"""msal's `http_client` on our transport."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

import anyio.from_thread

from sealwright.errors import RefusedError, UnreachableError
from sealwright.identity.entra_errors import clock_error
from sealwright.services.ports import HttpRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.services.ports import HttpResponse, HttpTransport

_REFUSED: Final = (400, 401)
_TOO_MANY: Final = 429
_BROKEN: Final = 500
_PATIENCE: Final = 30.0
"""Seconds for one exchange with the authority."""


class MsalResponse:
    """What msal reads of an answer."""

    def __init__(self, response: HttpResponse) -> None:
        self.status_code = response.status
        self.text = response.body.decode("utf-8", errors="replace")
        self.headers = dict(response.headers)

    def raise_for_status(self) -> None:
        """Refuse an answer that is an error.

        Raises:
            RefusedError: the status is 400 or more.
        """
        if self.status_code >= 400:  # noqa: PLR2004 - the error classes
            raise RefusedError(
                f"The authority answered with status {self.status_code}.", status=self.status_code
            )


class MsalHttp:
    """Synchronous on msal's thread; the exchange itself happens on the event loop."""

    def __init__(self, transport: HttpTransport) -> None:
        self._transport = transport

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | str | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> MsalResponse:
        """Send a form."""
        body = data if isinstance(data, str) else urlencode(data or {})
        sent = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return self._send(HttpRequest("POST", _with(url, params), sent, body.encode("utf-8")))

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> MsalResponse:
        """Read a document."""
        return self._send(HttpRequest("GET", _with(url, params), dict(headers or {})))

    def close(self) -> None:
        """Nothing to close: the transport is shared."""

    def _send(self, request: HttpRequest) -> MsalResponse:
        answer = anyio.from_thread.run(self._transport.send, replace(request, timeout=_PATIENCE))
        if answer.status == _TOO_MANY or answer.status >= _BROKEN:
            raise _busy(request, answer)
        wrong = clock_error(request.url, answer) if answer.status in _REFUSED else None
        if wrong is not None:
            raise wrong
        return MsalResponse(answer)


def _busy(request: HttpRequest, answer: HttpResponse) -> UnreachableError:
    host = urlsplit(request.url).netloc
    wished = answer.headers.get("retry-after", "")
    when = f"in {wished} seconds" if wished.isdecimal() else "in a minute"
    if answer.status == _TOO_MANY:
        what = f"The sign-in service `{host}` takes no more requests now."
    else:
        what = f"The sign-in service `{host}` failed with status {answer.status}."
    return UnreachableError(
        what,
        hint=f"Try again {when}.",
        status=answer.status,
        request_id=answer.headers.get("x-ms-request-id", ""),
        details={"retry after": wished} if wished else {},
    )


def _with(url: str, params: Mapping[str, str] | None) -> str:
    if not params:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(params)}"
