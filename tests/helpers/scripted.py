"""A transport that answers from a list and remembers what was asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sealwright.secret import Secret
from sealwright.services.ports import HttpResponse

if TYPE_CHECKING:
    from sealwright.errors import AppError
    from sealwright.services.ports import HttpRequest

REQUEST_ID = "00-0123456789abcdef0123456789abcdef-0000000000000000-00"


def answer(value: object = None, status: int = 200, **headers: str) -> HttpResponse:
    """An answer with a JSON body; header names take `_` for `-`."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return HttpResponse(status, {"x-ms-request-id": REQUEST_ID, **named}, body)


def refusal(status: int, code: str, message: str, **headers: str) -> HttpResponse:
    """A refusal in the service's shape."""
    return answer({"error": {"code": code, "message": message}}, status, **headers)


class Scripted:
    """`HttpTransport` and `TokenSource` of a test."""

    account = "tester"

    def __init__(self, *answers: HttpResponse | AppError, signed_in: bool = True) -> None:
        self._answers = list(answers)
        self._signed_in = signed_in
        self.requests: list[HttpRequest] = []
        self.scopes: list[str] = []
        self.claims: list[str] = []
        self.pauses: list[float] = []

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        found = self._answers.pop(0)
        if isinstance(found, HttpResponse):
            return found
        raise found

    async def bearer(self, scope: str, claims: str = "") -> Secret[str] | None:
        self.scopes.append(scope)
        self.claims.append(claims)
        return Secret("access-token") if self._signed_in else None

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
