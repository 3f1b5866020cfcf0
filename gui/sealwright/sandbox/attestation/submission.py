"""What a client submits to be attested (spec rest-api, 2.2 to 2.5, 3.9 to 3.14).

Invariants
- Members are found in any case, base64 is taken in both alphabets and without padding.
- An empty value is a missing one: clients send empty runtime data when they have none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sealwright.errors import TokenError
from sealwright.sandbox.refusals import invalid_parameter
from sealwright.sandbox.wire import member
from sealwright.tokens.jose import b64_decode_lenient, parse_json

if TYPE_CHECKING:
    from sealwright.sandbox.wire import Call
    from sealwright.tokens.jose import JsonObject, JsonValue

COLLATERAL: Final = "sandboxCollateral"
"""A member of the sandbox's own: the vendor's collateral, which the service fetches itself."""
_JSON: Final = "json"
_BINARY: Final = "binary"


@dataclass(frozen=True, slots=True)
class SentData:
    """Runtime or init data; `value` is what it says as JSON, None when it was sent as Binary."""

    raw: bytes = field(repr=False)
    value: JsonObject | None


@dataclass(frozen=True, slots=True)
class Submission:
    """The body of an attest call.

    Args:
        members: all of it.
        runtime: `runtimeData`.
        init: `initTimeData`.
        nonce: the client's nonce as text, empty when it sent none; a number is its digits.
        draft_policy: a policy to evaluate instead of the stored one; empty when there is none.
        collateral: files of the vendor's collateral; the member holds one, or a list of them.
    """

    members: JsonObject = field(repr=False)
    runtime: SentData | None = None
    init: SentData | None = None
    nonce: str = ""
    draft_policy: str = field(repr=False, default="")
    collateral: tuple[bytes, ...] = field(repr=False, default=())

    @classmethod
    def of(cls, call: Call) -> Submission:
        """The body of `call`.

        Raises:
            RefusalError: it is no JSON object, or one of its members is not in its form.
        """
        members = call.json()
        return cls(
            members,
            runtime=_data(members, "runtimeData"),
            init=_data(members, "initTimeData"),
            nonce=_nonce(members),
            draft_policy=_text(members, "draftPolicyForAttestation"),
            collateral=_files(members, COLLATERAL),
        )

    def octets(self, name: str) -> bytes:
        """Evidence.

        Raises:
            RefusalError: missing, or not base64.
        """
        found = _octets(self.members, name)
        if not found:
            raise invalid_parameter(f"The request has no `{name}`.")
        return found


def _text(members: JsonObject, name: str) -> str:
    value = member(members, name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise invalid_parameter(f"`{name}` is not a string.")
    return value


def _octets(members: JsonObject, name: str) -> bytes:
    return _decoded(_text(members, name), name)


def _files(members: JsonObject, name: str) -> tuple[bytes, ...]:
    value = member(members, name)
    if not isinstance(value, list):
        data = _octets(members, name)
        return (data,) if data else ()
    texts = [item for item in value if isinstance(item, str)]
    if len(texts) < len(value):
        raise invalid_parameter(f"`{name}` holds something that is not a string.")
    return tuple(_decoded(text, name) for text in texts)


def _nonce(members: JsonObject) -> str:
    value = member(members, "nonce")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _text(members, "nonce")


def _data(members: JsonObject, name: str) -> SentData | None:
    value = member(members, name)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise invalid_parameter(f"`{name}` is not an object.")
    data, kind = member(value, "data"), member(value, "dataType")
    if not data:
        return None
    if not isinstance(data, str):
        raise invalid_parameter(f"`{name}.data` is not a string.")
    raw = _decoded(data, f"{name}.data")
    return SentData(raw, json_object(raw, name) if _is_json(kind, name) else None)


def _is_json(kind: JsonValue, name: str) -> bool:
    word = kind.lower() if isinstance(kind, str) else ""
    if word not in {_JSON, _BINARY}:
        raise invalid_parameter(f"`{name}.dataType` is neither `JSON` nor `Binary`.")
    return word == _JSON


def json_object(raw: bytes, name: str) -> JsonObject:
    """What a member says as JSON.

    Raises:
        RefusalError: it is no JSON object.
    """
    try:
        value = parse_json(raw.decode("utf-8"))
    except UnicodeDecodeError:
        raise invalid_parameter(f"`{name}` is no JSON object: It is not UTF-8 text.") from None
    except TokenError as error:
        raise invalid_parameter(f"`{name}` is no JSON object: {error.summary}") from None
    if not isinstance(value, dict):
        raise invalid_parameter(f"`{name}` is no JSON object: It is JSON of another kind.")
    return value


def _decoded(text: str, name: str) -> bytes:
    try:
        return b64_decode_lenient(text)
    except TokenError:
        raise invalid_parameter(f"`{name}` is not base64.") from None
