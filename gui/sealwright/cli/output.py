"""Results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Final

from sealwright.errors import StorageError
from sealwright.legible import legible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_GAP: Final = "  "
_LEAST_ROOM: Final = 20
"""Characters below which a wrapped column could not be read either."""
STANDARD_OUTPUT: Final = "-"
"""The name that stands for it where a command writes a file."""


class Output:
    """Writes a result as text or as one JSON document."""

    def __init__(self, form: str) -> None:
        self._form = form

    @property
    def json(self) -> bool:
        """Whether results are JSON."""
        return self._form == "json"

    def result(
        self, document: Mapping[str, object], text: str, *, output: str | None = None
    ) -> None:
        """Write the result: the document as JSON, or the text.

        Where `output`, the file that the command wrote, is standard output, that holds nothing
        else: the text goes to standard error.
        """
        if output == STANDARD_OUTPUT:
            if text:
                self.note(text.rstrip("\n"))
        elif self.json:
            self._write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
        elif text:
            self._write(legible(text) if sys.stdout.isatty() else text)

    def note(self, text: str) -> None:
        """Say something beside the result: progress, warnings."""
        sys.stderr.write(legible(text) + "\n")
        sys.stderr.flush()

    def progress(self, done: int, count: int, of: str) -> None:
        """Say on a terminal how much of a long job is done; the line goes with the job."""
        if not sys.stderr.isatty():
            return
        line = f"{done} of {count} {of}"
        sys.stderr.write(f"\r{line}" if done < count else f"\r{' ' * len(line)}\r")
        sys.stderr.flush()

    def _write(self, text: str) -> None:
        write_bytes(encoded(text))


def encoded(text: str) -> bytes:
    """The bytes that are written for a text: names of files give back their own."""
    return text.encode("utf-8", "surrogateescape")


def write_bytes(*parts: bytes) -> None:
    """Write to standard output: bytes, so that line ends and UTF-8 stay on every system.

    Raises:
        StorageError: it leads to a disk that is full, or the like.
    """
    try:
        binary = getattr(sys.stdout, "buffer", None)
        if binary is None:
            sys.stdout.write(b"".join(parts).decode("utf-8", "surrogateescape"))
        else:
            sys.stdout.flush()
            for part in parts:
                binary.write(part)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError(f"The result cannot be written: {reason}.") from error


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows under their heads in columns; on a terminal the last column is wrapped to its width."""
    lines = [tuple(heads), *(tuple(_cell(cell) for cell in row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    room = _columns() - sum(widths[:-1]) - len(_GAP) * (len(heads) - 1)
    if _LEAST_ROOM <= room < widths[-1]:
        lines = [part for line in lines for part in _wrapped(line, room)]
    return "".join(_line(line, widths) for line in lines)


def _columns() -> int:
    """How wide the terminal is; of what is not one, lines have no end."""
    if not sys.stdout.isatty():
        return sys.maxsize
    import shutil  # noqa: PLC0415 - it loads all kinds of archives

    return shutil.get_terminal_size().columns


def _wrapped(line: Sequence[str], room: int) -> Iterator[tuple[str, ...]]:
    """The row, and below it the rest of its last cell; a long word stays whole, to be copied."""
    before, last = line[:-1], line[-1]
    parts = [last]
    if len(last) > room:
        import textwrap  # noqa: PLC0415 - few cells are that long

        parts = textwrap.wrap(last, room, break_long_words=False, break_on_hyphens=False)
    for at, part in enumerate(parts):
        yield (*(before if at == 0 else [""] * len(before)), part)


def _cell(text: str) -> str:
    return legible(text.replace("\n", " ").replace("\t", " "))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
    return _GAP.join(padded).rstrip() + "\n"
