"""Text documents that keep their bytes: BOM and line ends come back as they were."""

from __future__ import annotations

import codecs
import hashlib
import re
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from sealwright.errors import FileChangedError, StorageError
from sealwright.services.model import Draft

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.services.ports import Clock, DraftStore, Files

MAX_DOCUMENT: Final = 16 * 2**20
"""Bytes. The service's own limit is not published; the editor stays fast below this."""

_BREAK: Final = re.compile(r"\r\n|\r|\n")
_UNHELD: Final = re.compile("[\0\u2028\u2029\ufdd0\ufdd1\ufffc]|\r(?!\n)")
"""What QTextDocument changes or keeps for itself; a lone CR would become a line break."""


class LineEnds(StrEnum):
    """Line ends of a document."""

    NONE = "none"
    LF = "LF"
    CRLF = "CRLF"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Document:
    """A document as bytes, and the text to edit.

    `policy_text` is what is uploaded, hashed and compared; `widget_text` is what an editor shows.
    """

    data: bytes
    title: str = ""
    path: str = ""
    read_only: str = ""
    """Why it cannot be edited here; empty when it can."""
    on_disk: str = ""
    """Digest of the bytes that the file is known to hold; empty when that is not known."""

    @property
    def bom(self) -> bool:
        """Whether the bytes begin with a UTF-8 byte order mark."""
        return self.data.startswith(codecs.BOM_UTF8)

    @property
    def policy_text(self) -> str:
        """The text as it is sent and hashed: every byte counts, a byte order mark too."""
        return self.data.decode("utf-8", errors="replace")

    @property
    def widget_text(self) -> str:
        """The text without a byte order mark, with LF line ends."""
        return self._body.replace("\r\n", "\n")

    @property
    def _body(self) -> str:
        return self.policy_text.removeprefix("\ufeff")

    @property
    def line_ends(self) -> LineEnds:
        """Which line ends the document has; what the status bar shows."""
        return _line_ends(self.data)

    def edited(self, widget_text: str) -> Document:
        """The document after an edit: untouched lines keep their line ends."""
        text = _with_line_ends(self._body, widget_text)
        mark = codecs.BOM_UTF8 if self.bom else b""
        return replace(self, data=mark + text.encode("utf-8"))

    def with_line_ends(self, ends: LineEnds) -> Document:
        """The document with every line end made the same, on request."""
        line_end = "\r\n" if ends is LineEnds.CRLF else "\n"
        mark = codecs.BOM_UTF8 if self.bom else b""
        return replace(self, data=mark + _BREAK.sub(line_end, self._body).encode("utf-8"))


@lru_cache(maxsize=1)
def _line_ends(data: bytes) -> LineEnds:
    """Counted in the bytes, and once: the status bar asks at every key, about the same document."""
    pairs = data.count(b"\r\n")
    single = data.count(b"\n") - pairs
    lone = data.count(b"\r") - pairs
    if bool(pairs) + bool(single) + bool(lone) > 1:
        return LineEnds.MIXED
    if pairs:
        return LineEnds.CRLF
    return LineEnds.LF if single or lone else LineEnds.NONE


