"""Reads binary structures front to back and remembers where every field was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sealwright.errors import EvidenceError


@dataclass(frozen=True, slots=True)
class Field:
    """A named run of bytes, by its offset in the whole evidence."""

    name: str
    offset: int
    size: int


class Reader:
    """A position in `data`; `base` is the offset of `data` in the whole evidence.

    Invariant: reading past the end raises EvidenceError with the offset, never less bytes.
    """

    def __init__(self, data: bytes, *, base: int = 0, prefix: str = "") -> None:
        self._data = data
        self._base = base
        self._prefix = prefix
        self._at = 0
        self.fields: list[Field] = []

    @property
    def offset(self) -> int:
        """Where the next field begins in the whole evidence."""
        return self._base + self._at

    @property
    def left(self) -> int:
        """Bytes that were not read yet."""
        return len(self._data) - self._at

    def take(self, name: str, size: int) -> bytes:
        """The next `size` bytes as the field `name`."""
        if size > self.left:
            raise EvidenceError(
                f"The evidence ends inside `{self._prefix}{name}`: {size} bytes were expected, "
                f"{self.left} are left.",
                offset=self.offset,
                hint="The file may be cut off, or of another kind.",
            )
        value = self._data[self._at : self._at + size]
        self.fields.append(Field(f"{self._prefix}{name}", self.offset, size))
        self._at += size
        return value

    def number(self, name: str, size: int, order: Literal["little", "big"] = "little") -> int:
        """The next `size` bytes as an unsigned integer."""
        return int.from_bytes(self.take(name, size), order)

    def finish(self) -> None:
        """Refuse bytes after the last field."""
        if self.left:
            raise EvidenceError(
                f"There are {self.left} bytes after the end of the evidence.", offset=self.offset
            )
