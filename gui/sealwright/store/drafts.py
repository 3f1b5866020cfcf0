"""Documents that are being edited, kept as bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.claims.attestation_type import AttestationType
from sealwright.services.model import Draft
from sealwright.store.timestamps import to_text, to_time

if TYPE_CHECKING:
    import sqlite3

    from sealwright.store.database import Database

_COLUMNS: Final = "id, title, data, saved, provider_id, attestation_type, path"
_SELECT: Final = f"SELECT {_COLUMNS} FROM draft ORDER BY saved, id"  # noqa: S608 - constants
_SAVE: Final = (
    f"INSERT INTO draft ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants
    " ON CONFLICT (id) DO UPDATE SET title = excluded.title, data = excluded.data,"
    " saved = excluded.saved, provider_id = excluded.provider_id,"
    " attestation_type = excluded.attestation_type, path = excluded.path"
)


class StoredDrafts:
    """The port `DraftStore` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, draft: Draft) -> None:
        """Keep the draft, durable when this returns.

        Raises:
            StorageError: disk full or read-only; the previous version is still there.
        """
        row = (
            draft.id,
            draft.title,
            draft.data,
            to_text(draft.saved),
            draft.provider_id,
            None if draft.attestation_type is None else draft.attestation_type.value,
            draft.path,
        )

        def change(connection: sqlite3.Connection) -> None:
            connection.execute(_SAVE, row)

        await self._database.write(change)

    async def drafts(self) -> tuple[Draft, ...]:
        """All drafts, oldest first."""
        return await self._database.read(
            lambda connection: tuple(_draft(row) for row in connection.execute(_SELECT))
        )

    async def discard(self, draft_id: str) -> None:
        """Forget a draft."""

        def change(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM draft WHERE id = ?", (draft_id,))

        await self._database.write(change)


def _draft(row: tuple[str, str, bytes, str, str, str | None, str]) -> Draft:
    id_, title, data, saved, provider_id, type_, path = row
    return Draft(
        id=id_,
        title=title,
        data=data,
        saved=to_time(saved),
        provider_id=provider_id,
        attestation_type=None if type_ is None else AttestationType.parse(type_),
        path=path,
    )
