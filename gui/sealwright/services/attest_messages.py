"""The messages of one attestation: one call, or the two of the Tpm protocol."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import ServiceError, TokenError, UsageError
from sealwright.services.attest_request import AttachedData, AttestRequest, DataType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.services.exchanges import Message
    from sealwright.services.ports import AttestAnswer, AttestationApi

_ATTEST: Final = "/attest/"
_DOTS: Final = 2
_NOT_ATTEST: Final = "The exchange is no attest call."


@dataclass(frozen=True, slots=True)
class Sent:
    """The messages, and what the last answer holds."""

    messages: tuple[Message, ...]
    token: str = field(repr=False, default="")
    """Compact or sealed; empty when the answer has none."""
    error: ServiceError | None = None

    @property
    def sealed(self) -> bool:
        """Whether only a TPM can open the token."""
        return bool(self.token) and self.token.count(".") != _DOTS


async def send(api: AttestationApi, request: AttestRequest, body: Mapping[str, object]) -> Sent:
    """Send what the operation of the request's type takes."""
    return _sent(await api.attest(request.attestation_type, body))


def _sent(answer: AttestAnswer) -> Sent:
    if answer.error is not None:
        return Sent((answer.message,), error=answer.error)
    try:
        return Sent((answer.message,), answer.result("token"))
    except ServiceError as error:
        return Sent((answer.message,), error=error)


def read_message(message: Message, provider: str) -> tuple[AttestRequest, Mapping[str, object]]:
    """The request behind a saved message, for `provider`, and its body as it was sent.

    Raises:
        UsageError: it is no attest call.
    """
    _, found, name = urlsplit(message.url).path.rpartition(_ATTEST)
    kind = AttestationType.parse(name.strip("/")) if found else None
    if kind is None or message.method.upper() != "POST":
        raise UsageError(_NOT_ATTEST, hint="Take one whose path is `/attest/…`.")
    try:
        body = json.loads(message.request)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise UsageError(_NOT_ATTEST, hint="Its body is no JSON object.")
    members = {str(name).lower(): value for name, value in body.items()}
    request = AttestRequest(
        provider=provider,
        attestation_type=kind,
        evidence=_octets(_first(members, ("quote", "report", "attestationinfo", "data"))),
        collateral=_octets(members.get("sandboxcollateral")),
        runtime_data=_data(members.get("runtimedata")),
        init_data=_data(members.get("inittimedata")),
        nonce=str(members.get("nonce") or ""),
        draft_policy=str(members.get("draftpolicyforattestation") or ""),
    )
    return request, body


def _first(members: Mapping[str, object], names: tuple[str, ...]) -> object:
    return next((members[name] for name in names if members.get(name)), None)


def _octets(value: object) -> bytes:
    from sealwright.tokens.jose import b64_decode_lenient  # noqa: PLC0415 - after the first paint

    try:
        return b64_decode_lenient(value) if isinstance(value, str) else b""
    except TokenError:
        # It is sent as it was; only the way to the token is not worked out.
        return b""


def _data(value: object) -> AttachedData | None:
    if not isinstance(value, dict):
        return None
    members = {str(name).lower(): item for name, item in value.items()}
    raw = _octets(members.get("data"))
    if not raw:
        return None
    is_json = str(members.get("datatype")).lower() == DataType.JSON.value.lower()
    return AttachedData(raw, DataType.JSON if is_json else DataType.BINARY)
