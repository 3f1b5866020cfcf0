"""Claim sets kept for dry runs and policy tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sealwright.claims.attestation_type import AttestationType
from sealwright.claims.notation import claim_from_json, claim_to_json
from sealwright.services.model import SavedCase
from sealwright.store.timestamps import to_text, to_time

if TYPE_CHECKING:
    import sqlite3

    from sealwright.store.database import Database

_COLUMNS: Final = "id, name, attestation_type, claims, decision, saved"
_SELECT: Final = (
    f"SELECT {_COLUMNS} FROM test_case"  # noqa: S608 - constants
    " ORDER BY name COLLATE NOCASE, id"
)
_SAVE: Final = (
    f"INSERT INTO test_case ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants
    " ON CONFLICT (id) DO UPDATE SET name = excluded.name,"
    " attestation_type = excluded.attestation_type, claims = excluded.claims,"
    " decision = excluded.decision, saved = excluded.saved"
)


class StoredCases:
    """The port `CaseStore` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, case: SavedCase) -> None:
        """Keep or replace by id, durable when this returns.

        Raises:
            StorageError: disk full or read-only; the previous version is still there.
        """
        row = (
            case.id,
            case.name,
            None if case.attestation_type is None else case.attestation_type.value,
            json.dumps([claim_to_json(claim) for claim in case.claims], ensure_ascii=False),
            case.decision,
            to_text(case.saved),
        )

        def change(connection: sqlite3.Connection) -> None:
            connection.execute(_SAVE, row)

        await self._database.write(change)

    async def cases(self) -> tuple[SavedCase, ...]:
        """All of them, by name."""
        return await self._database.read(
            lambda connection: tuple(_case(row) for row in connection.execute(_SELECT))
        )

    async def discard(self, case_id: str) -> None:
        """Forget a case."""

        def change(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM test_case WHERE id = ?", (case_id,))

        await self._database.write(change)


def _case(row: tuple[str, str, str | None, str, str, str]) -> SavedCase:
    id_, name, type_, claims, decision, saved = row
    return SavedCase(
        id=id_,
        name=name,
        attestation_type=None if type_ is None else AttestationType.parse(type_),
        claims=tuple(claim_from_json(each) for each in json.loads(claims)),
        decision=decision,
        saved=to_time(saved),
    )
