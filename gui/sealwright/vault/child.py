"""Work that is done in a process of its own: how it is started, and its one question and answer.

Both go through the pipes of the process, never through files or arguments.
"""

from __future__ import annotations

import os
import sys
from typing import Final

NO_WINDOW: Final = 0x08000000 if sys.platform == "win32" else 0
"""`creationflags` under which Windows opens no console."""


def command(argument: str, module: str) -> list[str]:
    """What starts the process: the bundle itself with `argument`, or Python with `module`."""
    if getattr(sys, "frozen", False):
        return [sys.executable, argument]
    return [sys.executable, "-I", "-m", module]


def read_question() -> bytes:
    """What was written to standard input, to its end."""
    # A windowed bundle has no `sys.stdin`, but it has the pipe.
    parts: list[bytes] = []
    while part := os.read(0, 1 << 16):
        parts.append(part)
    return b"".join(parts)


def write_answer(data: bytes, descriptor: int = 1) -> None:
    """Write all of it to standard output, or where that was put aside."""
    while data:
        data = data[os.write(descriptor, data) :]


def put_output_aside() -> int:
    """Keep standard output for the answer: what a foreign library prints goes nowhere.

    Returns the descriptor to answer at.
    """
    answer = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return answer
