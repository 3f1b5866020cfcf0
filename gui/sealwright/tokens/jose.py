"""JOSE as it comes over the wire: base64url, strict JSON objects, compact JWS.

Invariants
- The received segments are kept: a signature covers them, and nothing here re-serialises.
- Duplicate members, non-canonical base64url, huge numbers and deep nesting are refused
  (RFC 7515 section 4, RFC 8725 section 2.4; spec tokens, 8 row 1).
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from sealwright.errors import TokenError

if TYPE_CHECKING:
    from collections.abc import Mapping

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
JsonObject: TypeAlias = "dict[str, JsonValue]"

MAX_TOKEN: Final = 4 * 1024 * 1024
"""Characters of a compact token that are still read."""

MAX_DEPTH: Final = 64
"""Levels of arrays and objects in a header or payload."""

MAX_VALUES: Final = 100_000
"""Values of one JSON text; each takes tens of bytes for the two that it may be written with."""

MAX_DIGITS: Final = 40
"""Digits of one JSON integer."""

_SEGMENTS: Final = 3
_ENCRYPTED: Final = 5
"""Parts of a compact JWE (RFC 7516 section 7.1)."""
_COPY_WHOLE: Final = "Copy the whole token, from `eyJ` to its last character."
_STRICT: Final = re.compile(r"[A-Za-z0-9_-]*")
_LENIENT: Final = re.compile(r"[A-Za-z0-9_+/-]*={0,2}")
_LAST: Final = {2: "AQgw", 3: "AEIMQUYcgkosw048"}
"""Last characters that leave no stray bits, by the length modulo 4 (RFC 4648 section 3.5)."""
_TO_STANDARD: Final = bytes.maketrans(b"-_", b"+/")
_FROM_STANDARD: Final = bytes.maketrans(b"+/", b"-_")
_PADDING: Final = 2
"""Characters of padding at most."""
_BRACKET: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
"""A bracket, or a whole string so that brackets in it are passed over. Its runs are possessive, and
a string may end with the text: whatever it is given, it looks at each character once. (Possessive
groups are matched wrongly by Python before 3.11.5.)"""
_STEPS: Final = {"[": 1, "{": 1, "]": -1, "}": -1}
_SURROGATE: Final = re.compile(r"\\u[dD][89abAB]|\\u[dD][c-fC-F]")


class ShapeError(TokenError):
    """A token that is not even well formed; `check` is the id of the check that it fails."""

    def __init__(self, summary: str, *, check: str = "shape", hint: str = "") -> None:
        super().__init__(summary, hint=hint, details={"check": check})
        self.check = check


def b64url_encode(data: bytes) -> str:
    """Base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def b64url_decode(text: str, *, canonical: bool = True) -> bytes:
    """Decode unpadded base64url; `canonical` also refuses stray bits after the last byte.

    Raises:
        ShapeError: padding, `+`, `/`, white space, impossible length or stray trailing bits.
    """
    data = _decode_quickly(text)
    if data is not None:
        return data
    if not _STRICT.fullmatch(text):
        raise ShapeError("A part of the token is not base64url.", check="shape.base64")
    data = _decode(text)
    if canonical and text[-1:] not in _LAST.get(len(text) % 4, text[-1:]):
        raise ShapeError("A part of the token has stray bits at its end.", check="shape.base64")
    return data


def _decode_quickly(text: str) -> bytes | None:
    """The bytes of canonical base64url; None for anything else, which the slow way explains.

    A text that the bytes encode to again holds no other alphabet, padding, space or stray bits.
    """
    try:
        received = text.encode("ascii")
        data = binascii.a2b_base64(received.translate(_TO_STANDARD) + b"=" * (-len(received) % 4))
    except (binascii.Error, UnicodeEncodeError):
        return None
    again = binascii.b2a_base64(data, newline=False).rstrip(b"=").translate(_FROM_STANDARD)
    return data if again == received else None


def b64_decode_lenient(text: str) -> bytes:
    """Decode base64 of either alphabet, padded or not, as the service does (spec evidence, 1).

    Raises:
        ShapeError: another character, or an impossible length.
    """
    stripped = text.strip()
    bare = stripped.rstrip("=")
    with suppress(binascii.Error, UnicodeEncodeError):
        encoded = bare.encode("ascii").translate(_TO_STANDARD)
        if len(stripped) - len(bare) <= _PADDING:
            return binascii.a2b_base64(encoded + b"=" * (-len(encoded) % 4), strict_mode=True)
    # What it is not, once more by its letters: quicker is only who need not explain.
    if not _LENIENT.fullmatch(stripped):
        raise ShapeError("A value is not base64.", check="shape.base64")
    raise ShapeError("A base64 value has an impossible length.", check="shape.base64")


