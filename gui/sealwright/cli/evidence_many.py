"""Many pieces of evidence: shares of them go to processes of this program, one for each core."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.errors import StorageError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

MANY: Final = 128
"""Files for which more than one process pays."""
_MOST: Final = 8
"""Processes, however many cores there are."""


def cores() -> int:
    """Cores that this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable is not None else os.cpu_count() or 1


class Many(NamedTuple):
    """The results for many files in their order."""

    items: list[dict[str, object]]
    document: str
    """All of them as the workers wrote them: writing them anew would cost as much again."""


def examine_many(program: Sequence[str], files: Sequence[str]) -> Many:
    """The results for all files; `program` is a command that reads their names.

    Raises:
        UsageError: a file cannot be read, or is no evidence.
        StorageError: a process cannot be started, or ended early.
    """
    count = min(cores(), _MOST)
    size = -(-len(files) // count)
    shares = [files[at : at + size] for at in range(0, len(files), size)]
    running = [_started(program) for _ in shares]
    try:
        for process, share in zip(running, shares, strict=True):
            _give(process, share)
        taken = [_taken(process) for process in running]
    finally:
        for process in running:
            if process.poll() is None:
                process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
    items = [item for found, _ in taken for item in found]
    return Many(items, '{\n  "items": [' + ",".join(text for _, text in taken) + "\n  ]\n}\n")


def _started(program: Sequence[str]) -> subprocess.Popen[bytes]:
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


def _give(process: subprocess.Popen[bytes], share: Sequence[str]) -> None:
    if process.stdin is None:
        return
    # A worker that ended early is noticed by who reads from it.
    try:
        process.stdin.write("\n".join(share).encode("utf-8", "surrogateescape"))
        process.stdin.close()
    except OSError:
        return


def _taken(process: subprocess.Popen[bytes]) -> tuple[list[dict[str, object]], str]:
    """The items that a worker wrote, and their text without what stands around them."""
    raw = process.stdout.read() if process.stdout is not None else b""
    try:
        found = json.loads(raw)
    except ValueError:
        raise StorageError("A worker for the evidence ended early.", hint="Try again.") from None
    if "error" in found:
        error = found["error"]
        raise UsageError(error["message"], hint=error["hint"])
    items: list[dict[str, object]] = found["items"]
    text = raw.decode("utf-8")
    return items, text[text.index("[") + 1 : text.rindex("]")].rstrip()
