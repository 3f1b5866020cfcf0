"""What a client submits to be attested (spec rest-api, 2.2 to 2.5, 3.9 to 3.14).

Invariants
- Members are found in any case, base64 is taken in both alphabets and without padding.
- An empty value is a missing one: clients send empty runtime data when they have none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sealwright.errors import TokenError
from sealwright.sandbox.arm import member
from sealwright.sandbox.refusals import invalid_parameter
from sealwright.tokens.jose import b64_decode_lenient, parse_object

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
    """The body of an attest call."""

    members: JsonObject = field(repr=False)

    @classmethod
    def of(cls, call: Call) -> Submission:
        """The body of `call`.

        Raises:
            RefusalError: it is no JSON object.
        """
        return cls(call.json())

    def octets(self, name: str) -> bytes:
        """Evidence.

        Raises:
            RefusalError: missing, or not base64.
        """
        found = self._optional(name)
        if not found:
            raise invalid_parameter(f"The request has no `{name}`.")
        return found

    @property
    def runtime(self) -> SentData | None:
        """`runtimeData`.

        Raises:
            RefusalError: not in its form.
        """
        return self._data("runtimeData")

    @property
    def init(self) -> SentData | None:
        """`initTimeData`.

        Raises:
            RefusalError: not in its form.
        """
        return self._data("initTimeData")

    @property
    def collateral(self) -> bytes:
        """The vendor's collateral; empty when none was sent."""
        return self._optional(COLLATERAL)

    @property
    def nonce(self) -> str:
        """The client's nonce as text, empty when it sent none; a number is taken as its digits."""
        value = member(self.members, "nonce")
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self._text("nonce")

    @property
    def draft_policy(self) -> str:
        """A policy token to evaluate instead of the stored one; empty when there is none."""
        return self._text("draftPolicyForAttestation")

    def _text(self, name: str) -> str:
        value = member(self.members, name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise invalid_parameter(f"`{name}` is not a string.")
        return value

    def _optional(self, name: str) -> bytes:
        return _decoded(self._text(name), name)

    def _data(self, name: str) -> SentData | None:
        value = member(self.members, name)
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
        return SentData(raw, _as_json(raw, name) if _is_json(kind, name) else None)


def _is_json(kind: JsonValue, name: str) -> bool:
    word = kind.lower() if isinstance(kind, str) else ""
    if word not in {_JSON, _BINARY}:
        raise invalid_parameter(f"`{name}.dataType` is neither `JSON` nor `Binary`.")
    return word == _JSON


def _as_json(raw: bytes, name: str) -> JsonObject:
    try:
        return parse_object(raw)
    except TokenError as error:
        raise invalid_parameter(f"`{name}` is no JSON object: {error.summary}") from None


def _decoded(text: str, name: str) -> bytes:
    try:
        return b64_decode_lenient(text)
    except TokenError:
        raise invalid_parameter(f"`{name}` is not base64.") from None
