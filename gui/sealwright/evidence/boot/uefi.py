"""UEFI_VARIABLE_DATA of measured variables (spec evidence, 10.3)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sealwright.errors import EvidenceError

if TYPE_CHECKING:
    from collections.abc import Sequence

GLOBAL: Final = uuid.UUID("8be4df61-93ca-11d2-aa0d-00e098032b8c")
"""Of `SecureBoot`, `PK` and `KEK`."""
IMAGE_SECURITY: Final = uuid.UUID("d719b2cb-3d3a-4596-a3bc-dad00e67656f")
"""Of `db` and `dbx`."""
X509_LIST: Final = uuid.UUID("a5c059a1-94e4-4aa7-87b5-ab155c2bf072")
SHA256_LIST: Final = uuid.UUID("c1c41626-504c-4092-aca9-41f936934328")

_HEADER: Final = 32
_LIST_HEADER: Final = 28
_OWNER: Final = 16


@dataclass(frozen=True, slots=True)
class Variable:
    """A measured UEFI variable."""

    guid: uuid.UUID
    name: str
    data: bytes = field(repr=False)


def parse_variable(data: bytes) -> Variable:
    """Read a UEFI_VARIABLE_DATA: GUID, two lengths, the UTF-16 name, the data.

    Raises:
        EvidenceError: cut off, or its sizes contradict each other.
    """
    if len(data) < _HEADER:
        raise EvidenceError("A measured variable is cut off.")
    name_size = 2 * int.from_bytes(data[16:24], "little")
    data_size = int.from_bytes(data[24:32], "little")
    if name_size + data_size > len(data) - _HEADER:
        raise EvidenceError("The sizes of a measured variable contradict its content.")
    name = data[_HEADER : _HEADER + name_size]
    return Variable(
        uuid.UUID(bytes_le=data[:16]),
        name.decode("utf-16-le", "replace"),
        data[_HEADER + name_size : _HEADER + name_size + data_size],
    )


def encode_variable(variable: Variable) -> bytes:
    """The bytes that `parse_variable` reads."""
    name = variable.name.encode("utf-16-le")
    sizes = (len(name) // 2).to_bytes(8, "little") + len(variable.data).to_bytes(8, "little")
    return variable.guid.bytes_le + sizes + name + variable.data


def signatures(data: bytes) -> tuple[bytes, ...]:
    """The entries of the EFI_SIGNATURE_LISTs in `PK`, `KEK`, `db` or `dbx`, without their owners.

    Raises:
        EvidenceError: the sizes of a list contradict each other.
    """
    found: list[bytes] = []
    at = 0
    while at < len(data):
        sizes = [int.from_bytes(data[at + off : at + off + 4], "little") for off in (16, 20, 24)]
        size, header, entry = sizes
        last = at + size
        body = at + _LIST_HEADER + header
        if size < _LIST_HEADER or entry <= _OWNER or last > len(data) or (last - body) % entry:
            raise EvidenceError("The sizes of a signature list contradict each other.")
        found += [data[first + _OWNER : first + entry] for first in range(body, last, entry)]
        at = last
    return tuple(found)


def encode_signatures(kind: uuid.UUID, owner: uuid.UUID, entries: Sequence[bytes]) -> bytes:
    """One EFI_SIGNATURE_LIST for each entry, as `signatures` reads them."""
    parts = []
    for entry in entries:
        size = _OWNER + len(entry)
        numbers = (_LIST_HEADER + size, 0, size)
        parts += [kind.bytes_le, *(number.to_bytes(4, "little") for number in numbers)]
        parts += [owner.bytes_le, entry]
    return b"".join(parts)
