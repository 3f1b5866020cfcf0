"""Exchanges with a provider as they can be saved, read again and sent once more.

The form of one message is that of a recorded exchange: `method`, `url`, `request_body`, `status`,
`response_headers`, `response_body`; bodies are JSON values, or texts where they are no JSON.
Request headers are never part of it: they hold the bearer token.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sealwright.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOT_ONE: Final = "The file is no saved exchange."
_HINT: Final = "Give a file that `Save exchange` or `sealwright attest` wrote."
_KEPT_HEADERS: Final = (
    "content-type",
    "date",
    "server",
    "x-ms-request-id",
    "x-ms-maa-service-version",
    "x-ms-error-code",
    "x-sandbox-details",
)


@dataclass(frozen=True, slots=True)
class Message:
    """One request with its answer."""

    method: str
    url: str
    request: bytes = field(repr=False)
    """The body as it was sent."""
    status: int
    """0 when no answer was recorded."""
    headers: Mapping[str, str]
    """Of the answer, lower-case names."""
    response: bytes = field(repr=False)
    elapsed: float = 0.0
    """Seconds on the wire."""

    @property
    def request_id(self) -> str:
        """The service's name for the call; empty when it gave none."""
        return self.headers.get("x-ms-request-id", "")

    @property
    def details(self) -> str:
        """What a sandbox says it did not judge; empty for everything else."""
        return self.headers.get("x-sandbox-details", "")


@dataclass(frozen=True, slots=True)
class SavedExchange:
    """All messages of one attestation, in their order: one, or two of the Tpm protocol."""

    messages: tuple[Message, ...]

    def document(self) -> dict[str, object]:
        """As JSON: one message by itself, several under `messages`."""
        found = [_document(message) for message in self.messages]
        return found[0] if len(found) == 1 else {"messages": found}

    def to_json(self) -> bytes:
        """As a file."""
        return json.dumps(self.document(), indent=2, ensure_ascii=False).encode("utf-8") + b"\n"


def read_exchange(data: bytes) -> SavedExchange:
    """Read a saved or recorded exchange.

    Raises:
        UsageError: it is none.
    """
    try:
        value: object = json.loads(data)
    except (ValueError, RecursionError):
        raise UsageError(_NOT_ONE, hint=_HINT) from None
    listed = value.get("messages", [value]) if isinstance(value, dict) else value
    if not isinstance(listed, list) or not listed:
        raise UsageError(_NOT_ONE, hint=_HINT)
    return SavedExchange(tuple(_message(item) for item in listed))


def _document(message: Message) -> dict[str, object]:
    return {
        "method": message.method,
        "url": message.url,
        "request_body": _value(message.request),
        "status": message.status,
        "response_headers": {
            name: message.headers[name] for name in _KEPT_HEADERS if name in message.headers
        },
        "response_body": _value(message.response),
    }


def _value(body: bytes) -> object:
    text = body.decode("utf-8", "replace")
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, dict | list) else text


def _message(value: object) -> Message:
    if not isinstance(value, dict):
        raise UsageError(_NOT_ONE, hint=_HINT)
    method, url = value.get("method"), value.get("url")
    if not isinstance(method, str) or not isinstance(url, str):
        raise UsageError(_NOT_ONE, hint=_HINT)
    headers = value.get("response_headers")
    status = value.get("status")
    return Message(
        method=method,
        url=url,
        request=_body(value.get("request_body")),
        status=int(status) if isinstance(status, int | str) and str(status).isdecimal() else 0,
        headers=_headers(headers),
        response=_body(value.get("response_body")),
    )


def _headers(value: object) -> dict[str, str]:
    found = value if isinstance(value, dict) else {}
    return {str(name).lower(): str(text) for name, text in found.items()}


def _body(value: object) -> bytes:
    if value is None:
        return b""
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
