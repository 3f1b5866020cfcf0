"""Many pieces of evidence: one result for each, a table of them, and one exit code."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.cli.command import DOES_NOT_HOLD, HOLDS
from sealwright.cli.evidence.rows import Row, row_of
from sealwright.cli.inputs import STANDARD_INPUT, read_input
from sealwright.cli.output import table, write_bytes
from sealwright.errors import UsageError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from sealwright.cli.context import Context

MANY: Final = 128
"""Files for which more than one process pays."""


class Files(NamedTuple):
    """The files that a command names."""

    files: list[str]
    folders: bool
    """Whether some are there only because they lie in a folder."""

    @property
    def many(self) -> bool:
        """Whether there is a result for each; a folder is a list even of one."""
        return self.folders or len(self.files) > 1


def files_of(arguments: Namespace) -> Files:
    """The files that the arguments name, those in folders by their names.

    Raises:
        UsageError: none; one that is not there; a folder without files.
    """
    listed: list[str] = []
    if arguments.files_from:
        lines = read_input(arguments.files_from).decode("utf-8", "surrogateescape").splitlines()
        listed = [line for line in lines if line]
    found: list[str] = []
    folders = False
    for name in (*arguments.files, *listed):
        if os.path.isdir(name):  # noqa: PTH112 - pathlib costs 12 ms
            folders = True
            found += _in_folder(name)
        else:
            found.append(name)
    if not found:
        raise UsageError("There is no evidence to look at.", hint="Name a file, or - for stdin.")
    return Files(found, folders)


def _in_folder(folder: str) -> list[str]:
    with os.scandir(folder) as entries:
        paths = sorted(entry.path for entry in entries if entry.is_file())
    if not paths:
        raise UsageError(f"The folder `{folder}` holds no files.", hint="Name another.")
    return paths


def run_batch(command: str, arguments: Namespace, context: Context, named: Files) -> int:
    """Examine every file; the exit code."""
    for name in named.files:
        # Whoever mistypes a name hears of it now, not among a thousand results.
        if name != STANDARD_INPUT and not os.path.exists(name):  # noqa: PTH110 - as above
            read_input(name)
    rows: list[Row] = []
    for row in _rows(command, arguments, context, named.files):
        rows.append(row)
        context.output.progress(len(rows), len(named.files), "files")
    held = sum(row.held for row in rows)
    if context.output.json:
        # Written as it came, one item a line: indenting thousands costs more than checking them.
        write_bytes(b'{"items": [\n', b",\n".join(row.document for row in rows), b"\n]}\n")
    else:
        context.output.result({}, _words(command, named.files, rows))
    return HOLDS if held == len(rows) else DOES_NOT_HOLD


def _rows(command: str, arguments: Namespace, context: Context, files: list[str]) -> Iterator[Row]:
    from sealwright.services.worker_process import cores  # noqa: PLC0415 - as below

    count = min(cores(), len(files) // (MANY // 2)) if STANDARD_INPUT not in files else 1
    if count > 1:
        from sealwright.cli.evidence.workers import examine_many  # noqa: PLC0415 - few need it

        return examine_many(command, arguments, context, files, count)
    from sealwright.cli.evidence.inputs import Examiner  # noqa: PLC0415 - not for `--help`

    examiner = Examiner(arguments, context)
    return (row_of(command, examiner, name) for name in files)


def _words(command: str, files: list[str], rows: list[Row]) -> str:
    listed = [
        (name, row.kind, row.verdict, row.reason) for name, row in zip(files, rows, strict=True)
    ]
    held = sum(row.held for row in rows)
    word = "valid" if command == "verify" else "readable"
    heads = ("FILE", "KIND", "VERDICT", "REASON")
    return table(heads, listed) + f"\n{held} of {len(rows)} {word}\n"
