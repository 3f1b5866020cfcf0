"""G10: the longest gap of a 1 ms ticker while keys, a long policy or quotes are worked on."""

from __future__ import annotations

import gc
import os
import statistics
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from benchmarks.policy_corpus import noisy_policy_of
from benchmarks.rounds import say
from benchmarks.test_g10_gets import longest_gap, plain_loop
from helpers import vectors
from helpers.key_files import certificate, key_bytes, pem, rsa_key
from helpers.keyrings import MemoryKeyring
from sealwright.claims import AttestationType, Catalogue
from sealwright.evidence.basis.trust import Trust, parse_anchors
from sealwright.evidence.examination import Given
from sealwright.evidence.examine import examine
from sealwright.evidence.given_files import read_collateral
from sealwright.policy.checking.linter import Analysis
from sealwright.services.ports import NewKey
from sealwright.store.clock import SystemClock
from sealwright.store.database import Database
from sealwright.store.files import write_atomically
from sealwright.store.home import find_home
from sealwright.store.keys import StoredKeyIndex
from sealwright.store.resources import resource
from sealwright.store.settings import StoredSettings
from sealwright.vault.keys import StoredKeys
from sealwright.vault.stores import SecretStores

if TYPE_CHECKING:
    import threading
    from collections.abc import Awaitable, Callable

ROUNDS, BITS, SIGNATURES, QUOTES, SIZE = 5, 4096, 50, 200, 1_000_000
_QUOTE = "sgx-dcap-with-collateral"


class Vault:
    """Keys of a home whose keyring is in memory."""

    def __init__(self, folder: Path) -> None:
        home = find_home(str(folder))
        self._backend = MemoryKeyring()
        self.database = Database(home)
        stores = SecretStores(
            home_id=home.id,
            guard=home.exclusive,
            vault_file=home.vault_file,
            write=write_atomically,
            settings=StoredSettings(self.database),
            index=StoredKeyIndex(self.database),
            clock=SystemClock(),
            find_backend=lambda: self._backend,
        )
        self.keys = StoredKeys(stores)
        self._names = (f"key-{number}" for number in count())
        self._file = key_bytes(rsa_key(BITS)), pem(certificate(rsa_key(BITS)))

    async def make(self) -> None:
        await self.keys.generate(NewKey(next(self._names), bits=BITS))

    async def take(self) -> None:
        key, certificates = self._file
        await self.keys.import_key(next(self._names), key, certificates=certificates)

    async def use(self) -> None:
        signer = await self.keys.signer("key-0")
        for number in range(SIGNATURES):
            await signer.sign(b"%d" % number)


def awaited(call: Callable[[], Awaitable[None]], begun: threading.Event) -> None:
    async def run() -> None:
        begun.set()
        await call()

    anyio.run(run)


def opened(text: str, catalogue: Catalogue, begun: threading.Event) -> None:
    begun.set()
    assert Analysis.of(text, catalogue, AttestationType.SGX_ENCLAVE).diagnostics


def verified(data: bytes, given: Given, begun: threading.Event) -> None:
    begun.set()
    for _ in range(QUOTES):
        assert examine(data, given).kind


def test_g10_works(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "home")
    names = (Path(__file__).parents[2] / "resources" / "claims.json").read_text("utf-8")
    text, catalogue = noisy_policy_of(SIZE), Catalogue.from_json(names)
    when = datetime(2025, 6, 25, tzinfo=UTC)
    anchors = parse_anchors(resource("trust/anchors.json").read_bytes())
    collateral = read_collateral([vectors.read("evidence", f"{_QUOTE}.collateral.json")])
    given = Given(Trust(anchors, when), collateral=collateral)
    works = {
        f"RSA-{BITS} key made": partial(awaited, vault.make),
        f"RSA-{BITS} key imported": partial(awaited, vault.take),
        f"RSA-{BITS} key used {SIGNATURES} times": partial(awaited, vault.use),
        f"policy of {SIZE} characters opened": partial(opened, text, catalogue),
        f"{QUOTES} quotes verified": partial(
            verified, vectors.read("evidence", f"{_QUOTE}.bin"), given
        ),
    }
    # As in the window, whose garbage is collected on its own thread.
    gc.disable()
    try:
        for name, work in works.items():
            pairs = [
                (longest_gap(work), longest_gap(plain_loop))
                for _ in range(int(os.environ.get("SEALWRIGHT_BENCH_ROUNDS", ROUNDS)))
            ]
            ratio = statistics.median(mine / its for mine, its in pairs)
            mine, its = (statistics.median(each) * 1e3 for each in zip(*pairs, strict=True))
            say(
                f"longest gap, {name} / plain loop: {ratio:.2f}, goal 2:"
                f" {'met' if ratio <= 2 else 'MISSED'}  [{mine:.1f} ms, {its:.1f} ms]"
            )
    finally:
        gc.enable()
        anyio.run(vault.database.close)
