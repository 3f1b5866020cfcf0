"""Shares of many files go to processes of this program, one for each core.

This process is one of them. Another reads lists of names, one JSON list a line, and answers with
two lines for each name: what the table shows, and the result. Whoever is done takes the next list,
so that none waits for another; a list ahead bridges the time until this process hands it out.
"""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import Namespace
from collections import deque
from contextlib import contextmanager
from datetime import UTC, datetime
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Final, TypeAlias

from sealwright.cli.evidence_batch import Row, row_of
from sealwright.errors import StorageError
from sealwright.services.worker_process import PIPES, not_started

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sealwright.cli.context import Context

    Process: TypeAlias = subprocess.Popen[bytes]
    Share: TypeAlias = tuple[int, Sequence[str]]
    Done: TypeAlias = tuple[int, list[Row]]
    Told: TypeAlias = SimpleQueue[Done | None]

_SHARE: Final = 5
"""Files that a worker is given at a time."""
_AHEAD: Final = 1
"""Shares that another process holds beside the one that it works on."""
_BUFFER: Final = 1 << 20
_SWITCH: Final = 0.001
"""Seconds after which a thread that hands out work gets its turn."""
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


def examine_many(
    command: str, arguments: Namespace, context: Context, files: Sequence[str], count: int
) -> Iterator[Row]:
    """The results of all files in their order, by so many processes.

    Raises:
        UsageError: an option names a file that cannot be read.
        StorageError: a process cannot be started, or ended early.
    """
    # One time for all of them.
    now = datetime.now(UTC).isoformat()
    arguments = Namespace(**{**vars(arguments), "at": arguments.at or now})
    shares = [files[at : at + _SHARE] for at in range(0, len(files), _SHARE)]
    open_shares = iter(enumerate(shares))
    told: Told = SimpleQueue()
    running: list[Process] = []
    threads: list[Thread] = []
    try:
        program = _program(command, arguments, context)
        # Kept one by one: when one cannot be started, those before it must end.
        running.extend(_started(program) for _ in range(count - 1))
        for process in running:
            threads.append(Thread(target=_serve, args=(process, open_shares, told), daemon=True))
            threads[-1].start()
        with _fair():
            done = _done(_own(command, arguments, context, open_shares), told)
            yield from _in_order(done, len(shares))
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


@contextmanager
def _fair() -> Iterator[None]:
    """Examining here must not keep the others waiting for their shares."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _own(
    command: str, arguments: Namespace, context: Context, shares: Iterator[Share]
) -> Iterator[Done]:
    """The shares that this process takes."""
    from sealwright.cli.evidence_inputs import Examiner  # noqa: PLC0415 - after the others' start

    examiner = Examiner(arguments, context)
    for number, share in shares:
        yield number, [row_of(command, examiner, name) for name in share]


def _done(own: Iterator[Done], told: Told) -> Iterator[Done]:
    """The shares as they are done, here or elsewhere."""
    for done in own:
        yield done
        while not told.empty():
            yield _answer(told)
    while True:
        yield _answer(told)


def _answer(told: Told) -> Done:
    answer = told.get()
    if answer is None:
        raise StorageError("A worker for the evidence ended early.", hint="Try again.")
    return answer


def _in_order(done: Iterator[Done], count: int) -> Iterator[Row]:
    early: dict[int, list[Row]] = {}
    for number in range(count):
        while number not in early:
            at, rows = next(done)
            early[at] = rows
        yield from early.pop(number)


def _program(command: str, arguments: Namespace, context: Context) -> list[str]:
    program = [*context.world.program(), "evidence", command, "--worker", "--at", arguments.at]
    if context.options.home:
        program += ["--home", context.options.home]
    for name in _GIVEN:
        given = getattr(arguments, name)
        for value in given if isinstance(given, list) else [given] if given else []:
            program += [_OPTIONS.get(name, f"--{name.replace('_', '-')}"), value]
    return program


def _started(program: Sequence[str]) -> Process:
    try:
        return subprocess.Popen(program, bufsize=_BUFFER, **PIPES)  # noqa: S603 - this program
    except OSError as error:
        raise not_started("the evidence", error) from error


def _serve(process: Process, shares: Iterator[Share], told: Told) -> None:
    """Give one worker share after share; on a thread of its own."""
    waiting: deque[Share] = deque()
    try:
        for share in shares:
            _ask(process, share)
            waiting.append(share)
            if len(waiting) > _AHEAD:
                told.put(_answered(process, waiting.popleft()))
        for share in waiting:
            told.put(_answered(process, share))
    except (OSError, ValueError):
        told.put(None)


def _ask(process: Process, share: Share) -> None:
    if process.stdin is not None:
        process.stdin.write(json.dumps(share[1]).encode("ascii") + b"\n")
        process.stdin.flush()


def _answered(process: Process, share: Share) -> Done:
    number, names = share
    return number, [_row(process) for _ in names]


def _row(process: Process) -> Row:
    source = process.stdout
    if source is None:
        raise ValueError(process)
    kind, verdict, reason, held = json.loads(source.readline())
    document = source.readline().decode("utf-8", "surrogateescape")
    if not document.endswith("\n"):
        raise ValueError(document)
    return Row(kind, verdict, reason, held, document[:-1])


def work(command: str, arguments: Namespace, context: Context) -> int:
    """Answer on standard output what comes on standard input; the exit code."""
    from sealwright.cli.evidence_inputs import Examiner  # noqa: PLC0415 - as above

    examiner = Examiner(arguments, context)
    for line in sys.stdin.buffer:
        for name in json.loads(line):
            row = row_of(command, examiner, name)
            head = json.dumps([row.kind, row.verdict, row.reason, row.held])
            text = f"{head}\n{row.document}\n"
            sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
        sys.stdout.buffer.flush()
    return 0