def document(data: bytes, *, title: str = "", path: str = "") -> Document:
    """Take bytes as a document; what an editor cannot hold is opened read-only, with the reason."""
    return Document(data, title, path, read_only=_reason(data))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _reason(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = f"byte {error.start} (0x{data[error.start]:02x})"
        return f"This is not UTF-8 text: {place} cannot be read. Save it as UTF-8 to edit it."
    found = _UNHELD.search(text)
    if found is None:
        return ""
    name = f"U+{ord(found.group()):04X}"
    line = text.count("\n", 0, found.start()) + 1
    return f"Line {line} holds the character {name}, which the editor would change."


def _with_line_ends(old: str, widget_text: str) -> str:
    if "\r" not in old:
        return widget_text
    kinds = set(_BREAK.findall(old))
    if kinds <= {"\n"}:
        return widget_text
    if kinds == {"\r\n"}:
        return widget_text.replace("\n", "\r\n")
    return _mixed(_BREAK.split(old), _BREAK.findall(old), widget_text.split("\n"))


def _mixed(old: list[str], ends: list[str], new: list[str]) -> str:
    """Give unchanged lines their own ends back, and new ones the end of the line above."""
    known = {place: ends[index] for index, place in _unchanged(old, new) if index < len(ends)}
    parts: list[str] = []
    line_end = ends[0]
    for index, line in enumerate(new[:-1]):
        line_end = known.get(index, line_end)
        parts.append(line + line_end)
    return "".join((*parts, new[-1]))


def _unchanged(old: list[str], new: list[str]) -> Iterator[tuple[int, int]]:
    """Places of lines that are the same in both; what is before and after an edit stays paired."""
    most = min(len(old), len(new))
    head = next((n for n in range(most) if old[n] != new[n]), most)
    rest = most - head
    tail = next((n for n in range(rest) if old[-1 - n] != new[-1 - n]), rest)
    yield from ((index, index) for index in range(head))
    middle = SequenceMatcher(
        None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False
    )
    for a, b, size in middle.get_matching_blocks():
        yield from ((head + a + k, head + b + k) for k in range(size))
    yield from ((len(old) - n, len(new) - n) for n in range(1, tail + 1))


class DocumentsService:
    """Opens, keeps and saves documents."""

    def __init__(self, drafts: DraftStore, files: Files, clock: Clock) -> None:
        self._drafts = drafts
        self._files = files
        self._clock = clock

    async def open(self, path: str) -> Document:
        """Read a file.

        Raises:
            StorageError: not there, not readable, or too large.
        """
        data = await self._files.read(path, limit=MAX_DOCUMENT)
        title = re.split(r"[/\\]", path)[-1]
        return replace(document(data, title=title, path=path), on_disk=_digest(data))

    async def save(
        self, document: Document, path: str = "", *, overwrite: bool = False
    ) -> Document:
        """Write the bytes to `path`, or to where the document came from.

        Raises:
            FileChangedError: its own file holds something else than was read from it, and nobody
                said to `overwrite` that.
            StorageError: disk full, read-only, no such folder, or nowhere to write to.
        """
        target = path or document.path
        if not target:
            raise StorageError("This document has no file yet.", hint="Choose where to save it.")
        if target == document.path and not overwrite:
            await self._require_unchanged(document)
        await self._files.write(target, document.data)
        title = re.split(r"[/\\]", target)[-1]
        return replace(document, path=target, title=title, on_disk=_digest(document.data))

    async def _require_unchanged(self, document: Document) -> None:
        try:
            found = await self._files.read(document.path, limit=MAX_DOCUMENT)
        except StorageError:
            # It is gone, or writing says in better words what is wrong with the place.
            return
        if found != document.data and _digest(found) != document.on_disk:
            raise FileChangedError(
                f"The file `{document.path}` holds a text that was not read here.",
                hint="Nothing was written. Overwrite it, or save under another name to keep both.",
            )

    async def drafts(self) -> tuple[Draft, ...]:
        """Documents that were being edited, oldest first."""
        return await self._drafts.drafts()

    async def keep_draft(
        self,
        document: Document,
        *,
        draft_id: str = "",
        provider_id: str = "",
        attestation_type: AttestationType | None = None,
    ) -> Draft:
        """Keep what is being edited, durable when this returns; without an id a new draft.

        Raises:
            StorageError: disk full or read-only; the previous version is still there.
        """
        draft = Draft(
            id=draft_id or uuid4().hex,
            title=document.title,
            data=document.data,
            saved=self._clock.now(),
            provider_id=provider_id,
            attestation_type=attestation_type,
            path=document.path,
        )
        await self._drafts.save(draft)
        return draft

    async def discard_draft(self, draft_id: str) -> None:
        """Forget a draft."""
        await self._drafts.discard(draft_id)
