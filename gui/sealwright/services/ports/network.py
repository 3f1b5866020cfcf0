"""The ways out: HTTP, bearer tokens, and the time of day."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sealwright.secret import Secret


class Clock(Protocol):
    """The time of day."""

    def now(self) -> datetime:
        """Now, aware, in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request. `headers` may hold a bearer token: it is never logged or shown."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    timeout: float = 60.0
    """Seconds for the whole exchange."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """One answer; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class HttpTransport(Protocol):
    """The one way out: proxy, trust, limits and time-outs are the same for all callers."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send and read the answer whole; any status is an answer, redirects are not followed.

        Raises:
            UnreachableError: name, connection, TLS or time-out.
        """
        ...


class TokenSource(Protocol):
    """Gives bearer tokens for a scope."""

    async def bearer(self, scope: str) -> Secret[str] | None:
        """A fresh access token, or None when nobody is signed in and calls go out anonymously."""
        ...

    @property
    def account(self) -> str:
        """Who calls, for the activity log; `not signed in` when nobody."""
        ...
