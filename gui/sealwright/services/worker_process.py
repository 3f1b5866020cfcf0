"""How processes of this program that work through pipes are started, one for each core."""

from __future__ import annotations

import os
import subprocess
from typing import Final, TypedDict

from sealwright.errors import StorageError

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
