"""Key documents of providers, kept so that old tokens can be verified at their own time.

A provider makes new certificates for each answer, but changes its keys rarely: one document is
kept for each set of key ids, with the first and the last time that it was seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.services.ports import SavedKeySet
from sealwright.store.timestamps import to_text, to_time

if TYPE_CHECKING:
    import sqlite3

    from sealwright.store.database import Database

_COLUMNS: Final = "issuer, key_ids, first_seen, last_seen, url, data"
_SAVE: Final = (
    f"INSERT INTO key_set ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants
    " ON CONFLICT (issuer, key_ids) DO UPDATE SET last_seen = max(last_seen, excluded.last_seen),"
    " first_seen = min(first_seen, excluded.first_seen), url = excluded.url, data = excluded.data"
)
_SELECT: Final = (
    f"SELECT {_COLUMNS} FROM key_set WHERE issuer = ?"  # noqa: S608 - constants
    " ORDER BY last_seen DESC"
)


class StoredKeySets:
    """The port `KeySetStore` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, saved: SavedKeySet) -> None:
        """Keep a document, or move the times of the one with the same keys."""
        row = (
            saved.issuer,
            "\n".join(sorted(saved.key_ids)),
            to_text(saved.first_seen),
            to_text(saved.last_seen),
            saved.url,
            saved.raw,
        )

        def change(connection: sqlite3.Connection) -> None:
            connection.execute(_SAVE, row)

        await self._database.write(change)

    async def of(self, issuer: str) -> tuple[SavedKeySet, ...]:
        """Every kept document of a provider, the newest first."""
        return await self._database.read(
            lambda connection: tuple(_saved(row) for row in connection.execute(_SELECT, (issuer,)))
        )


def _saved(row: tuple[str, str, str, str, str, bytes]) -> SavedKeySet:
    issuer, key_ids, first, last, url, data = row
    return SavedKeySet(
        issuer=issuer,
        key_ids=tuple(key_ids.split("\n")),
        first_seen=to_time(first),
        last_seen=to_time(last),
        url=url,
        raw=data,
    )
