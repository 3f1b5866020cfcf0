"""Faults on demand: what a provider may do to a client on a bad day.

They live as long as the process; each is used up after `times` calls. Cut connections are made
in front of the sandbox, by a relay: an ASGI application cannot make them.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sealwright.sandbox.refusals import RefusalError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sealwright.sandbox.wire import Call
    from sealwright.tokens.jose import JsonObject, JsonValue

_CODES: Final = {
    401: "Unauthorized",
    403: "AuthorizationFailed",
    429: "TooManyRequests",
    500: "InternalServerError",
    502: "BadGateway",
    503: "ServiceUnavailable",
    504: "GatewayTimeout",
}


class FaultKind(StrEnum):
    """What goes wrong."""

    STATUS = "status"
    """Answer `status` (with `retry_after`); with `after` the change is made first."""
    LATENCY = "latency"
    """Wait `seconds`, at most until the client is gone, before the call is looked at; with `after`
    before it is answered. A call whose client left before it was looked at is never made."""
    WRONG_HASH = "wrong-hash"
    """The policy result names another token hash."""
    FOREIGN_KEY = "foreign-key"
    """The token is signed by a key that is not the provider's."""
    STALE = "stale"
    """`GET /policies` answers with what stood before the last change."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault and the calls that it meets; empty filters meet every call."""

    kind: FaultKind
    method: str = ""
    path: str = ""
    """A regular expression, searched in the path."""
    provider: str = ""
    times: int | None = None
    """How many calls; None for all."""
    status: int = 500
    retry_after: float | None = None
    seconds: float = 0.0
    after: bool = False
    skip: int = 0
    """How many such calls go by first."""

    def meets(self, call: Call) -> bool:
        """Whether this call is one of those."""
        return (
            self.method.upper() in ("", call.method)
            and self.provider.lower() in ("", call.site.provider.lower())
            and re.search(self.path, call.path) is not None
        )

    def refusal(self) -> RefusalError:
        """The answer of a status fault."""
        headers = {} if self.retry_after is None else {"retry-after": f"{self.retry_after:g}"}
        code = _CODES.get(self.status, "InternalServerError")
        return RefusalError(
            self.status, code, "The sandbox was told to fail here.", headers=headers
        )


class Faults:
    """The faults in force. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[tuple[Fault, int | None]] = []

    def arm(self, faults: Iterable[Fault]) -> None:
        """Put these in place of those in force."""
        with self._lock:
            self._faults = [(fault, fault.times) for fault in faults]

    def armed(self) -> tuple[tuple[Fault, int | None], ...]:
        """Those in force, with the calls that each has left (None: no end)."""
        with self._lock:
            return tuple(self._faults)

    def take(self, call: Call, kind: FaultKind, *, after: bool = False) -> Fault | None:
        """The first fault of a kind that meets this call; one of its times is used up."""
        if not self._faults:
            return None
        with self._lock:
            for at, (fault, left) in enumerate(self._faults):
                if fault.kind is kind and fault.after is after and fault.meets(call):
                    if fault.skip:
                        self._faults[at] = (replace(fault, skip=fault.skip - 1), left)
                        continue
                    if left is not None:
                        rest = [(fault, left - 1)] if left > 1 else []
                        self._faults[at : at + 1] = rest
                    return fault
        return None


def fault_from_json(value: JsonValue) -> Fault:
    """Read a fault of the operator's face.

    Raises:
        ValueError: an unknown kind or member, or a value out of range.
        TypeError: a value of the wrong type.
        re.error: `path` is not a regular expression.
    """
    if not isinstance(value, dict):
        raise TypeError("a fault is an object")
    fields = dict(value)
    seconds, retry = fields.pop("seconds", 0), fields.pop("retryAfter", None)
    fault = Fault(
        kind=FaultKind(str(fields.pop("kind", ""))),
        method=_text(fields, "method"),
        path=_text(fields, "path"),
        provider=_text(fields, "provider"),
        times=_whole(fields.pop("times", None)),
        status=_whole(fields.pop("status", 500)) or 500,
        retry_after=None if retry is None else _number(retry),
        seconds=_number(seconds),
        after=fields.pop("after", False) is True,
        skip=_whole(fields.pop("skip", None)) or 0,
    )
    if fields:
        raise ValueError(f"unknown members: {', '.join(sorted(fields))}")
    re.compile(fault.path)
    return fault


def fault_to_json(fault: Fault, left: int | None) -> JsonObject:
    """A fault as the operator's face shows it."""
    return {
        "kind": fault.kind.value,
        "method": fault.method,
        "path": fault.path,
        "provider": fault.provider,
        "times": left,
        "status": fault.status,
        "retryAfter": fault.retry_after,
        "seconds": fault.seconds,
        "after": fault.after,
        "skip": fault.skip or None,
    }


def _text(fields: JsonObject, name: str) -> str:
    value = fields.pop(name, "")
    if not isinstance(value, str):
        raise TypeError(f"`{name}` is not text")
    return value


def _whole(value: JsonValue) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError("a count or status is not a positive number")
    return value


def _number(value: JsonValue) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError("a time is not a number of seconds")
    return float(value)
