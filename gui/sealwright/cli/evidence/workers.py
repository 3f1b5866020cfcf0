"""Shares of many files go to processes of this program, one for each core.

This process is one of them. Another reads lists of names, one JSON list a line, and answers with
two lines for each name: what the table shows, and the result. Whoever is done takes the next list,
so that none waits for another; a list ahead bridges the time until this process hands it out.
Where a process can be copied, the others are copies that need no start; elsewhere the program is
started anew, before this process loads what it examines with.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from argparse import Namespace
from collections import deque
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from sealwright.cli.evidence.rows import Row, row_of
from sealwright.errors import StorageError
from sealwright.services.worker_process import BUFFER, PIPES, Forked, can_fork, not_started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import BinaryIO

    from sealwright.cli.context import Context

    Process: TypeAlias = subprocess.Popen[bytes] | Forked
    Examine: TypeAlias = Callable[[str], Row]
    Share: TypeAlias = tuple[int, Sequence[str]]
    Done: TypeAlias = tuple[int, list[Row]]
    Told: TypeAlias = SimpleQueue[Done | None]

P = TypeVar("P")

_SHARE: Final = 5
"""Files that a worker is given at a time."""
_SINGLY: Final = 40
"""Files at the end that are given one by one."""
_AHEAD: Final = 1
"""Shares that another process holds beside the one that it works on."""
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
    shares = _shares(files)
    open_shares = iter(enumerate(shares))
    told: Told = SimpleQueue()
    running: list[Process] = []
    threads: list[Thread] = []
    try:
        # Kept one by one: when one cannot be started, those before it must end.
        examine = _with_others(command, arguments, context, count - 1, running)
        for process in running:
            threads.append(Thread(target=_serve, args=(process, open_shares, told), daemon=True))
            threads[-1].start()
        with _fair():
            yield from _in_order(_done(_own(examine, open_shares), told), len(shares))
    finally:
        for process in running:
            process.kill()
        for thread in threads:
            thread.join()
        for process in running:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    # What a process that ended did not take is nobody's any more.
                    with suppress(OSError):
                        pipe.close()


def _shares(files: Sequence[str]) -> list[Sequence[str]]:
    """The last files one by one, so that all processes are done at the same time."""
    singly = max(0, len(files) - _SINGLY)
    return [
        *(files[at : min(at + _SHARE, singly)] for at in range(0, singly, _SHARE)),
        *(files[at : at + 1] for at in range(singly, len(files))),
    ]


def _with_others(
    command: str, arguments: Namespace, context: Context, count: int, running: list[Process]
) -> Examine:
    """What examines a file here, after as many other processes were started into `running`."""
    if can_fork():
        examine = _examine(command, arguments, context)
        # The collector would touch, and so copy, all that they share.
        gc.freeze()
        copies: list[Forked] = []
        for _ in range(count):
            copies.append(_begun(partial(Forked, partial(_answer_shares, examine), copies)))
            running.append(copies[-1])
        return examine
    program = _program(command, arguments, context)
    running.extend(_begun(partial(_started, program)) for _ in range(count))
    return _examine(command, arguments, context)


def _started(program: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(program, bufsize=BUFFER, **PIPES)  # noqa: S603 - this program


def _begun(start: Callable[[], P]) -> P:
    try:
        return start()
    except OSError as error:
        raise not_started("the evidence", error) from error


def _examine(command: str, arguments: Namespace, context: Context) -> Examine:
    """What examines one file after another."""
    from sealwright.cli.evidence.inputs import Examiner  # noqa: PLC0415 - after the others' start

    return partial(row_of, command, Examiner(arguments, context))


@contextmanager
def _fair() -> Iterator[None]:
    """Examining here must not keep the others waiting for their shares."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _own(examine: Examine, shares: Iterator[Share]) -> Iterator[Done]:
    """The shares that this process takes."""
    for number, share in shares:
        yield number, [examine(name) for name in share]


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
    document = source.readline()
    if not document.endswith(b"\n"):
        raise ValueError(document)
    return Row(kind, verdict, reason, held, document[:-1])


def work(command: str, arguments: Namespace, context: Context) -> int:
    """Answer on standard output what comes on standard input; the exit code."""
    _answer_shares(_examine(command, arguments, context), sys.stdin.buffer, sys.stdout.buffer)
    return 0


def _answer_shares(examine: Examine, source: BinaryIO, sink: BinaryIO) -> None:
    for line in source:
        rows = [examine(name) for name in json.loads(line)]
        # At once: each piece would wake the one who waits for it.
        sink.write(b"".join(map(_written, rows)))
        sink.flush()


def _written(row: Row) -> bytes:
    head = json.dumps([row.kind, row.verdict, row.reason, row.held])
    return b"%b\n%b\n" % (head.encode("ascii"), row.document)
