"""The ways out: HTTP, bearer tokens, and the time of day."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sealwright.secret import Secret

NOT_SIGNED_IN: Final = "not signed in"
"""Who calls when nobody is signed in."""


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
    came: datetime | None = None
    """When, by this computer's clock."""


class HttpTransport(Protocol):
    """The one way out: proxy, trust, limits and time-outs are the same for all callers."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send and read the answer whole; any status is an answer, redirects are not followed.

        Raises:
            UnreachableError: name, connection, TLS or time-out.
        """
        ...


class WayOut(Protocol):
    """The way to one host, opened step by step. Each step says what it found.

    Raises:
        UnreachableError: it stops here, and why.
    """

    @property
    def proxy(self) -> str:
        """Host and port of the proxy in between; empty when there is none."""
        ...

    async def resolve(self) -> str:
        """Look the name up."""
        ...

    async def connect(self) -> str:
        """Open the connection."""
        ...

    async def pass_proxy(self) -> str:
        """Ask the proxy to let us through."""
        ...

    async def secure(self) -> str:
        """TLS, with the certificate checked."""
        ...

    async def aclose(self) -> None:
        """Close what is open."""
        ...


class Network(Protocol):
    """How this computer gets out."""

    async def way_to(self, url: str) -> WayOut | None:
        """The way to the host of an address; None for what runs in this process."""
        ...


class TokenSource(Protocol):
    """Gives bearer tokens for a scope."""

    async def bearer(self, scope: str, claims: str = "") -> Secret[str] | None:
        """A fresh access token, or None when nobody is signed in and calls go out anonymously.

        `claims` is what a resource asks of the sign-in (a claims challenge), as JSON. Nothing is
        ever asked of a person here.

        Raises:
            SignInError: the authority gives no token without a person, or not at all.
        """
        ...

    @property
    def account(self) -> str:
        """Who calls, for the activity log; `not signed in` when nobody."""
        ...
