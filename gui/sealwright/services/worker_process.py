"""How processes of this program that work through pipes are started, one for each core."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, BinaryIO, Final, NoReturn, TypedDict

from sealwright.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_MOST: Final = 8
"""Processes, however many cores there are."""


class _Pipes(TypedDict):
    stdin: int
    stdout: int
    stderr: int
    creationflags: int


PIPES: Final[_Pipes] = {
    "stdin": subprocess.PIPE,
    "stdout": subprocess.PIPE,
    "stderr": subprocess.DEVNULL,
    "creationflags": getattr(subprocess, "CREATE_NO_WINDOW", 0),
}
"""What `Popen` and its like are called with."""
BUFFER: Final = 1 << 20
"""Bytes that are read ahead: every read from a pipe waits for the interpreter."""


def cores() -> int:
    """Cores that this process may use, as far as more processes help."""
    usable = getattr(os, "sched_getaffinity", None)
    return min(_MOST, len(usable(0)) if usable is not None else os.cpu_count() or 1)


def not_started(what: str, error: OSError) -> StorageError:
    """Why there is no worker; `what` says for what it was meant."""
    return StorageError(
        f"A worker for {what} cannot be started.",
        hint="Close other programs and try again.",
        details={"reason": type(error).__name__},
    )


def can_fork() -> bool:
    """Whether a copy of this process works: on Linux, while nothing runs beside this thread.

    Elsewhere the system's own libraries do not survive it.
    """
    try:
        return sys.platform == "linux" and len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208 - pathlib costs 12 ms
    except OSError:
        return False


class Forked:
    """A copy of this process that does one job through pipes; used as a `Popen` is.

    It has in memory what a program would spend its start on.
    """

    def __init__(
        self, work: Callable[[BinaryIO, BinaryIO], None], before: Sequence[Forked] = ()
    ) -> None:
        """Start it; `before` are those started earlier, whose pipes are none of its business.

        Raises:
            OSError: the system lets no process, or no pipe, be made.
        """
        theirs_in, ours_in = os.pipe()
        ours_out, theirs_out = os.pipe()
        try:
            self._number = os.fork()
        except OSError:
            for each in (theirs_in, ours_in, ours_out, theirs_out):
                os.close(each)
            raise
        if self._number == 0:
            others = (pipe.fileno() for one in before for pipe in one.pipes)
            _work_and_end(work, (theirs_in, theirs_out), (ours_in, ours_out, *others))
        os.close(theirs_in)
        os.close(theirs_out)
        self.stdin: BinaryIO = os.fdopen(ours_in, "wb")
        self.stdout: BinaryIO = os.fdopen(ours_out, "rb", BUFFER)

    @property
    def pipes(self) -> tuple[BinaryIO, BinaryIO]:
        """This process's ends."""
        return self.stdin, self.stdout

    def kill(self) -> None:
        """End it at once; before `wait`, which gives its number back."""
        os.kill(self._number, signal.SIGKILL)

    def wait(self) -> int:
        """Wait for its end; how it ended, as the system says it."""
        return os.waitpid(self._number, 0)[1]


def _work_and_end(
    work: Callable[[BinaryIO, BinaryIO], None], ends: tuple[int, int], others: Iterable[int]
) -> NoReturn:
    """The life of a copy: what its original is in the middle of may not go on here."""
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        for each in others:
            os.close(each)
        source, sink = ends
        with os.fdopen(source, "rb") as reading, os.fdopen(sink, "wb") as writing:
            work(reading, writing)
        code = 0
    finally:
        os._exit(code)
