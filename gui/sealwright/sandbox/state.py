"""The sandbox's own file: one SQLite database that survives a kill at any moment.

Invariants
- WAL with `synchronous=FULL`: what a transaction wrote is on the disk before its answer leaves.
- What is remembered is read anew after any change, so several processes on one file see the same.
- One connection, used by one thread at a time; callers never hold it across an answer.
"""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar, cast

from sealwright.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator
    from pathlib import Path

R = TypeVar("R")
_BUSY_SECONDS: Final = 15.0
_REMEMBERED: Final = 1000
"""Answers that are remembered at most."""
_PRIMARY: Final = 0xFF
"""Mask of the primary code in an extended SQLite result code."""
_ROOM: Final = 2**17
"""Bytes that SQLite needs beside the file to open it at all, with some to spare."""

_SCHEMA: Final = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE subscriptions (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, registration TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE groups (
    subscription TEXT NOT NULL REFERENCES subscriptions (id),
    name TEXT NOT NULL COLLATE NOCASE,
    location TEXT NOT NULL,
    tags TEXT NOT NULL,
    PRIMARY KEY (subscription, name)
) WITHOUT ROWID;
CREATE TABLE providers (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL COLLATE NOCASE UNIQUE,
    subscription TEXT NOT NULL,
    resource_group TEXT NOT NULL COLLATE NOCASE,
    trust TEXT NOT NULL,
    location TEXT NOT NULL,
    tags TEXT NOT NULL,
    public_network_access TEXT NOT NULL,
    tpm_authentication TEXT NOT NULL,
    created_by TEXT NOT NULL, created_kind TEXT NOT NULL, created_at TEXT NOT NULL,
    modified_by TEXT NOT NULL, modified_kind TEXT NOT NULL, modified_at TEXT NOT NULL
);
CREATE TABLE ports (
    provider INTEGER PRIMARY KEY REFERENCES providers (key) ON DELETE CASCADE,
    port INTEGER NOT NULL
);
CREATE TABLE certificates (
    provider INTEGER NOT NULL REFERENCES providers (key) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    der BLOB NOT NULL,
    PRIMARY KEY (provider, der)
);
CREATE TABLE policies (
    provider INTEGER NOT NULL REFERENCES providers (key) ON DELETE CASCADE,
    type TEXT NOT NULL,
    jws TEXT NOT NULL,
    previous TEXT NOT NULL,
    PRIMARY KEY (provider, type)
) WITHOUT ROWID;
CREATE TABLE default_policies (
    provider INTEGER NOT NULL REFERENCES providers (key) ON DELETE CASCADE,
    type TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (provider, type)
) WITHOUT ROWID;
CREATE TABLE connections (
    provider INTEGER NOT NULL REFERENCES providers (key) ON DELETE CASCADE,
    name TEXT NOT NULL COLLATE NOCASE,
    properties TEXT NOT NULL,
    PRIMARY KEY (provider, name)
) WITHOUT ROWID;
CREATE TABLE applications (
    client_id TEXT PRIMARY KEY, object_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    secret TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE assignments (
    id TEXT PRIMARY KEY, principal TEXT NOT NULL, role TEXT NOT NULL, scope TEXT NOT NULL
) WITHOUT ROWID;
"""

_PEOPLE: Final = """
ALTER TABLE subscriptions ADD COLUMN tenant TEXT NOT NULL DEFAULT '';
CREATE TABLE tenants (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, domain TEXT NOT NULL COLLATE NOCASE UNIQUE
) WITHOUT ROWID;
CREATE TABLE users (
    object_id TEXT PRIMARY KEY, tenant TEXT NOT NULL REFERENCES tenants (id),
    upn TEXT NOT NULL COLLATE NOCASE UNIQUE, name TEXT NOT NULL, session INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE guests (
    user TEXT NOT NULL REFERENCES users (object_id), tenant TEXT NOT NULL REFERENCES tenants (id),
    PRIMARY KEY (user, tenant)
) WITHOUT ROWID;
CREATE TABLE obstacles (principal TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE trusted_proofs (
    client_id TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (client_id, kind, value)
) WITHOUT ROWID;
"""

_DIAGNOSTICS: Final = """
CREATE TABLE diagnostic_settings (
    provider INTEGER NOT NULL REFERENCES providers (key) ON DELETE CASCADE,
    name TEXT NOT NULL COLLATE NOCASE,
    properties TEXT NOT NULL,
    PRIMARY KEY (provider, name)
) WITHOUT ROWID;
"""

_SCRIPTS: Final = (_SCHEMA, _PEOPLE, _DIAGNOSTICS)
"""Number n brings a file from version n to n + 1; a released one is never edited."""


class State:
    """The open file. Blocking: call it off the event loop."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._connection = self._open()
        self._lasting: dict[str, bytes] = {}
        self._remembered: dict[Hashable, object] = {}
        self._mark = (0, 0)

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self._path

    def _open(self) -> sqlite3.Connection:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
            connection = sqlite3.connect(
                self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            _prepare(connection)
        except (OSError, sqlite3.Error) as error:
            raise StorageError(
                f"The sandbox's file `{self._path}` cannot be opened.",
                hint=_hint(error, self._path),
                details={"reason": str(error)},
            ) from error
        return connection

    def idle(self) -> bool:
        """Whether nobody has the file in hand, so that a query will not wait."""
        if not self._lock.acquire(blocking=False):
            return False
        self._lock.release()
        return True

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for a query or two."""
        with self._lock, _translated(self._path):
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: durable when the block ends, undone when it raises. Nests."""
        with self._lock, _translated(self._path):
            if self._connection.in_transaction:
                yield self._connection
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                # A full disk may have undone it already.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def remembered(self, key: Hashable, read: Callable[[sqlite3.Connection], R]) -> R:
        """What `read` makes of the file; read again only after something was written to it.

        Args:
            key: says what is read, the same for the same answer.
            read: gives a value that nobody changes.
        """
        db = self._connection
        with self._lock:
            try:
                if db.in_transaction:
                    # What is undone later must not be remembered.
                    return read(db)
                (version,) = db.execute("PRAGMA data_version").fetchone()
                mark = (version, db.total_changes)
                if mark != self._mark or len(self._remembered) > _REMEMBERED:
                    self._remembered.clear()
                    self._mark = mark
                if key not in self._remembered:
                    self._remembered[key] = read(db)
                return cast("R", self._remembered[key])
            except sqlite3.Error as error:
                raise _failed(self._path, error) from error

    def fact(self, name: str) -> bytes | None:
        """A small value kept under `name`."""
        with self.reading() as db:
            row = db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else bytes(row[0])

    def lasting_fact(self, name: str) -> bytes | None:
        """A value that is written once and never changed: read from the file once only."""
        found = self._lasting.get(name)
        if found is None:
            found = self.fact(name)
            if found is not None:
                self._lasting[name] = found
        return found

    def put_fact(self, name: str, value: bytes) -> None:
        """Keep a small value."""
        with self.writing() as db:
            db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def close(self) -> None:
        """Close the file; the object cannot be used afterwards."""
        with self._lock:
            self._connection.close()


def _prepare(connection: sqlite3.Connection) -> None:
    """Make a fresh connection durable and its schema current, or close it."""
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        _migrate(connection)
    except BaseException:
        connection.close()
        raise


def _migrate(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        _refuse_newer(version)
        for script in _SCRIPTS[version:]:
            for statement in script.split(";\n"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version={len(_SCRIPTS)}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _refuse_newer(version: int) -> None:
    if version > len(_SCRIPTS):
        raise sqlite3.DatabaseError("written by a newer version of the program")


def _hint(error: Exception, path: Path) -> str:
    """What to do; to start over is the advice for a damaged file only."""
    code = (getattr(error, "sqlite_errorcode", None) or 0) & _PRIMARY
    if code == sqlite3.SQLITE_FULL or _is_full(path):
        return "The disk is full: free some space and try again. Nothing of it is lost."
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "Another process is using it: wait a moment and try again."
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return "It is damaged. Start over with `sealwright sandbox reset`."
    return "Check the permissions of its folder and the disk, then try again."


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _ROOM
    except OSError:
        return False


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise _failed(path, error) from error


def _failed(path: Path, error: sqlite3.Error) -> StorageError:
    return StorageError(
        f"The sandbox's file `{path}` could not be read or written.",
        hint=_hint(error, path),
        details={"reason": str(error)},
    )
