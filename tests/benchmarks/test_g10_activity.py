"""G10: a durable row of the activity log, beside the same bytes appended to a file and synced."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import anyio

from benchmarks.rounds import measure, report
from sealwright.services.model import NewActivity
from sealwright.store.activity import StoredActivity
from sealwright.store.clock import SystemClock
from sealwright.store.database import Database
from sealwright.store.home import find_home

ROWS = 200
_ENTRY = NewActivity(
    who="admin@contoso.example",
    where="contoso-prod-weu",
    what="Upload policy SgxEnclave",
    result="proven",
    before="0" * 64,
    after="1" * 64,
    request_id="5f0c6d2e-9d35-4a55-8f2b-3f4f1b9f2a77",
)


def ours(database: Database) -> None:
    async def append() -> None:
        log = StoredActivity(database, SystemClock())
        for _ in range(ROWS):
            await log.append(_ENTRY)

    anyio.run(append)


def bare(path: Path) -> None:
    line = f"{_ENTRY}\n".encode()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for _ in range(ROWS):
        os.write(descriptor, line)
        os.fdatasync(descriptor)
    os.close(descriptor)


def test_g10_activity() -> None:
    # pytest's own folder may lie in memory, where a sync costs nothing.
    with tempfile.TemporaryDirectory(dir=Path(__file__).parent) as folder:
        home = find_home(folder)
        database = Database(home)
        found = measure(
            {
                f"{ROWS} activity rows": lambda: ours(database),
                "append and fdatasync": lambda: bare(Path(folder) / "bare.log"),
            },
            rounds=9,
        )
        anyio.run(database.close)
    report(found, f"{ROWS} activity rows", "append and fdatasync", 1.2)
