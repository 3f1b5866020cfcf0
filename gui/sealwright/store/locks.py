"""Locks that hold between processes: released by the system when the process ends, however."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sealwright.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PAUSE: Final = 0.02
"""Seconds between two tries."""


def try_lock(descriptor: int) -> bool:
    """Take the lock of an open file without waiting."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - only there

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl  # noqa: PLC0415 - not on Windows

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def exclusive(path: Path, *, patience: float = 60.0) -> Iterator[None]:
    """Hold the lock of `path` for a while; blocking, so never on the event loop.

    Args:
        path: the lock file; it is made when missing and stays.
        patience: seconds to wait for another process.

    Raises:
        StorageError: another process keeps it, or the folder cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StorageError(
            f"The folder `{path.parent}` cannot be written.",
            hint="Check its permissions and the free space, or choose another with --home.",
            details={"reason": error.strerror or str(error)},
        ) from error
    try:
        _wait(descriptor, path, time.monotonic() + patience)
        yield
    finally:
        os.close(descriptor)


def _wait(descriptor: int, path: Path, end: float) -> None:
    while not try_lock(descriptor):
        if time.monotonic() > end:
            raise StorageError(
                "Another Sealwright process is busy with this home.",
                hint="Wait until it is done, or close it, and try again.",
                details={"lock": str(path)},
            )
        time.sleep(_PAUSE)
