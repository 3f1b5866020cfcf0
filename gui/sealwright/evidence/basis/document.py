"""JSON documents inside evidence, read with the type of every member checked.

Invariant: a document that is not as expected raises EvidenceError, whatever its bytes are.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from codecs import BOM_UTF8
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sealwright.errors import EvidenceError
from sealwright.evidence.basis.reader import Field

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_MEMBERS: Final = 1000
_MAX_JSON: Final = 16 << 20
"""Bytes of one document: the largest event log, in Base64 twice over, has less."""
_MAX_WIDE: Final = 1 << 20
"""Bytes of one that is not ASCII: one wide character makes a whole text four times as large."""
_MAX_VALUES: Final = 100_000
"""Values of one document; each takes tens of bytes for the two that it may be written with."""
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")
_URLSAFE: Final = str.maketrans("+/", "-_")
_HEX: Final = re.compile(r"[0-9A-Fa-f]*")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SECOND: Final = re.compile(rf"{_DAY.pattern}T\d\d:\d\d:\d\dZ", re.ASCII)
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")


def _refuse_constant(_: str) -> object:
    raise ValueError


def _once(members: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(members)
    if len(found) != len(members):
        raise ValueError
    return found


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_once)
"""Without NaN and Infinity, which are no JSON but were to become claims, and without members that
come twice, of which readers take the first or the last."""


class Document:
    """The members of one JSON object; `what` names it in errors."""

    def __init__(self, members: Mapping[str, object], what: str) -> None:
        self._members = members
        self._what = what

    def __contains__(self, name: str) -> bool:
        """Whether a member is there and is not null."""
        return self._members.get(name) is not None

    def problem(self, name: str) -> EvidenceError:
        """The error that says that a member is missing or of another form."""
        return EvidenceError(f"The {self._what} has no usable member `{name}`.")

    def text(self, name: str) -> str:
        """A string."""
        value = self._members.get(name)
        if not isinstance(value, str):
            raise self.problem(name)
        return value

    def integer(self, name: str, bits: int = 63) -> int:
        """A whole number, not negative, of at most so many bits."""
        value = self._members.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << bits:
            raise self.problem(name)
        return value

    def octets(self, name: str, size: int) -> bytes:
        """Hex digits of `size` bytes, in any case."""
        text = self.text(name)
        if len(text) != 2 * size or not _HEX.fullmatch(text):
            raise self.problem(name)
        return bytes.fromhex(text)

    def base64(self, name: str) -> bytes:
        """Base64 in either alphabet, with or without padding; nothing else between."""
        text = self.text(name)
        if not _BASE64.fullmatch(text):
            raise self.problem(name)
        bare = text.rstrip("=").translate(_URLSAFE)
        try:
            return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
        except binascii.Error:
            raise self.problem(name) from None

    def time(self, name: str) -> datetime:
        """A second in UTC, as `2025-06-19T10:12:17Z`; aware."""
        return self._moment(name, _SECOND)

    def day(self, name: str) -> datetime:
        """A day, as `2025-06-19`: when it begins in UTC; aware."""
        return self._moment(name, _DAY)

    def document(self, name: str) -> Document:
        """A nested object."""
        return self._nested(self._members.get(name), name)

    def documents(self, name: str) -> tuple[Document, ...]:
        """A list of objects."""
        return tuple(self._nested(item, name) for item in self._list(name))

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings; empty when the member is absent."""
        found = self._list(name) if name in self else []
        words = tuple(item for item in found if isinstance(item, str))
        if len(words) != len(found):
            raise self.problem(name)
        return words

    def integers(self, name: str) -> tuple[int, ...]:
        """A list of whole numbers."""
        found = self._list(name)
        numbers = tuple(
            item for item in found if isinstance(item, int) and not isinstance(item, bool)
        )
        if len(numbers) != len(found):
            raise self.problem(name)
        return numbers

    def names(self) -> tuple[str, ...]:
        """The members' names in their order."""
        return tuple(self._members)

    def _moment(self, name: str, form: re.Pattern[str]) -> datetime:
        text = self.text(name)
        try:
            value = datetime.fromisoformat(text)
        except ValueError:
            raise self.problem(name) from None
        if not form.fullmatch(text):
            raise self.problem(name)
        return value.replace(tzinfo=UTC)

    def _list(self, name: str) -> list[object]:
        value = self._members.get(name)
        if not isinstance(value, list):
            raise self.problem(name)
        return value

    def _nested(self, value: object, name: str) -> Document:
        if not isinstance(value, dict):
            raise self.problem(name)
        return Document(value, self._what)


