"""Worker processes that judge tokens: one for each core, started for a batch and gone with it.

Requests and answers go through the pipes of the process, never through files or arguments.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import anyio
from anyio import CancelScope, create_task_group
from anyio.streams.buffered import BufferedByteReceiveStream
from anyio.streams.text import TextSendStream

from sealwright.errors import AppError, StorageError
from sealwright.services.tokens.batch import SLICE, Judge
from sealwright.services.worker_process import PIPES, cores, not_started

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from anyio.abc import Process

ARGUMENT: Final = "--judge-tokens"
"""What the program is started with to judge tokens and nothing else."""
_LONGEST_LINE: Final = 32 << 20
_GIVE_WAY: Final = 10
_FEW: Final = 200
"""Tokens for which one process is enough."""


class ProcessJudges:
    """The port `TokenJudges`."""

    async def judge(
        self, setup: str, lines: Sequence[str], tell: Callable[[Sequence[str]], Awaitable[None]]
    ) -> None:
        """Judge all lines; `tell` hears of answers in slices, as they come."""
        count = 1 if len(lines) <= _FEW else cores()
        failed: list[AppError] = []
        async with create_task_group() as group:

            async def work(share: Sequence[str]) -> None:
                # Task groups wrap what is raised in them; the first failure ends all workers.
                try:
                    await _run(setup, share, tell)
                except AppError as error:
                    failed.append(error)
                    group.cancel_scope.cancel()

            for number in range(count):
                # In slices, so that answers come nearly in the order of the list.
                starts = range(number * SLICE, len(lines), count * SLICE)
                group.start_soon(work, [line for at in starts for line in lines[at : at + SLICE]])
        if failed:
            raise failed[0]


async def _run(
    setup: str, lines: Sequence[str], tell: Callable[[Sequence[str]], Awaitable[None]]
) -> None:
    process = await _started()
    failed: StorageError | None = None
    try:
        async with create_task_group() as group:
            group.start_soon(_feed, process, setup, lines)
            failed = await _collect(process, len(lines), tell)
            if failed is not None:
                group.cancel_scope.cancel()
        if failed is None:
            await process.wait()
    finally:
        with CancelScope(shield=True):
            if process.returncode is None:
                process.kill()
            await process.aclose()
    if failed is not None:
        raise failed


async def _started() -> Process:
    try:
        process = await anyio.open_process(_command(), **PIPES)
    except OSError as error:
        raise not_started("the tokens", error) from error
    _let_give_way(process.pid)
    return process


def _let_give_way(process: int) -> None:
    """The window, and everything else, comes first, also while a worker still loads the domain."""
    if sys.platform == "win32":
        return
    with suppress(OSError):
        own = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, process, own + _GIVE_WAY)


async def _feed(process: Process, setup: str, lines: Sequence[str]) -> None:
    if process.stdin is None:
        return
    # A worker that ended early is noticed by who reads from it.
    try:
        async with process.stdin:
            text = TextSendStream(process.stdin, encoding="utf-8")
            await text.send(f"{setup}\n")
            for at in range(0, len(lines), SLICE):
                await text.send("".join(f"{line}\n" for line in lines[at : at + SLICE]))
    except (anyio.BrokenResourceError, anyio.ClosedResourceError):
        return


async def _collect(
    process: Process, count: int, tell: Callable[[Sequence[str]], Awaitable[None]]
) -> StorageError | None:
    """Tell every answer; the error when the worker ended before its last."""
    if process.stdout is None:
        return None
    stream, left = BufferedByteReceiveStream(process.stdout), count
    try:
        while left > 0:
            piece = []
            for _ in range(min(SLICE, left)):
                line = await stream.receive_until(b"\n", _LONGEST_LINE)
                piece.append(line.decode("utf-8"))
            left -= len(piece)
            await tell(piece)
    except (anyio.IncompleteRead, anyio.EndOfStream, anyio.DelimiterNotFound):
        return StorageError("A worker ended before all tokens were judged.", hint="Try again.")
    return None


def _command() -> list[str]:
    if getattr(sys, "frozen", False):
        return [sys.executable, ARGUMENT]
    return [sys.executable, "-I", "-m", "sealwright.composition.judging"]


def main() -> int:
    """Judge what comes on standard input; the exit code."""
    # A windowed bundle has no `sys.stdin`, but it has the pipes.
    with open(0, "rb", closefd=False) as source, open(1, "wb", closefd=False) as sink:
        judge = Judge(source.readline().decode("utf-8"))
        waiting: list[str] = []
        for line in source:
            waiting.append(judge.answer(line.decode("utf-8")))
            if len(waiting) >= SLICE:
                sink.write("".join(f"{each}\n" for each in waiting).encode("utf-8"))
                sink.flush()
                waiting = []
        sink.write("".join(f"{each}\n" for each in waiting).encode("utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
