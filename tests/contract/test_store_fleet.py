"""Applies are kept on disk as they stand, so that a cut-off one is known at the next start."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import anyio

from sealwright.services.ports.fleet import FleetEntry
from sealwright.store.database import Database
from sealwright.store.fleet import StoredFleet
from sealwright.store.home import find_home

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 24, 12, 30, 15, tzinfo=UTC)
ENTRY = FleetEntry("p1", "SgxEnclave", "a.policy", "hash", "waiting", before="old")


def test_an_apply_is_known_again_by_another_process(tmp_path: Path) -> None:
    home = find_home(str(tmp_path / "home"))
    other = replace(ENTRY, provider_id="p0")

    async def first() -> None:
        database = Database(home)
        journal = StoredFleet(database)
        await journal.begin("r0", "/w", NOW - timedelta(days=1), (ENTRY,))
        await journal.finish("r0", NOW)
        await journal.begin("r1", "/w", NOW, (ENTRY, other))
        await journal.note("r1", replace(ENTRY, state="proven", detail="ü", after="new"))
        await database.close()

    async def second() -> None:
        database = Database(home)
        journal = StoredFleet(database)
        found = await journal.last("/w")
        assert found is not None
        assert found.cut_off
        assert found.started == NOW
        assert found.entries == (replace(ENTRY, state="proven", detail="ü", after="new"), other)
        assert await journal.last("/elsewhere") is None
        assert found == await journal.last()
        assert found.workspace == "/w"
        await journal.finish("r1", NOW)
        ended = await journal.last("/w")
        assert ended is not None
        assert not ended.cut_off
        await database.close()

    anyio.run(first)
    anyio.run(second)
