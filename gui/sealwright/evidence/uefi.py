"""UEFI_VARIABLE_DATA of measured variables (spec evidence, 10.3)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Final

from sealwright.errors import EvidenceError

_HEADER: Final = 32


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
