"""The local database, really on disk: durable, shared by processes, whole after every failure."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import anyio
import pytest

from sealwright.claims.attestation_type import AttestationType
from sealwright.claims.claim import Claim
from sealwright.errors import StorageError
from sealwright.services.model import Draft, NewActivity, Provider, SavedCase, TrustModel
from sealwright.store import migrations
from sealwright.store.activity import StoredActivity
from sealwright.store.cases import StoredCases
from sealwright.store.clock import SystemClock
from sealwright.store.database import Database
from sealwright.store.drafts import StoredDrafts
from sealwright.store.history import StoredHistory
from sealwright.store.home import Home, find_home
from sealwright.store.providers import StoredProviders
from sealwright.store.settings import StoredSettings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

NOW = datetime(2026, 11, 24, 12, 30, 15, 123456, tzinfo=UTC)
SGX = AttestationType.SGX_ENCLAVE
TPM = AttestationType.TPM
ENTRY = NewActivity("me", "contoso", "Policy SgxEnclave upload", "proven", "r-1", "a", "b", "ü")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return find_home(str(tmp_path / "home"))


def run(home: Home, *scenes: Callable[[Database], Awaitable[None]]) -> None:
    """Play scenes, each as a process of its own on the same home."""

    async def play(scene: Callable[[Database], Awaitable[None]]) -> None:
        database = Database(home)
        try:
            await scene(database)
        finally:
            await database.close()

    for scene in scenes:
        anyio.run(play, scene)


def draft(data: bytes = b"\xef\xbb\xbfversion=1.0;\r\n\x00") -> Draft:
    return Draft("d1", "p.policy", data, NOW, "provider", SGX, "/home/me/p.policy")


def tamper(home: Home, statement: str) -> None:
    connection = sqlite3.connect(home.database)
    try:
        connection.execute(statement)
        connection.commit()
    finally:
        connection.close()


def test_another_process_reads_what_was_kept(home: Home) -> None:
    provider = Provider(
        id="/subscriptions/1/p",
        name="contoso",
        attest_uri="https://contoso.sandbox.invalid",
        trust_model=TrustModel.ISOLATED,
        location="sandbox",
        status="Ready",
        cloud="Sandbox",
        subscription="1",
        subscription_name="Production",
        tags={"owner": "Zoë"},
        created=NOW,
    )

    async def write(database: Database) -> None:
        await StoredProviders(database).put(provider)
        await StoredDrafts(database).save(draft())
        await StoredSettings(database).put("theme", '"dark"')

    async def read(database: Database) -> None:
        assert await StoredProviders(database).providers() == (provider,)
        assert await StoredDrafts(database).drafts() == (draft(),)
        assert await StoredSettings(database).get("theme") == '"dark"'
        assert await StoredSettings(database).get("other") is None
        await StoredProviders(database).remove(provider.id)
        await StoredDrafts(database).discard("d1")
        await StoredDrafts(database).discard("d1")
        assert await StoredProviders(database).providers() == ()

    run(home, write, read)


def test_history_keeps_every_text_once_and_each_sighting(home: Home) -> None:
    async def scene(database: Database) -> None:
        history = StoredHistory(database, SystemClock())

        async def record(text: str, origin: str, kind: AttestationType = SGX) -> int:
            hashes = {"policy_hash": "h-" + text, "token_hash": "t-" + text}
            entry = await history.record("p", kind, text, **hashes, origin=origin)
            return entry.seq

        first = await record("one\r\n\0é", "sent")
        assert await record("one\r\n\0é", "sent") == first
        assert await record("one\r\n\0é", "seen") != first
        await record("two", "sent")
        await record("one\r\n\0é", "sent")
        await record("one\r\n\0é", "sent", TPM)
        found = await history.entries("p", SGX)
        assert [entry.text for entry in found] == ["one\r\n\0é", "two", "one\r\n\0é", "one\r\n\0é"]
        assert len(await history.find("h-one\r\n\0é")) == 4
        count = await database.read(
            lambda c: c.execute("SELECT count(*) FROM policy_text").fetchone()[0]
        )
        assert count == 2

    run(home, scene)


async def add_rows(database: Database, count: int = 4) -> None:
    log = StoredActivity(database, SystemClock())
    for _ in range(count):
        await log.append(ENTRY)


async def first_broken(database: Database) -> int | None:
    return await StoredActivity(database, SystemClock()).verify()


def test_the_chain_of_the_log_holds_and_pages(home: Home) -> None:
    async def scene(database: Database) -> None:
        log = StoredActivity(database, SystemClock())
        assert await log.verify() is None
        await add_rows(database)
        newest = await log.entries(limit=2)
        assert [row.seq for row in newest] == [4, 3]
        assert newest[0].previous == newest[1].hash
        older = await log.entries(limit=9, before=3)
        assert [row.seq for row in older] == [2, 1]
        assert older[-1].previous == "0" * 64
        assert await log.verify() is None

    run(home, scene)


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE activity SET result = 'done' WHERE seq = 2", 2),
        ("UPDATE activity SET time = 'yesterday' WHERE seq = 3", 3),
        ("DELETE FROM activity WHERE seq = 1", 1),
        ("DELETE FROM activity WHERE seq = 3", 3),
        ("DELETE FROM activity WHERE seq = 4", 4),
        ("DELETE FROM activity", 1),
        ("UPDATE activity SET hash = previous WHERE seq = 4", 4),
    ],
)
def test_whatever_is_changed_in_the_log_shows(home: Home, statement: str, broken: int) -> None:
    run(home, add_rows)
    tamper(home, statement)

    async def scene(database: Database) -> None:
        assert await first_broken(database) == broken

    run(home, scene)


WRITER = """
import sys, anyio
from sealwright.services.model import NewActivity
from sealwright.store.activity import StoredActivity
from sealwright.store.cases import StoredCases
from sealwright.store.clock import SystemClock
from sealwright.store.database import Database
from sealwright.store.home import find_home

