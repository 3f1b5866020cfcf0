"""As much DER as evidence needs that `cryptography` does not read or write (X.690)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sealwright.errors import EvidenceError

if TYPE_CHECKING:
    from collections.abc import Iterator

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
NULL: Final = 0x05
OID: Final = 0x06
ENUMERATED: Final = 0x0A
UTF8_STRING: Final = 0x0C
GENERALIZED_TIME: Final = 0x18
SEQUENCE: Final = 0x30
SET: Final = 0x31

_SHORT: Final = 0x80
_MAX_LENGTH_BYTES: Final = 4
_HIGH_TAG: Final = 0x1F
_FIRST_ARC: Final = 40


@dataclass(frozen=True, slots=True)
class Node:
    """A tag and its content."""

    tag: int
    content: bytes

    def children(self) -> tuple[Node, ...]:
        """What a constructed value holds."""
        return tuple(read_all(self.content))

    def integer(self) -> int:
        """The value of an INTEGER, ENUMERATED or BOOLEAN, unsigned as far as DER allows."""
        return int.from_bytes(self.content, "big", signed=self.tag == INTEGER)


def read_all(data: bytes) -> Iterator[Node]:
    """The values that stand one after another in `data`.

    Raises:
        EvidenceError: a length that is not DER, or that leads past the end.
    """
    at = 0
    while at < len(data):
        node, at = _read(data, at)
        yield node


def read(data: bytes) -> Node:
    """The one value in `data`."""
    nodes = tuple(read_all(data))
    if len(nodes) != 1:
        raise EvidenceError("One DER value was expected.", offset=0)
    return nodes[0]


def cut(data: bytes) -> bytes:
    """The first value with its header, without what follows it.

    Raises:
        EvidenceError: not DER.
    """
    return data[: _read(data, 0)[1]]


def _read(data: bytes, at: int) -> tuple[Node, int]:
    header = data[at : at + 2]
    if len(header) < 2 or header[0] & _HIGH_TAG == _HIGH_TAG:  # noqa: PLR2004 - tag and length
        raise EvidenceError("This is not DER.", offset=at)
    start, length = at + 2, header[1]
    if length >= _SHORT:
        count = length - _SHORT
        length = int.from_bytes(data[start : start + count], "big")
        start += count
        if not 0 < count <= _MAX_LENGTH_BYTES or length < _SHORT:
            raise EvidenceError("A DER length is not in its shortest form.", offset=at)
    if start + length > len(data):
        raise EvidenceError("A DER value ends after the data.", offset=at)
    return Node(header[0], data[start : start + length]), start + length


def encode(tag: int, *parts: bytes) -> bytes:
    """A tag, the length, and the parts as content."""
    content = b"".join(parts)
    size = len(content)
    if size < _SHORT:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _SHORT | len(length))) + length + content


def oid(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER."""
    first, second, *rest = (int(part) for part in dotted.split("."))
    return encode(OID, *(_base128(arc) for arc in (first * _FIRST_ARC + second, *rest)))


def _base128(value: int) -> bytes:
    septets = [value & 0x7F]
    while value := value >> 7:
        septets.append(value & 0x7F | _SHORT)
    return bytes(reversed(septets))


def oid_text(content: bytes) -> str:
    """The dotted form of an OBJECT IDENTIFIER's content."""
    arcs, value = list[int](), 0
    for octet in content:
        value = value << 7 | octet & 0x7F
        if not octet & _SHORT:
            arcs.append(value)
            value = 0
    if not arcs:
        return ""
    first = min(arcs[0] // _FIRST_ARC, 2)
    return ".".join(str(arc) for arc in (first, arcs[0] - first * _FIRST_ARC, *arcs[1:]))


def integer(value: int) -> bytes:
    """An INTEGER of a value that is not negative."""
    return encode(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))
