"""G10: a durable row of the activity log, beside the same bytes appended to a file and synced.

How long a disk takes for a sync changes within seconds, so the rounds are short and many. What
SQLite itself and the way to a worker thread take stands beside it: where a sync is quicker than
these, no row of a database can be as quick as the bare file.
"""

from __future__ import annotations

import os
import sqlite3
import statistics
import tempfile
from pathlib import Path

import anyio
import anyio.to_thread
from anyio.from_thread import start_blocking_portal

from benchmarks.rounds import measure, report, say
from sealwright.services.model import NewActivity
from sealwright.store.activity import StoredActivity
from sealwright.store.clock import SystemClock
from sealwright.store.database import Database
from sealwright.store.home import find_home

ROWS = 25
_ENTRY = NewActivity(
    who="admin@contoso.example",
    where="contoso-prod-weu",
    what="Upload policy SgxEnclave",
    result="proven",
    before="0" * 64,
    after="1" * 64,
    request_id="5f0c6d2e-9d35-4a55-8f2b-3f4f1b9f2a77",
)


async def ours(database: Database) -> None:
    log = StoredActivity(database, SystemClock())
    for _ in range(ROWS):
        await log.append(_ENTRY)


async def hop() -> None:
    for _ in range(ROWS):
        await anyio.to_thread.run_sync(id, None)


def bare(path: Path) -> None:
    line = f"{_ENTRY}\n".encode()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for _ in range(ROWS):
        os.write(descriptor, line)
        os.fdatasync(descriptor)
    os.close(descriptor)


def insert(connection: sqlite3.Connection) -> None:
    for _ in range(ROWS):
        connection.execute("INSERT INTO rows (row) VALUES (?)", (f"{_ENTRY}",))


def bare_database(path: Path) -> sqlite3.Connection:
    """As durable as the log's, and nothing else in it."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE rows (seq INTEGER PRIMARY KEY, row TEXT)")
    return connection


def test_g10_activity() -> None:
    # pytest's own folder may lie in memory, where a sync costs nothing.
    with (
        tempfile.TemporaryDirectory(dir=Path(__file__).parent) as folder,
        # As in the window: the loop runs already.
        start_blocking_portal() as portal,
    ):
        home = find_home(folder)
        database = Database(home)
        alone = bare_database(Path(folder) / "bare.db")
        found = measure(
            {
                f"{ROWS} activity rows": lambda: portal.call(ours, database),
                "append and fdatasync": lambda: bare(Path(folder) / "bare.log"),
                "SQLite alone": lambda: insert(alone),
                "thread and back": lambda: portal.call(hop),
            },
            rounds=50,
        )
        alone.close()
        portal.call(database.close)
    report(found, f"{ROWS} activity rows", "append and fdatasync", 1.2)
    for case in ("SQLite alone", "thread and back", "append and fdatasync"):
        say(f"  {case}: {statistics.median(found[case]) / ROWS * 1e3:.3f} ms a row")
