"""The messages of one attestation: one call, or the two of the Tpm protocol."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import anyio.to_thread

from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import BadAnswerError, ServiceError, TokenError, UsageError
from sealwright.services.attestation.request import AttachedData, AttestRequest, DataType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.services.attestation.request import TpmResponder
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
    """Send what the operation of the request's type takes; `body` is not for a TPM that answers."""
    if request.tpm is not None:
        return await _protocol(api, request.tpm)
    answer = await api.attest(request.attestation_type, body)
    if request.attestation_type is AttestationType.TPM:
        return _told((answer.message,), answer)
    sent = _sent(answer)
    if not sent.sealed or not request.guest_key:
        return sent
    return await anyio.to_thread.run_sync(_opened, sent, request.guest_key)


async def _protocol(api: AttestationApi, tpm: TpmResponder) -> Sent:
    """Ask for a challenge, have it answered, send the answer (spec evidence, 9)."""
    first = await api.attest(AttestationType.TPM, _tpm_body({"type": "aikcert"}))
    if first.error is not None:
        return Sent((first.message,), error=first.error)
    try:
        found = _tpm_answer(first)
        challenge, context = _octets(found.get("challenge")), str(found["service_context"])
    except (ServiceError, KeyError):
        problem = BadAnswerError("The provider's answer holds no challenge.")
        return Sent((first.message,), error=problem)
    jws = await anyio.to_thread.run_sync(tpm.respond, challenge, context)
    second = await api.attest(AttestationType.TPM, _tpm_body({"request": jws}))
    return _told((first.message, second.message), second)


def _told(messages: tuple[Message, ...], answer: AttestAnswer) -> Sent:
    """The report in an answer of the Tpm protocol; a challenge is an answer without a token."""
    if answer.error is not None:
        return Sent(messages, error=answer.error)
    try:
        report = _tpm_answer(answer).get("report")
    except ServiceError as error:
        return Sent(messages, error=error)
    return Sent(messages, report if isinstance(report, str) else "")


def _tpm_body(message: Mapping[str, object]) -> Mapping[str, object]:
    from sealwright.tokens.jose import b64url_encode  # noqa: PLC0415 - after the first paint

    text = json.dumps({"payload": message}, separators=(",", ":"))
    return {"data": b64url_encode(text.encode("utf-8"))}


def _tpm_answer(answer: AttestAnswer) -> Mapping[str, object]:
    try:
        value = json.loads(_octets(answer.result("data")))
    except (ValueError, RecursionError):
        value = None
    inner = value.get("payload", value) if isinstance(value, dict) else None
    if not isinstance(inner, dict):
        raise BadAnswerError("The provider's answer is no message of the Tpm protocol.")
    return inner


def _sent(answer: AttestAnswer) -> Sent:
    if answer.error is not None:
        return Sent((answer.message,), error=answer.error)
    try:
        return Sent((answer.message,), answer.result("token"))
    except ServiceError as error:
        return Sent((answer.message,), error=error)


def _opened(sent: Sent, key: bytes) -> Sent:
    """The token out of its seal; with another key it stays sealed, which the result says."""
    from sealwright.tokens.sealed import sealed_answer, unseal  # noqa: PLC0415 - as above

    sealed = sealed_answer(sent.token)
    try:
        return sent if sealed is None else replace(sent, token=unseal(sealed, key))
    except TokenError:
        return sent


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
        collateral=_files(members.get("sandboxcollateral")),
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


def _files(value: object) -> tuple[bytes, ...]:
    """One file, or a list of them."""
    found = (_octets(item) for item in (value if isinstance(value, list) else [value]))
    return tuple(data for data in found if data)


def _data(value: object) -> AttachedData | None:
    if not isinstance(value, dict):
        return None
    members = {str(name).lower(): item for name, item in value.items()}
    raw = _octets(members.get("data"))
    if not raw:
        return None
    is_json = str(members.get("datatype")).lower() == DataType.JSON.value.lower()
    return AttachedData(raw, DataType.JSON if is_json else DataType.BINARY)
