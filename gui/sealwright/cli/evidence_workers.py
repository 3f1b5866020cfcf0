"""Shares of many files go to processes of this program, one for each core.

A worker reads lists of names, one JSON list a line, and answers with two lines for each name: what
the table shows, and the result. Whoever is done gets the next list, so that none waits for another.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Final, TypeAlias

from sealwright.cli.evidence_batch import Row, row_of
from sealwright.errors import StorageError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator, Sequence

    from sealwright.cli.context import Context

    Process: TypeAlias = subprocess.Popen[bytes]
    Told: TypeAlias = SimpleQueue[tuple[int, list[Row]] | None]

_MOST: Final = 8
"""Processes, however many cores there are."""
_SHARE: Final = 10
"""Files that a worker is given at a time."""
_OPTIONS: Final = {"companions": "--with"}
_GIVEN: Final = (
    "kind",
    "certs",
    "collateral",
    "runtime_data",
    "init_data",
    "nonce",
    "companions",
)


def cores() -> int:
    """Cores that this process may use, as far as more processes help."""
    usable = getattr(os, "sched_getaffinity", None)
    return min(_MOST, len(usable(0)) if usable is not None else os.cpu_count() or 1)


def examine_many(
    command: str, arguments: Namespace, context: Context, files: Sequence[str], count: int
) -> Iterator[Row]:
    """The results of all files in their order, by so many processes.

    Raises:
        UsageError: an option names a file that cannot be read.
        StorageError: a process cannot be started, or ended early.
    """
    program = _program(command, arguments, context)
    shares = [files[at : at + _SHARE] for at in range(0, len(files), _SHARE)]
    told: Told = SimpleQueue()
    running: list[Process] = []
    threads: list[Thread] = []
    try:
        # Kept one by one: when one cannot be started, those before it must end.
        running.extend(_started(program) for _ in range(count))
        open_shares = iter(enumerate(shares))
        for process in running:
            threads.append(Thread(target=_serve, args=(process, open_shares, told), daemon=True))
            threads[-1].start()
        yield from _in_order(told, len(shares), partial(_ended, arguments, context))
    finally:
        for process in running:
            process.kill()
        for thread in threads:
            thread.join()
        for process in running:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()


def _in_order(told: Told, count: int, ended: Callable[[], StorageError]) -> Iterator[Row]:
    early: dict[int, list[Row]] = {}
    for number in range(count):
        while number not in early:
            answer = told.get()
            if answer is None:
                raise ended()
            early[answer[0]] = answer[1]
        yield from early.pop(number)


def _ended(arguments: Namespace, context: Context) -> StorageError:
    from sealwright.cli.evidence_inputs import Examiner  # noqa: PLC0415 - a parent needs none

    # A worker cannot say which file that an option names is not there.
    Examiner(arguments, context)
    return StorageError("A worker for the evidence ended early.", hint="Try again.")


def _program(command: str, arguments: Namespace, context: Context) -> list[str]:
    at = arguments.at or datetime.now(UTC).isoformat()
    program = [*context.world.program(), "evidence", command, "--worker", "--at", at]
    if context.options.home:
        program += ["--home", context.options.home]
    for name in _GIVEN:
        given = getattr(arguments, name)
        for value in given if isinstance(given, list) else [given] if given else []:
            program += [_OPTIONS.get(name, f"--{name.replace('_', '-')}"), value]
    return program


def _started(program: Sequence[str]) -> Process:
    try:
        return subprocess.Popen(  # noqa: S603 - this program itself
            program,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise StorageError(
            "A worker for the evidence cannot be started.",
            hint="Close other programs and try again.",
            details={"reason": type(error).__name__},
        ) from error


def _serve(process: Process, shares: Iterator[tuple[int, Sequence[str]]], told: Told) -> None:
    """Give one worker share after share; on a thread of its own."""
    try:
        for number, share in shares:
            told.put((number, list(_answers(process, share))))
    except (OSError, ValueError):
        told.put(None)


def _answers(process: Process, share: Sequence[str]) -> Iterator[Row]:
    source, sink = process.stdout, process.stdin
    if source is None or sink is None:
        return
    sink.write(json.dumps(share).encode("ascii") + b"\n")
    sink.flush()
    for _ in share:
        kind, verdict, reason, held = json.loads(source.readline())
        document = source.readline().decode("utf-8", "surrogateescape")
        if not document.endswith("\n"):
            raise ValueError(document)
        yield Row(kind, verdict, reason, held, document[:-1])


def work(command: str, arguments: Namespace, context: Context) -> int:
    """Answer on standard output what comes on standard input; the exit code."""
    from sealwright.cli.evidence_inputs import Examiner  # noqa: PLC0415 - not in the parent

    examiner = Examiner(arguments, context)
    for line in sys.stdin.buffer:
        for name in json.loads(line):
            row = row_of(command, examiner, name)
            head = json.dumps([row.kind, row.verdict, row.reason, row.held])
            text = f"{head}\n{row.document}\n"
            sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
        sys.stdout.buffer.flush()
    return 0
