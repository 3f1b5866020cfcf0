"""Small JSON values by name, in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

    from sealwright.store.database import Database


class StoredSettings:
    """The port `Settings` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, name: str) -> str | None:
        """The JSON text kept under `name`."""

        def query(connection: sqlite3.Connection) -> str | None:
            row = connection.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
            return None if row is None else str(row[0])

        return await self._database.read(query)

    async def put(self, name: str, value: str) -> None:
        """Keep a JSON text."""

        def change(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))

        await self._database.write(change)

    async def erase(self, name: str) -> None:
        """Forget it, and every earlier text of that name: no file holds its bytes any more."""

        def change(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM setting WHERE name = ?", (name,))

        await self._database.erase(change)
