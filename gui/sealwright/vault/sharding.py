"""Long values in a store with short entries.

A value that fits is one entry, its head. A longer one is cut into numbered parts under a new
generation, and the head, which names generation, count and digest, is written last: a write that
is cut off anywhere leaves the old value whole. Source: architecture, Secrets.

Invariants
- `head` is the only entry that says what the value is; parts alone mean nothing.
- The next generation is always the head's plus one, and nothing is written before the one before
  the head's is gone: there are entries of three generations at most, and a removal knows them all.
- Parts of a generation are removed from the last to the first, so what a removal that was cut off
  leaves is still found from the first on.
- The caller keeps other writers of the same name out; readers need no lock.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from sealwright.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_TRIES: Final = 3
"""A reader that meets a writer finds parts gone; the head then names the new ones."""

_MAX_PARTS: Final = 4096


class Entries(Protocol):
    """Short texts by name, as a keyring keeps them."""

    def get(self, name: str) -> str | None:
        """The text, or None."""
        ...

    def put(self, name: str, text: str) -> None:
        """Keep a text."""
        ...

    def remove(self, name: str) -> bool:
        """Forget a text; False when it was not there."""
        ...


@dataclass(frozen=True, slots=True)
class _Head:
    generation: int
    count: int
    """Number of parts; 0 means that the value is in the head itself."""
    rest: str
    """The value as base64, or the SHA-256 of the whole value as hex."""

    def text(self) -> str:
        return f"1:{self.generation}:{self.count}:{self.rest}"


class ShardedEntries:
    """Values of any length over `Entries` of at most `limit` characters, ASCII only."""

    def __init__(self, entries: Entries, limit: int) -> None:
        self._entries = entries
        self._limit = limit

    def read(self, name: str) -> bytes | None:
        """The value, or None.

        Raises:
            StorageError: the store failed, or parts of the value are gone or changed.
        """
        for _ in range(_TRIES):
            text = self._entries.get(name)
            if text is None:
                return None
            data = self._value(name, _parse(name, text))
            if data is not None:
                return data
        raise _damaged(name)

    def write(self, name: str, data: bytes) -> None:
        """Keep a value; the old one stays whole until the new one is.

        Raises:
            StorageError: the store failed; the old value is still there.
        """
        old = self._old_head(name)
        generation = (old.generation if old else 0) + 1
        if old:
            self._clear(name, old.generation - 1)
        encoded = base64.b64encode(data).decode("ascii")
        head = _Head(generation, 0, encoded)
        if len(head.text()) > self._limit:
            parts = [
                encoded[start : start + self._limit]
                for start in range(0, len(encoded), self._limit)
            ]
            head = _Head(generation, len(parts), hashlib.sha256(data).hexdigest())
            self._put_parts(name, generation, parts)
        self._put_head(name, head)
        with contextlib.suppress(StorageError):  # The value is kept; leftovers go next time.
            self._clear(name, generation, after=head.count)
            if old and old.count:
                self._clear(name, old.generation)

    def remove(self, name: str) -> None:
        """Forget the value and whatever a cut-off write left behind.

        Raises:
            StorageError: the store failed; some of it may be left, the value may be gone.
        """
        old = self._old_head(name)
        middle = old.generation if old else 0
        for generation in (middle - 1, middle, middle + 1):
            self._clear(name, generation)
        # Last, so that a removal that is cut off can be done again.
        self._entries.remove(name)

    def _value(self, name: str, head: _Head) -> bytes | None:
        if head.count == 0:
            return _decoded(head.rest)
        parts = [self._entries.get(part) for part in _parts(name, head.generation, head.count)]
        data = _decoded("".join(part or "" for part in parts))
        if data is None or hashlib.sha256(data).hexdigest() != head.rest:
            return None
        return data

    def _old_head(self, name: str) -> _Head | None:
        text = self._entries.get(name)
        try:
            return None if text is None else _parse(name, text)
        except StorageError:
            return None

    def _put_parts(self, name: str, generation: int, parts: list[str]) -> None:
        try:
            for part_name, part in zip(_parts(name, generation, len(parts)), parts, strict=True):
                self._entries.put(part_name, part)
        except StorageError:
            with contextlib.suppress(StorageError):
                self._clear(name, generation)
            raise

    def _put_head(self, name: str, head: _Head) -> None:
        try:
            self._entries.put(name, head.text())
        except StorageError:
            # It may have been kept all the same; only a head that names them keeps the parts.
            with contextlib.suppress(StorageError):
                if self._entries.get(name) != head.text():
                    self._clear(name, head.generation)
            raise

    def _clear(self, name: str, generation: int, after: int = 0) -> None:
        found: list[str] = []
        for part in _parts(name, generation, _MAX_PARTS, start=after + 1):
            if self._entries.get(part) is None:
                break
            found.append(part)
        for part in reversed(found):
            self._entries.remove(part)


def _parts(name: str, generation: int, last: int, *, start: int = 1) -> Iterator[str]:
    return (f"{name}#{generation}.{number}" for number in range(start, last + 1))


def _parse(name: str, text: str) -> _Head:
    fields = text.split(":", 3)
    if len(fields) != 4 or fields[0] != "1":  # noqa: PLR2004 - version, generation, count, rest
        raise _damaged(name)
    _, generation, count, rest = fields
    if not (generation.isdecimal() and count.isdecimal() and int(count) <= _MAX_PARTS):
        raise _damaged(name)
    return _Head(int(generation), int(count), rest)


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return None


def _damaged(name: str) -> StorageError:
    return StorageError(
        f"The secret `{name}` in the OS keyring is damaged.",
        hint="Something else changed it. Restore it from a backup, or delete it and start again.",
    )
