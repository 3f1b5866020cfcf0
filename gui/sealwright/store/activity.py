"""The activity log: rows that only grow, each chained to the one before by SHA-256.

The hash of a row covers all its fields and the hash before it, so a change, a gap or a swap shows
at the first row that does not hold. The end of the chain is kept beside it, so missing rows at the
end show too. It proves accidents and careless edits, not an attacker who rewrites the whole file.
"""

from __future__ import annotations

import hashlib
import json
from functools import partial
from typing import TYPE_CHECKING, Final

from sealwright.errors import StorageError
from sealwright.services.model import ActivityEntry
from sealwright.store.timestamps import to_text, to_time

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from sealwright.services.model import NewActivity
    from sealwright.services.ports import Clock
    from sealwright.store.database import Database

    _Row = tuple[int, str, str, str, str, str, str, str, str, str, str, str]

FIRST: Final = "0" * 64
"""What stands as the hash before the first row."""

_COLUMNS: Final = (
    "seq, time, who, place, what, result, request_id, before, after, detail, previous, hash"
)
_SELECT: Final = f"SELECT {_COLUMNS} FROM activity"  # noqa: S608 - constants
_INSERT: Final = f"INSERT INTO activity ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants
_NEWEST: Final = 2**62


class StoredActivity:
    """The port `ActivityLog` on SQLite."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def append(self, entry: NewActivity) -> ActivityEntry:
        """Add a row, durable when this returns."""
        return await self._database.write(partial(_append, entry, self._clock.now()))

    async def entries(
        self, *, limit: int = 1000, before: int | None = None
    ) -> tuple[ActivityEntry, ...]:
        """Newest first; `before` is a sequence number to page by."""
        page = (_NEWEST if before is None else before, limit)
        query = f"{_SELECT} WHERE seq < ? ORDER BY seq DESC LIMIT ?"
        return await self._database.read(
            lambda connection: tuple(_entry(row) for row in connection.execute(query, page))
        )

    async def verify(self) -> int | None:
        """None when the chain holds, else the sequence number of the first row that does not."""
        return await self._database.read(_first_broken)


def _hash(fields: tuple[object, ...]) -> str:
    """The hash that a row must have after these columns."""
    text = json.dumps(fields, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _append(entry: NewActivity, time: datetime, connection: sqlite3.Connection) -> ActivityEntry:
    end = connection.execute("SELECT seq, hash FROM activity_end").fetchone()
    seq, previous = end if end is not None else (0, FIRST)
    fields = (
        seq + 1,
        to_text(time),
        entry.who,
        entry.where,
        entry.what,
        entry.result,
        entry.request_id,
        entry.before,
        entry.after,
        entry.detail,
        previous,
    )
    row = (*fields, _hash(fields))
    connection.execute(_INSERT, row)
    connection.execute("INSERT OR REPLACE INTO activity_end VALUES (1, ?, ?)", (row[0], row[-1]))
    return _entry(row)


def _first_broken(connection: sqlite3.Connection) -> int | None:
    seq, previous = 0, FIRST
    # One read transaction: a row added meanwhile is seen whole or not at all.
    connection.execute("BEGIN")
    try:
        for row in connection.execute(f"{_SELECT} ORDER BY seq"):
            entry = _follows(row, seq, previous)
            if entry is None:
                return seq + 1
            seq, previous = entry.seq, entry.hash
        end = connection.execute("SELECT seq, hash FROM activity_end").fetchone()
    finally:
        connection.execute("COMMIT")
    expected = None if seq == 0 else (seq, previous)
    return None if end == expected else seq + 1


def _follows(row: _Row, seq: int, previous: str) -> ActivityEntry | None:
    """The row as an entry when it is the one after (`seq`, `previous`) and unchanged."""
    try:
        entry = _entry(row)
    except StorageError:
        return None
    place = (entry.seq, entry.previous)
    return entry if place == (seq + 1, previous) and entry.hash == _hash(row[:-1]) else None


def _entry(row: _Row) -> ActivityEntry:
    seq, time, who, place, what, result, request_id, before, after, detail, previous, hash_ = row
    return ActivityEntry(
        seq=seq,
        time=to_time(time),
        who=who,
        where=place,
        what=what,
        result=result,
        request_id=request_id,
        before=before,
        after=after,
        detail=detail,
        previous=previous,
        hash=hash_,
    )