def _decode(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise ShapeError("A base64 value has an impossible length.", check="shape.base64") from None


def parse_object(data: bytes) -> JsonObject:
    """Read a JSON object strictly.

    Raises:
        ShapeError: not UTF-8, not JSON, not an object, a member twice, too deep, or a number
            that no reader agrees about.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise ShapeError("A part of the token is not UTF-8 text.", check="shape.json") from None
    value = parse_json(text)
    if not isinstance(value, dict):
        raise ShapeError("A part of the token is JSON, but not an object.", check="shape.json")
    return value


def parse_json(text: str) -> JsonValue:
    """Read one JSON value with the limits and refusals of `parse_object`."""
    _refuse_cost(text)
    try:
        value: JsonValue = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise ShapeError(f"Not JSON: {error.msg} at {error.pos}.", check="shape.json") from None
    if _SURROGATE.search(text):
        _refuse_lone_surrogates(value)
    return value


def _refuse_cost(text: str) -> None:
    opened = text.count("[") + text.count("{")
    if opened + text.count(",") > MAX_VALUES:
        raise ShapeError(f"JSON holds more than {MAX_VALUES} values.", check="shape.depth")
    if opened <= MAX_DEPTH:
        return
    depth = 0
    for match in _BRACKET.finditer(text):
        depth += _STEPS.get(match.group(), 0)
        if depth > MAX_DEPTH:
            raise ShapeError(f"JSON is nested deeper than {MAX_DEPTH} levels.", check="shape.depth")


def _unique(pairs: list[tuple[str, JsonValue]]) -> JsonObject:
    result = dict(pairs)
    if len(result) < len(pairs):
        names = [name for name, _ in pairs]
        again = next(name for at, name in enumerate(names) if name in names[:at])
        raise ShapeError(f"The member `{again[:80]}` is there twice.", check="shape.duplicate")
    return result


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ShapeError(f"An integer has more than {MAX_DIGITS} digits.", check="shape.number")
    return int(text)


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ShapeError("A number is too large for any reader.", check="shape.number")
    return value


def _refuse_constant(text: str) -> JsonValue:
    raise ShapeError(f"`{text}` is not JSON.", check="shape.json")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_int=_integer,
    parse_float=_number,
    parse_constant=_refuse_constant,
)


def _refuse_lone_surrogates(value: JsonValue) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise ShapeError("A string holds half a surrogate pair.", check="shape.json") from None


@dataclass(frozen=True, slots=True)
class Jws:
    """A compact JWS taken apart; the segments are as received."""

    header_segment: str
    payload_segment: str
    signature_segment: str
    header: Mapping[str, JsonValue]
    payload: bytes
    signature: bytes

    @property
    def compact(self) -> str:
        """The token as it was received."""
        return f"{self.header_segment}.{self.payload_segment}.{self.signature_segment}"

    @property
    def signing_input(self) -> bytes:
        """What the signature covers (RFC 7515 section 5.2)."""
        return f"{self.header_segment}.{self.payload_segment}".encode("ascii")

    @property
    def algorithm(self) -> str:
        """`alg` of the header, empty when it is missing or not a string."""
        value = self.header.get("alg")
        return value if isinstance(value, str) else ""

    def claims(self) -> JsonObject:
        """The payload as a JSON object.

        Raises:
            ShapeError: the payload is empty or not a JSON object.
        """
        return parse_object(self.payload)


def split(token: str, *, canonical: bool = True) -> Jws:
    """Take a compact JWS apart without judging its algorithm or claims.

    A report that goes on after a refusal reads the token with `canonical` off.

    Raises:
        ShapeError: too long, not three segments, bad base64url, header not a JSON object.
    """
    if len(token) > MAX_TOKEN:
        raise ShapeError(f"The token is longer than {MAX_TOKEN:,} characters.", check="shape.size")
    parts = token.split(".")
    if len(parts) == _ENCRYPTED and parts[0].startswith("ey"):
        raise ShapeError(
            "This is an encrypted token (JWE): five parts, and only its recipient can open it.",
            check="shape.segments",
            hint="Have it decrypted by whoever it is for, and bring the token inside.",
        )
    if len(parts) != _SEGMENTS:
        raise ShapeError(
            f"A token has three parts with dots between; this has {len(parts)}.",
            check="shape.segments",
            hint=_COPY_WHOLE,
        )
    header = dict(_header(parts[0], canonical=canonical))
    payload = _segment("payload", parts[1], canonical=canonical)
    signature = _segment("signature", parts[2], canonical=canonical)
    return Jws(parts[0], parts[1], parts[2], header, payload, signature)


@lru_cache(maxsize=256)
def _header(segment: str, *, canonical: bool) -> JsonObject:
    """One key signs thousands of tokens under the same header."""
    return parse_object(_segment("header", segment, canonical=canonical))


def _shown(character: str) -> str:
    if character.isprintable() and character != " ":
        return f"`{character}`"
    return f"U+{ord(character):04X}" + (" (white space)" if character.isspace() else "")


def _segment(name: str, text: str, *, canonical: bool) -> bytes:
    """Decode one part of a token; the error names it, and the first character that is wrong."""
    try:
        return b64url_decode(text, canonical=canonical)
    except ShapeError as error:
        good = _STRICT.match(text)
        end = good.end() if good else 0
        where = "" if end == len(text) else f": character {end + 1} is {_shown(text[end])}"
        reason = "" if where else f" ({error.summary.rstrip('.').lower()})"
        raise ShapeError(
            f"The {name} of the token is not base64url{where}{reason}.",
            check=error.check,
            hint=_COPY_WHOLE,
        ) from error