def bounded(data: bytes, what: str) -> bytes:
    """`data`, which may be read as JSON.

    Raises:
        EvidenceError: that would cost more than any document of a machine does.
    """
    values = data.count(b",") + data.count(b"[") + data.count(b"{")
    large = len(data) > (_MAX_JSON if data.isascii() else _MAX_WIDE)
    if large or values > _MAX_VALUES:
        raise EvidenceError(
            f"The {what} is larger than such documents are.",
            hint="Check that it is the evidence itself, and not a collection of much evidence.",
        )
    return data


def read_json(data: bytes, what: str) -> object:
    """Read one JSON value.

    Raises:
        EvidenceError: the bytes are no JSON, or hold text that nobody could write out again.
    """
    text = _text_of(data.removeprefix(BOM_UTF8), what)
    try:
        value: object = _DECODER.decode(text)
        if _SURROGATE.search(text):
            # Half a pair is no character: claims and messages with it could not be encoded.
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise _not_json(what, error) from None
    return value


def _text_of(data: bytes, what: str) -> str:
    try:
        return bounded(data, what).decode("utf-8")
    except UnicodeDecodeError as error:
        summary = f"The {what} is not JSON: it is not UTF-8 text."
        raise EvidenceError(summary, offset=error.start) from None


def _not_json(what: str, error: Exception) -> EvidenceError:
    if not isinstance(error, json.JSONDecodeError):
        return EvidenceError(f"The {what} is not JSON that all readers read alike.")
    offset = len(error.doc[: error.pos].encode("utf-8"))
    return EvidenceError(f"The {what} is not JSON: {error.msg.lower()}.", offset=offset)


def read_document(data: bytes, what: str) -> Document:
    """Read a JSON object.

    Raises:
        EvidenceError: the bytes are no JSON object.
    """
    value = read_json(data, what)
    if not isinstance(value, dict):
        raise EvidenceError(f"The {what} is not a JSON object.")
    return Document(value, what)


def member_bytes(data: bytes, what: str) -> dict[str, bytes]:
    """The outer members of a JSON object, each value with exactly the bytes it came with.

    Signatures over a part of a document cover these bytes, not an equal rendering of them.

    Raises:
        EvidenceError: the bytes are no JSON object, or a member comes twice.
    """
    text, spans = _outer(data, what)
    return {name: text[first:last].encode() for name, first, last in spans}


def member_fields(data: bytes, what: str) -> tuple[Field, ...]:
    """Where the value of each outer member of a JSON object lies, in bytes.

    Raises:
        EvidenceError: the bytes are no JSON object, or a member comes twice.
    """
    text, spans = _outer(data, what)
    if text.isascii():
        return tuple(Field(name, first, last - first) for name, first, last in spans)
    fields: list[Field] = []
    before, at = 0, 0
    for name, first, last in spans:
        # From one to the next: counting from the start each time would be quadratic.
        before += len(text[at:first].encode())
        size = len(text[first:last].encode())
        fields.append(Field(name, before, size))
        before, at = before + size, last
    return tuple(fields)


def _outer(data: bytes, what: str) -> tuple[str, list[tuple[str, int, int]]]:
    text = _text_of(data, what)
    try:
        return text, _members(text)
    except (ValueError, RecursionError) as error:
        raise _not_json(what, error) from None


def _members(text: str) -> list[tuple[str, int, int]]:
    found: list[tuple[str, int, int]] = []
    names: set[str] = set()
    at = _expect(text, 0, "{")
    more = not text.startswith("}", at)
    while more:
        name, at = _DECODER.raw_decode(text, at)
        first = _expect(text, at, ":")
        _, last = _DECODER.raw_decode(text, first)
        if not isinstance(name, str) or name in names or len(names) == _MAX_MEMBERS:
            raise ValueError
        names.add(name)
        found.append((name, first, last))
        at = _skip(text, last)
        more = text.startswith(",", at)
        at = _skip(text, at + more)
    end = _expect(text, at, "}")
    if end != len(text):
        raise json.JSONDecodeError("Extra data", text, end)
    return found


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _expect(text: str, at: int, mark: str) -> int:
    at = _skip(text, at)
    if not text.startswith(mark, at):
        raise json.JSONDecodeError(f"Expecting '{mark}'", text, at)
    return _skip(text, at + 1)
