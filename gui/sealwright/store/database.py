"""The local database: one SQLite file, safe for several processes, durable on every return.

Invariants
- Every call runs in a worker thread, never on the event loop, one at a time per process.
- A change is one transaction; when it fails, nothing of it is there.
- A database of a newer program is refused, and an older one is copied before it is migrated.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
import threading
from typing import TYPE_CHECKING, Final, TypeVar

from sealwright.errors import StorageError
from sealwright.store.migrations import migrate

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.store.home import Home

_log = logging.getLogger(__name__)

T = TypeVar("T")

_PATIENCE: Final = 30.0
"""Seconds to wait for another process's transaction."""

_REASONS: Final = {
    sqlite3.SQLITE_FULL: ("the disk is full", "Free some space and try again."),
    sqlite3.SQLITE_READONLY: (
        "it is read-only",
        "Check the permissions of the home folder, or choose another with --home.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "it cannot be opened",
        "Check the permissions of the home folder, or choose another with --home.",
    ),
    sqlite3.SQLITE_BUSY: ("another process is using it", "Wait a moment and try again."),
    sqlite3.SQLITE_LOCKED: ("another process is using it", "Wait a moment and try again."),
    sqlite3.SQLITE_CORRUPT: ("it is damaged", "Restore it from the folder `backups`."),
    sqlite3.SQLITE_NOTADB: ("it is damaged", "Restore it from the folder `backups`."),
    sqlite3.SQLITE_IOERR: ("the disk does not answer", "Check the disk and its free space."),
}
_ROOM: Final = 2**17
"""Bytes that SQLite needs beside the database to open it at all, with some to spare."""
_PRIMARY: Final = 0xFF
"""Mask of the primary code in an extended SQLite result code."""


class Database:
    """One connection to a home's database, opened at the first use."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._left = False

    async def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """Run `query` in a worker thread; it must not change anything.

        Raises:
            StorageError: the database cannot be read.
        """
        from anyio import to_thread  # noqa: PLC0415 - after the first paint

        return await to_thread.run_sync(self._run, query, "read")

    async def write(self, change: Callable[[sqlite3.Connection], T]) -> T:
        """Run `change` in a worker thread as one transaction, durable when this returns.

        Raises:
            StorageError: disk full, read-only, busy, damaged; nothing was changed.
        """
        from anyio import to_thread  # noqa: PLC0415 - after the first paint

        return await to_thread.run_sync(self._run, _transaction(change), "written")

    async def erase(self, change: Callable[[sqlite3.Connection], T]) -> T:
        """Run `change` as `write` does, and leave no byte of what it deleted in a file.

        Raises:
            StorageError: as `write`; or another process reads, and what was deleted is not erased.
        """
        from anyio import to_thread  # noqa: PLC0415 - after the first paint

        return await to_thread.run_sync(self._run, _erasing(_transaction(change)), "written")

    async def close(self) -> None:
        """Close the connection; a later call opens one of its own."""
        from anyio import to_thread  # noqa: PLC0415 - after the first paint

        await to_thread.run_sync(self._close)

    def _run(self, query: Callable[[sqlite3.Connection], T], verb: str) -> T:
        with self._lock:
            try:
                return query(self._open())
            except sqlite3.Error as error:
                raise database_error(error, verb, full=self._is_full()) from error
            finally:
                # What a window still had to keep when it went comes late, not in vain.
                if self._left:
                    self._shut()

    def _is_full(self) -> bool:
        # Without room for its shared memory SQLite speaks of an I/O error, even when reading.
        try:
            return shutil.disk_usage(self._home.root).free < _ROOM
        except OSError:
            return False

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = sqlite3.connect(
                self._home.database,
                timeout=_PATIENCE,
                isolation_level=None,
                check_same_thread=False,
            )
            try:
                self._prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        with self._home.exclusive("database"):
            connection.execute("PRAGMA journal_mode = WAL")
            migrate(connection, self._home.backups)

    def _close(self) -> None:
        with self._lock:
            self._left = True
            self._shut()

    def _shut(self) -> None:
        if self._connection is None:
            return
        connection, self._connection = self._connection, None
        try:
            connection.close()
        except sqlite3.Error as error:
            _log.info("the database did not close cleanly: %s", error)


def database_error(error: sqlite3.Error, verb: str, *, full: bool = False) -> StorageError:
    """The message for a failed call; `verb` is what was tried: `read` or `written`."""
    code = (getattr(error, "sqlite_errorcode", None) or 0) & _PRIMARY
    if full and code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
        code = sqlite3.SQLITE_FULL
    known = _REASONS.get(code)
    reason, hint = known or (f"SQLite says {error}", "")
    return StorageError(
        f"The local database cannot be {verb}: {reason}.",
        hint=hint,
        details={"reason": str(error), "code": getattr(error, "sqlite_errorname", "") or ""},
    )


def _transaction(
    change: Callable[[sqlite3.Connection], T],
) -> Callable[[sqlite3.Connection], T]:
    def run(connection: sqlite3.Connection) -> T:
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = change(connection)
            connection.execute("COMMIT")
        except BaseException:
            # A full disk rolls back by itself; a second ROLLBACK would hide the first error.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return result

    return run


def _erasing(
    change: Callable[[sqlite3.Connection], T],
) -> Callable[[sqlite3.Connection], T]:
    def run(connection: sqlite3.Connection) -> T:
        result = change(connection)
        # Deleted bytes stay in free pages, in gaps of used ones, and in the write-ahead log.
        connection.execute("VACUUM")
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise StorageError(
                "What was deleted still lies in the local database's files: another process is"
                " reading them.",
                hint="Close other windows of Sealwright and try again.",
            )
        return result

    return run
