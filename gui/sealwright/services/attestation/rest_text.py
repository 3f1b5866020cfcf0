"""A call as text that another tool can send; it never holds a bearer token."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from sealwright.services.exchanges import SavedExchange


def rest_text(exchange: SavedExchange) -> str:
    """The requests of an exchange in the form of an HTTP file."""
    return "\n\n###\n\n".join(
        _request(each.method, each.url, each.request) for each in exchange.messages
    )


def _request(method: str, url: str, body: bytes) -> str:
    lines = [
        f"{method} {url}",
        f"Host: {urlsplit(url).netloc}",
        "Authorization: Bearer <access token for https://attest.azure.net>",
        "Content-Type: application/json",
        "",
        body.decode("utf-8", "replace"),
    ]
    return "\n".join(lines)
