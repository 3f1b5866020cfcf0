"""Public metadata of signing keys and the names of secrets, in the database; never a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.errors import UsageError
from sealwright.services.certificates import describe_certificate
from sealwright.services.model import SigningKey
from sealwright.services.ports import KeyRecord
from sealwright.store.timestamps import to_text, to_time

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from sealwright.store.database import Database

    _Row = tuple[str, str, str, int, str, str]

_KEYS: Final = (
    "SELECT id, name, algorithm, bits, created, kept_in FROM signing_key"
    " ORDER BY name COLLATE NOCASE, name"
)
_CHAIN: Final = "SELECT der FROM signing_key_certificate WHERE key_id = ? ORDER BY place"


class StoredKeyIndex:
    """The port `KeyIndex` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def records(self) -> tuple[KeyRecord, ...]:
        """All keys, by name in any case."""
        return await self._database.read(_records)

    async def add(self, record: KeyRecord) -> None:
        """Add a key.

        Raises:
            UsageError: a key has this name already.
        """
        key = record.key
        row = (record.id, key.name, key.algorithm, key.bits, to_text(key.created), record.kept_in)

        def change(connection: sqlite3.Connection) -> None:
            _guard_name(connection, record.id, key.name)
            connection.execute("INSERT INTO signing_key VALUES (?, ?, ?, ?, ?, ?)", row)
            connection.executemany(
                "INSERT INTO signing_key_certificate VALUES (?, ?, ?)",
                [(record.id, place, der) for place, der in enumerate(key.chain)],
            )

        await self._database.write(change)

    async def rename(self, key_id: str, name: str) -> None:
        """Give a key another name.

        Raises:
            UsageError: another key has it.
        """

        def change(connection: sqlite3.Connection) -> None:
            _guard_name(connection, key_id, name)
            connection.execute("UPDATE signing_key SET name = ? WHERE id = ?", (name, key_id))

        await self._database.write(change)

    async def remove(self, key_id: str) -> None:
        """Forget a key; nothing happens when it is not there."""

        def change(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM signing_key WHERE id = ?", (key_id,))

        await self._database.write(change)

    async def note_secret(self, name: str, kept_in: str, noted: datetime) -> None:
        """Remember the name of a secret, before the secret itself is put."""
        row = (name, kept_in, to_text(noted))

        def change(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT OR REPLACE INTO secret_name VALUES (?, ?, ?)", row)

        await self._database.write(change)

    async def forget_secret(self, name: str, kept_in: str) -> None:
        """Forget the name of a secret, after the secret itself was removed."""

        def change(connection: sqlite3.Connection) -> None:
            connection.execute(
                "DELETE FROM secret_name WHERE name = ? AND kept_in = ?", (name, kept_in)
            )

        await self._database.write(change)

    async def secrets(self) -> tuple[tuple[str, str, datetime], ...]:
        """Every noted secret as (name, kept in, when it was noted)."""
        query = "SELECT name, kept_in, noted FROM secret_name ORDER BY noted, name"
        return await self._database.read(
            lambda connection: tuple(
                (name, kept_in, to_time(noted))
                for name, kept_in, noted in connection.execute(query)
            )
        )


def _guard_name(connection: sqlite3.Connection, key_id: str, name: str) -> None:
    """Refuse a name that another key has, in any case; inside the write transaction."""
    query = "SELECT name FROM signing_key WHERE name = ? COLLATE NOCASE AND id <> ?"
    row = connection.execute(query, (name, key_id)).fetchone()
    if row is not None:
        raise UsageError(f"There is a key named `{row[0]}` already.", hint="Choose another name.")


def _records(connection: sqlite3.Connection) -> tuple[KeyRecord, ...]:
    return tuple(_record(connection, row) for row in connection.execute(_KEYS).fetchall())


def _record(connection: sqlite3.Connection, row: _Row) -> KeyRecord:
    key_id, name, algorithm, bits, created, kept_in = row
    chain = tuple(der for (der,) in connection.execute(_CHAIN, (key_id,)))
    key = SigningKey(
        name=name,
        algorithm=algorithm,
        bits=bits,
        certificate=describe_certificate(chain[0]),
        chain=chain,
        created=to_time(created),
    )
    return KeyRecord(id=key_id, kept_in=kept_in, key=key)
