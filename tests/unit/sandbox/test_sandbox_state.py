"""The sandbox's file: full disks, other versions, and what a new home contains."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from helpers.administrator import Administrator
from helpers.sandbox_client import SteadyClock, open_client
from sealwright.errors import StorageError, UsageError
from sealwright.sandbox.directory import Directory
from sealwright.sandbox.records import Trust
from sealwright.sandbox.sandbox import open_sandbox
from sealwright.sandbox.serving.listeners import Listeners
from sealwright.sandbox.serving.seeding import Wanted, ensure_provider, signer_of, wanted
from sealwright.sandbox.serving.serve import STATE_FILE, reset
from sealwright.sandbox.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    state = State(tmp_path / "sandbox.db")
    yield state
    state.close()


def limit_pages(state: State, pages: int) -> None:
    with state.reading() as db:
        db.execute(f"PRAGMA max_page_count={pages}")


def put_two(state: State, facts: dict[str, bytes], then: Callable[[], object] = int) -> None:
    with state.writing():
        for name, value in facts.items():
            with state.writing():
                state.put_fact(name, value)
        then()


def test_a_full_disk_loses_nothing_that_was_there(state: State) -> None:
    state.put_fact("kept", b"before")
    limit_pages(state, 1)

    with pytest.raises(StorageError):
        put_two(state, {"kept": b"half done", "large": bytes(10_000_000)})
    assert state.fact("kept") == b"before"

    limit_pages(state, 1_000_000)
    state.put_fact("kept", b"after")
    again = State(state.path)
    assert (again.fact("kept"), again.fact("large")) == (b"after", None)
    again.close()


def test_an_error_undoes_the_whole_change(state: State) -> None:
    with pytest.raises(ZeroDivisionError):
        put_two(state, {"one": b"1", "two": b"2"}, then=lambda: 1 // 0)

    assert (state.fact("one"), state.fact("two")) == (None, None)


def test_a_file_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.db"
    State(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version=99")
    db.close()

    with pytest.raises(StorageError) as refused:
        State(path)

    assert "newer version" in refused.value.details["reason"]


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / STATE_FILE
    path.write_bytes(b"something else entirely " * 100)

    with pytest.raises(StorageError):
        State(path)
    reset(tmp_path)

    assert not path.exists()


def test_the_file_is_for_its_owner_only(state: State) -> None:
    assert state.path.stat().st_mode & 0o077 == 0


def test_a_new_home_is_another_sandbox(tmp_path: Path) -> None:
    sandboxes = [open_sandbox(tmp_path / name, SteadyClock()) for name in ("a.db", "b.db", "a.db")]

    first, other, again = (sandbox.identity for sandbox in sandboxes)
    for sandbox in sandboxes:
        sandbox.close()

    assert first == again
    assert first.tenant != other.tenant
    assert first.client_secret != other.client_secret


def test_a_reset_makes_new_keys(tmp_path: Path) -> None:
    before = open_sandbox(tmp_path / STATE_FILE, SteadyClock())
    identity = before.identity
    with pytest.raises(StorageError, match="in use"):
        reset(tmp_path)
    before.close()

    reset(tmp_path)
    after = open_sandbox(tmp_path / STATE_FILE, SteadyClock())

    assert after.identity.tenant != identity.tenant
    after.close()


@pytest.mark.parametrize("text", ["", "name", "name:", "name:Private", "x:AAD", "a b c:AAD"])
def test_what_does_not_ask_for_a_provider(text: str) -> None:
    with pytest.raises(UsageError):
        wanted(text)


def test_asked_twice_a_provider_is_made_once(tmp_path: Path) -> None:
    client = open_client(tmp_path / "sandbox.db")
    core = client.sandbox.core

    first = ensure_provider(core, wanted("mine:isolated"), [Administrator("root").certificate])
    second = ensure_provider(core, Wanted("mine", Trust.ISOLATED), [])
    with pytest.raises(UsageError, match="Isolated"):
        ensure_provider(core, wanted("MINE:AAD"), [])

    assert first == second
    assert core.holdings.certificates(second) == (Administrator("root").certificate,)
    assert signer_of(core, "mine") == signer_of(core, "MINE")
    client.sandbox.close()


@pytest.mark.anyio
async def test_a_default_policy_can_be_replaced_on_one_provider(tmp_path: Path) -> None:
    client = open_client(tmp_path / "sandbox.db")
    async with client.http:
        await client.sign_in()
        for name in ("mine", "other"):
            await client.create(name)
        text = "version= 1.0;authorizationrules{};"
        wanted = {"provider": "mine", "type": "Tpm", "text": text}
        kept = (await client.operate("PUT", "defaults", wanted)).json()
        unknown = await client.operate("PUT", "defaults", wanted | {"provider": "nobody"})

        tokens = [
            (await client.data("GET", name, "/policies/Tpm")).json()["token"]
            for name in ("mine", "other")
        ]

    assert kept == {"defaults": [wanted]}
    assert unknown.status_code == 400
    assert len(tokens[0]) > len(tokens[1])
    client.sandbox.close()


def test_what_is_remembered_is_read_again_after_any_change(state: State) -> None:
    def kept(from_state: State) -> bytes | None:
        def read(db: sqlite3.Connection) -> bytes | None:
            row = db.execute("SELECT value FROM facts WHERE name = 'kept'").fetchone()
            return None if row is None else bytes(row[0])

        return from_state.remembered("kept", read)

    def fail() -> None:
        assert kept(state) == b"undone"
        raise UsageError("no")

    other = State(state.path)
    assert kept(state) is None
    state.put_fact("kept", b"own")
    assert (kept(state), kept(other)) == (b"own", b"own")
    other.put_fact("kept", b"other")
    assert (kept(state), kept(other)) == (b"other", b"other")
    with pytest.raises(UsageError):
        put_two(state, {"kept": b"undone"}, fail)
    assert kept(state) == b"other"
    other.close()


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_port_that_cannot_be_is_refused(state: State, port: int) -> None:
    with pytest.raises(UsageError, match=f"no port {port}"):
        Listeners(Directory(state), "127.0.0.1").bind_front(port)
