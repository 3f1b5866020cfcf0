"""Applies over many providers, and how each target of them stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.services.ports.fleet import FleetEntry, FleetRecord
from sealwright.store.timestamps import to_text, to_time

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from sealwright.store.database import Database

_COLUMNS: Final = (
    "provider_id, attestation_type, wanted, wanted_hash, state, detail, request_id, before, after"
)
_INSERT: Final = (
    f"INSERT INTO fleet_target (run_id, place, {_COLUMNS})"  # noqa: S608 - constants
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_UPDATE: Final = (
    "UPDATE fleet_target SET state = ?, detail = ?, request_id = ?, before = ?, after = ?"
    " WHERE run_id = ? AND provider_id = ? AND attestation_type = ?"
)
_LAST: Final = (
    "SELECT id, workspace, started, finished FROM fleet_run WHERE workspace = ? OR ? = ''"
    " ORDER BY started DESC, rowid DESC LIMIT 1"
)
_TARGETS: Final = (
    f"SELECT {_COLUMNS} FROM fleet_target"  # noqa: S608 - constants
    " WHERE run_id = ? ORDER BY place"
)


class StoredFleet:
    """The port `FleetJournal` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(
        self, run_id: str, workspace: str, started: datetime, entries: tuple[FleetEntry, ...]
    ) -> None:
        """Note an apply before its first change; durable when this returns."""

        def change(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO fleet_run (id, workspace, started) VALUES (?, ?, ?)",
                (run_id, workspace, to_text(started)),
            )
            connection.executemany(
                _INSERT, [(run_id, place, *_row(entry)) for place, entry in enumerate(entries)]
            )

        await self._database.write(change)

    async def note(self, run_id: str, entry: FleetEntry) -> None:
        """Note how one target stands; durable when this returns."""
        values = (entry.state, entry.detail, entry.request_id, entry.before, entry.after)

        def change(connection: sqlite3.Connection) -> None:
            connection.execute(
                _UPDATE, (*values, run_id, entry.provider_id, entry.attestation_type)
            )

        await self._database.write(change)

    async def finish(self, run_id: str, finished: datetime) -> None:
        """Note that it came to its end."""

        def change(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE fleet_run SET finished = ? WHERE id = ?", (to_text(finished), run_id)
            )

        await self._database.write(change)

    async def last(self, workspace: str = "") -> FleetRecord | None:
        """The newest apply of a workspace, or of all; None when there was none."""

        def find(connection: sqlite3.Connection) -> FleetRecord | None:
            found = connection.execute(_LAST, (workspace, workspace)).fetchone()
            if found is None:
                return None
            run_id, place, started, finished = found
            return FleetRecord(
                id=run_id,
                workspace=place,
                started=to_time(started),
                finished=None if finished is None else to_time(finished),
                entries=tuple(FleetEntry(*row) for row in connection.execute(_TARGETS, (run_id,))),
            )

        return await self._database.read(find)


def _row(entry: FleetEntry) -> tuple[str, ...]:
    return (
        entry.provider_id,
        entry.attestation_type,
        entry.wanted,
        entry.wanted_hash,
        entry.state,
        entry.detail,
        entry.request_id,
        entry.before,
        entry.after,
    )
