"""Who no longer wants recent tokens to be kept finds none of them in any file, not even sealed."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import anyio
import pytest

from sealwright.composition.opening import open_services
from sealwright.errors import StorageError
from sealwright.services.tokens.recent import RecentToken
from sealwright.store import database
from sealwright.store.home import Home, find_home

if TYPE_CHECKING:
    from pathlib import Path

    from sealwright.services.bundle import Services

_PIECE = 24
"""Characters of a sealed text that nothing else holds by chance."""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return find_home(str(tmp_path / "home"))


def traces(home: Home, sealed: set[str]) -> list[str]:
    """Names of the files that hold a piece of a sealed text."""
    pieces = [
        text[at : at + _PIECE].encode("ascii")
        for text in sealed
        for at in range(0, len(text) - _PIECE, _PIECE)
    ]
    assert pieces
    files = [each for each in home.root.rglob("*") if each.is_file()]
    contents = {each.name: each.read_bytes() for each in files}
    return [name for name, data in contents.items() if any(piece in data for piece in pieces)]


async def kept(services: Services) -> set[str]:
    """Look at tokens of all sizes; every text under which they were ever kept."""
    recent, texts = services.tokens.recent_tokens, set()
    await recent.keep(on=True)
    for size in (100, 3000, 20_000, 40):
        await recent.add(RecentToken(f"of {size}", "eyJ" + "x" * size))
        texts.add(await services.settings.get("tokens.recent") or "")
    assert len(await recent.all()) == 4
    return texts


async def opened(home: Home) -> Services:
    services = await open_services(home)
    await services.vault.choose("memory")
    return services


def test_nothing_of_them_is_left_in_a_file_and_a_new_start_works(home: Home) -> None:
    async def scene() -> None:
        services = await opened(home)
        try:
            texts = await kept(services)
            assert traces(home, texts)
            recent = services.tokens.recent_tokens
            await recent.keep(on=False)
            assert traces(home, texts) == []
            assert await recent.all() == ()
            await recent.keep(on=True)
            assert await recent.all() == ()
            await recent.add(RecentToken("new", "eyJ"))
            assert [each.title for each in await recent.all()] == ["new"]
        finally:
            await services.close()

    anyio.run(scene)


def test_nothing_is_left_where_sqlite_does_not_overwrite_what_it_deletes(home: Home) -> None:
    async def scene() -> None:
        services = await opened(home)
        try:
            texts = await kept(services)
            leave_free_pages(home)
            assert traces(home, texts) == ["sealwright.db"]
            await services.tokens.recent_tokens.keep(on=False)
            assert traces(home, texts) == []
        finally:
            await services.close()

    anyio.run(scene)


def leave_free_pages(home: Home) -> None:
    """Delete everything as most builds of SQLite do; this system's may overwrite it with zeros."""
    connection = sqlite3.connect(home.database, isolation_level=None)
    try:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("DELETE FROM setting WHERE name = 'tokens.recent'")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert connection.execute("PRAGMA freelist_count").fetchone() > (0,)
    finally:
        connection.close()


def test_a_copy_made_before_is_not_read_any_more(home: Home) -> None:
    async def scene() -> None:
        services = await opened(home)
        try:
            await kept(services)
            copy = await services.settings.get("tokens.recent") or ""
            await services.tokens.recent_tokens.keep(on=False)
            await services.tokens.recent_tokens.keep(on=True)
            await services.settings.put("tokens.recent", copy)
            assert await services.tokens.recent_tokens.all() == ()
        finally:
            await services.close()

    anyio.run(scene)


def test_another_process_that_reads_is_said_and_the_next_try_erases(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_PATIENCE", 0.05)

    async def scene() -> None:
        services = await opened(home)
        reader = sqlite3.connect(home.database, isolation_level=None)
        try:
            texts = await kept(services)
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM setting").fetchone()
            with pytest.raises(StorageError, match="another process"):
                await services.tokens.recent_tokens.keep(on=False)
            assert not await services.tokens.recent_tokens.kept()
            reader.execute("COMMIT")
            await services.tokens.recent_tokens.keep(on=False)
            assert traces(home, texts) == []
        finally:
            reader.close()
            await services.close()

    anyio.run(scene)
