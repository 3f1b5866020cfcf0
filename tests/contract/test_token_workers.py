"""What the token inspector keeps and starts: key documents, the seal, and worker processes."""

from __future__ import annotations

import base64
import json
import os
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import anyio
import pytest

from helpers.issuing import ISSUER, NOW, Issuer
from helpers.memory_stores import START, MemoryKeySets
from sealwright.composition import judging
from sealwright.composition.judging import ProcessJudges
from sealwright.errors import StorageError
from sealwright.secret import Secret
from sealwright.services.ports import SavedKeySet
from sealwright.store.database import Database
from sealwright.store.home import find_home
from sealwright.store.key_sets import StoredKeySets
from sealwright.vault.sealing import VaultSealer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sealwright.services.ports import KeySetStore


def saved(kids: tuple[str, ...], day: int, raw: bytes = b"{}") -> SavedKeySet:
    when = START + timedelta(days=day)
    return SavedKeySet("https://a.example", kids, when, when, "https://a.example/certs", raw)


@pytest.mark.parametrize("kind", ["memory", "stored"])
def test_key_documents_are_kept_by_their_keys_with_first_and_last_time(
    kind: str, tmp_path: Path
) -> None:
    async def scene(store: KeySetStore) -> None:
        for document in (saved(("a", "b"), 1), saved(("c",), 5), saved(("a", "b"), 9, b"new")):
            await store.save(document)
        found = await store.of("https://a.example")
        assert [each.key_ids for each in found] == [("a", "b"), ("c",)]
        assert found[0].raw == b"new"
        assert found[0].first_seen == START + timedelta(days=1)
        assert found[0].last_seen == START + timedelta(days=9)
        assert await store.of("https://b.example") == ()

    async def run() -> None:
        if kind == "memory":
            await scene(MemoryKeySets())
            return
        database = Database(find_home(str(tmp_path / "home")))
        try:
            await scene(StoredKeySets(database))
        finally:
            await database.close()

    anyio.run(run)


class Credentials:
    """The port CredentialVault in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Secret[str]] = {}

    async def get(self, name: str) -> Secret[str] | None:
        return self.kept.get(name)

    async def put(self, name: str, value: Secret[str]) -> None:
        self.kept[name] = value

    async def remove(self, name: str) -> None:
        self.kept.pop(name, None)


def test_what_is_sealed_opens_only_with_its_key_and_purpose() -> None:
    async def run() -> None:
        vault = Credentials()
        sealer = VaultSealer(vault, "tokens")
        assert await sealer.unseal("AAAA") is None
        first, second = await sealer.seal(b"eyJ.secret"), await sealer.seal(b"eyJ.secret")
        assert first != second
        assert "secret" not in first
        assert await sealer.unseal(first) == b"eyJ.secret"
        assert await VaultSealer(vault, "other").unseal(first) is None
        for broken in (first[:-4] + "AAAA", "?", "", "AAAA"):
            assert await sealer.unseal(broken) is None
        vault.kept["seal"] = Secret("AAAA")
        assert await sealer.unseal(first) is None
        vault.kept.clear()
        assert await sealer.unseal(first) is None

    anyio.run(run)


def work(count: int) -> tuple[str, list[str]]:
    service = Issuer()
    keys = {
        "document": base64.b64encode(service.key_set().raw).decode(),
        "issuer": ISSUER,
        "trusted": True,
        "anchors": [],
    }
    setup = {"at": NOW.isoformat(), "rules": "", "catalogue": "", "keys": [keys]}
    token = service.token()
    return json.dumps(setup), [json.dumps([at, 0, token]) for at in range(count)]


@pytest.mark.parametrize("count", [3, 260])
def test_worker_processes_answer_every_line(count: int) -> None:
    async def run() -> None:
        setup, lines = work(count)
        answers: list[dict[str, object]] = []

        async def tell(piece: Sequence[str]) -> None:
            answers.extend(json.loads(line) for line in piece)

        await ProcessJudges().judge(setup, lines, tell)
        assert sorted(int(str(answer["number"])) for answer in answers) == list(range(count))
        assert {answer["verdict"] for answer in answers} == {"valid"}

    anyio.run(run)


def test_a_worker_that_ends_early_is_an_error_and_not_a_short_list() -> None:
    async def run() -> None:
        async def tell(piece: Sequence[str]) -> None:
            del piece

        with pytest.raises(StorageError, match="ended before"):
            await ProcessJudges().judge("this is no setup", ["[]"], tell)

    anyio.run(run)


def test_a_worker_that_cannot_start_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "_command", lambda: ["/nonexistent/program"])

    async def run() -> None:
        async def tell(piece: Sequence[str]) -> None:
            del piece

        with pytest.raises(StorageError, match="cannot be started"):
            await ProcessJudges().judge(*work(1), tell)

    anyio.run(run)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no niceness")
def test_a_worker_gives_way_before_it_loads_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    script = "import os, sys; sys.stdin.readline(); print(os.nice(0))"
    monkeypatch.setattr(judging, "_command", lambda: [sys.executable, "-c", script])
    told: list[str] = []

    async def run() -> None:
        async def tell(piece: Sequence[str]) -> None:
            told.extend(piece)

        await ProcessJudges().judge("{}", ["[]"], tell)

    anyio.run(run)
    assert int(told[0]) == min(os.nice(0) + 10, 19)


def test_a_batch_that_is_called_off_leaves_no_worker_behind() -> None:
    async def run() -> None:
        setup, lines = work(3000)
        seen = anyio.Event()

        async def tell(piece: Sequence[str]) -> None:
            del piece
            seen.set()

        async with anyio.create_task_group() as group:
            group.start_soon(ProcessJudges().judge, setup, lines, tell)
            await seen.wait()
            group.cancel_scope.cancel()

    # A process that is left behind is a ResourceWarning, which fails the test.
    anyio.run(run)
