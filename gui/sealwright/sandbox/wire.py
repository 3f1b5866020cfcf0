"""A request and an answer as the sandbox's rules see them, without any server library."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from sealwright.errors import TokenError
from sealwright.sandbox.refusals import RefusalError, bad_json
from sealwright.tokens.jose import parse_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sealwright.sandbox.records import ProviderRecord
    from sealwright.tokens.jose import JsonObject, JsonValue

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_PLACEHOLDER: Final = re.compile(r"\{(\w+)(:path)?\}")


@dataclass(frozen=True, slots=True)
class Site:
    """What a request was addressed to: a provider, or ARM and the authority."""

    uri: str
    """Scheme, host and port as the caller wrote them, no trailing slash."""
    provider: str = ""
    """Empty for ARM and the authority."""


class Addresses(Protocol):
    """Where the faces of the sandbox are."""

    @property
    def management(self) -> str:
        """ARM's address, no trailing slash."""
        ...

    @property
    def authority(self) -> str:
        """The authority's address without a tenant, no trailing slash."""
        ...

    def attest_uri(self, provider: ProviderRecord) -> str:
        """The address of a provider, no trailing slash."""
        ...

    def reserved(self, name: str) -> bool:
        """Whether no provider may have this name."""
        ...

    def resolve(self, host: str, port: int) -> Site | None:
        """What stands at a host name (with port, as the caller wrote it) and local port."""
        ...

    def opened(self, provider: ProviderRecord) -> None:
        """A provider was made: answer at its address from now on."""
        ...

    def closed(self, provider: ProviderRecord) -> None:
        """A provider was deleted: its address answers no more."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """One request. Header and query names are lower case."""

    method: str
    path: str
    """Percent-decoded."""
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    site: Site
    arguments: Mapping[str, str] = field(default_factory=dict)
    """The parts of the path that the route names."""

    def json(self) -> JsonObject:
        """The body as a JSON object.

        Raises:
            RefusalError: it is something else.
        """
        try:
            value = parse_json(self.body.removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
        except UnicodeDecodeError:
            raise bad_json("It is not UTF-8 text.") from None
        except TokenError as error:
            raise bad_json(error.summary) from None
        if not isinstance(value, dict):
            raise bad_json("It is JSON, but not an object.")
        return value


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; a body of None is sent as no body."""

    status: int
    body: JsonValue = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json; charset=utf-8"
    raw: bytes = field(default=b"", repr=False)
    """Sent as it is, in place of a JSON body."""

    def content(self) -> bytes:
        """The body as it is sent."""
        if self.raw:
            return self.raw
        if self.body is None:
            return b""
        # Half a surrogate pair, which UTF-8 has not, is escaped as JSON does it.
        return _ENCODER.encode(self.body).encode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True)
class Route:
    """A method and path pattern (`{name}` is one segment), compared without regard to case."""

    method: str
    pattern: re.Pattern[str]
    handler: Callable[[Call], Reply]


def route(method: str, path: str, handler: Callable[[Call], Reply]) -> Route:
    """A route; `{name}` stands for one segment and `{name:path}` for any number."""
    parts = _PLACEHOLDER.split(path)
    pattern = ""
    for at in range(0, len(parts), 3):
        pattern += re.escape(parts[at])
        if at + 1 < len(parts):
            segment = ".+" if parts[at + 2] else "[^/]+?"
            pattern += f"(?P<{parts[at + 1]}>{segment})"
    return Route(method, re.compile(f"{pattern}/?", re.IGNORECASE), handler)


def find_route(routes: tuple[Route, ...], call: Call) -> tuple[Route, Mapping[str, str]] | None:
    """The route of a call with the named parts of its path.

    Raises:
        RefusalError: the path is known, but not with this method.
    """
    allowed: list[str] = []
    for candidate in routes:
        match = candidate.pattern.fullmatch(call.path)
        if match is None:
            continue
        if candidate.method == call.method:
            return candidate, match.groupdict()
        if candidate.method not in allowed:
            allowed.append(candidate.method)
    if allowed:
        raise RefusalError(
            405,
            "MethodNotAllowed",
            f"{call.method} is not offered here.",
            headers={"allow": ", ".join(allowed)},
        )
    return None


def member(body: JsonObject, name: str) -> JsonValue:
    """A member by name without regard to case (spec rest-api, 2.2)."""
    if name in body:
        return body[name]
    wanted = name.lower()
    return next((value for key, value in body.items() if key.lower() == wanted), None)