async def main():
    log = StoredActivity(Database(find_home(sys.argv[1])), SystemClock())
    for number in range(int(sys.argv[2])):
        row = await log.append(NewActivity(sys.argv[3], "here", f"change {number}", "done"))
        print(row.seq, flush=True)
    await log._database.close()

anyio.run(main)
"""


def writer(home: Home, count: int, name: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", WRITER, str(home.root), str(count), name]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def test_processes_write_beside_each_other_from_the_first_moment(home: Home) -> None:
    started = [writer(home, 25, name) for name in ("a", "b", "c")]
    for process in started:
        process.communicate(timeout=60)
        assert process.returncode == 0

    async def scene(database: Database) -> None:
        assert await first_broken(database) is None
        rows = await StoredActivity(database, SystemClock()).entries()
        assert [row.seq for row in rows] == list(range(75, 0, -1))

    run(home, scene)


def test_what_comes_after_the_close_is_kept_and_leaves_nothing_open(home: Home) -> None:
    async def late(database: Database) -> None:
        await database.close()
        await StoredDrafts(database).save(draft())
        # SQLite takes its log away with the last connection.
        assert not home.database.with_name(f"{home.database.name}-wal").exists()

    async def next_start(database: Database) -> None:
        assert await StoredDrafts(database).drafts() == (draft(),)

    run(home, late, next_start)


def test_a_killed_process_loses_nothing_it_was_told_is_kept(home: Home) -> None:
    process = writer(home, 100_000, "victim")
    assert process.stdout is not None
    told = [int(process.stdout.readline()) for _ in range(40)]
    process.kill()
    process.wait()
    process.stdout.close()

    async def scene(database: Database) -> None:
        assert await first_broken(database) is None
        rows = await StoredActivity(database, SystemClock()).entries(limit=1)
        assert rows[0].seq >= told[-1]
        await add_rows(database, 1)

    run(home, scene)


def test_a_full_disk_keeps_the_earlier_draft_and_says_so(home: Home) -> None:
    async def scene(database: Database) -> None:
        drafts = StoredDrafts(database)
        await drafts.save(draft(b"old"))

        def fill(connection: sqlite3.Connection) -> None:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages}")

        await database.read(fill)
        with pytest.raises(StorageError, match="disk is full") as caught:
            await drafts.save(draft(b"x" * 2**20))
        assert "space" in caught.value.hint
        assert (await drafts.drafts())[0].data == b"old"
        await database.read(lambda c: c.execute("PRAGMA max_page_count = 100000").fetchone())
        await drafts.save(draft(b"new"))
        assert (await drafts.drafts())[0].data == b"new"

    run(home, scene)


def test_a_read_only_database_still_reads(home: Home) -> None:
    async def scene(database: Database) -> None:
        drafts = StoredDrafts(database)
        await drafts.save(draft())
        await database.read(lambda c: c.execute("PRAGMA query_only = ON").fetchone())
        with pytest.raises(StorageError, match="read-only"):
            await drafts.save(draft(b"new"))
        assert await drafts.drafts() == (draft(),)

    run(home, scene)


@pytest.mark.parametrize(
    "data", [b"this is no database" * 100, b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_damaged_database_is_a_sentence(home: Home, data: bytes) -> None:
    home.database.write_bytes(data)

    async def scene(database: Database) -> None:
        with pytest.raises(StorageError, match="damaged") as caught:
            await StoredDrafts(database).drafts()
        assert "backups" in caught.value.hint

    run(home, scene)
    assert home.database.read_bytes() == data


def test_the_database_of_a_newer_program_is_refused_untouched(home: Home) -> None:
    run(home, add_rows)
    tamper(home, "PRAGMA user_version = 99")

    async def scene(database: Database) -> None:
        with pytest.raises(StorageError, match="newer Sealwright"):
            await add_rows(database)

    run(home, scene)


def test_a_copy_is_kept_before_each_migration(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    run(home, add_rows)
    known = migrations.MIGRATIONS
    assert not home.backups.exists()
    monkeypatch.setattr(migrations, "MIGRATIONS", (*known, "CREATE TABLE later (x TEXT) STRICT;"))

    async def scene(database: Database) -> None:
        assert await first_broken(database) is None
        await database.write(lambda c: c.execute("INSERT INTO later VALUES ('y')").rowcount)

    run(home, scene)
    copies = list(home.backups.iterdir())
    assert len(copies) == 1
    connection = sqlite3.connect(copies[0])
    try:
        assert connection.execute("SELECT count(*) FROM activity").fetchone() == (4,)
        assert connection.execute("PRAGMA user_version").fetchone() == (len(known),)
    finally:
        connection.close()


def test_a_migration_that_fails_changes_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(home, add_rows)
    broken = "CREATE TABLE later (x TEXT) STRICT; INSERT INTO nowhere VALUES (1);"
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, broken))

    async def fails(database: Database) -> None:
        with pytest.raises(StorageError):
            await add_rows(database)

    run(home, fails)
    monkeypatch.undo()
    run(home, add_rows)


def test_settings_of_the_connection_are_the_ones_that_keep_data(home: Home) -> None:
    async def scene(database: Database) -> None:
        def read(connection: sqlite3.Connection) -> list[object]:
            names = ("journal_mode", "synchronous", "foreign_keys")
            return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

        assert await database.read(read) == ["wal", 2, 1]

    run(home, scene)


def test_a_saved_case_is_there_in_the_next_process_and_gone_once_discarded(home: Home) -> None:
    claims = (Claim("x-ms-sgx-svn", 2, "AttestationService"), Claim("ü", "text"), Claim("b", True))  # noqa: FBT003 - a claim's value
    case = SavedCase("c1", "case", SGX, claims, "deny", NOW)

    async def save(database: Database) -> None:
        await StoredCases(database).save(case)

    async def look(database: Database) -> None:
        (found,) = await StoredCases(database).cases()
        assert found == case
        await StoredCases(database).discard("c1")
        assert await StoredCases(database).cases() == ()

    run(home, save, look)
