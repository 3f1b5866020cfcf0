"""My keys, whole: index in SQLite, private halves in a keyring with Windows' limit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import anyio
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12

from helpers.key_files import PASSPHRASE, certificate, der, key_bytes, pem, rsa_key
from helpers.keyrings import MemoryKeyring, WindowsKeyring
from sealwright.errors import KeyMaterialError, StorageError, UsageError
from sealwright.secret import Secret
from sealwright.services.ports import NewKey
from sealwright.store.database import Database
from sealwright.store.files import write_atomically
from sealwright.store.home import find_home
from sealwright.store.keys import StoredKeyIndex
from sealwright.store.settings import StoredSettings
from sealwright.vault.credentials import StoredCredentials
from sealwright.vault.keys import StoredKeys
from sealwright.vault.stores import SecretStores

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class MovingClock:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time


class World:
    """One process on a home."""

    def __init__(self, root: Path, backend: MemoryKeyring) -> None:
        self.home = find_home(str(root))
        self.backend = backend
        self.clock = MovingClock()
        self.database = Database(self.home)
        self.index = StoredKeyIndex(self.database)
        self.stores = SecretStores(
            home_id=self.home.id,
            guard=self.home.exclusive,
            vault_file=self.home.vault_file,
            write=write_atomically,
            settings=StoredSettings(self.database),
            index=self.index,
            clock=self.clock,
            find_backend=lambda: self.backend,
        )
        self.keys = StoredKeys(self.stores)
        self.credentials = StoredCredentials(self.stores)


def play(tmp_path: Path, *scenes: Callable[[World], Awaitable[None]]) -> MemoryKeyring:
    """Run scenes one after the other, each as a process of its own on the same home."""
    backend = WindowsKeyring()

    async def run(scene: Callable[[World], Awaitable[None]]) -> None:
        world = World(tmp_path / "home", backend)
        try:
            await scene(world)
        finally:
            await world.database.close()

    for scene in scenes:
        anyio.run(run, scene)
    return backend


def test_generates_a_key_that_providers_take(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        new = NewKey("Signing 2026", bits=2048, subject="CN=Contoso policies,O=Contoso,C=DE")
        key = await world.keys.generate(new)
        assert (key.name, key.bits, key.algorithm) == ("Signing 2026", 2048, "RS256")
        shown = key.certificate
        assert shown.subject == "CN=Contoso policies,O=Contoso,C=DE"
        assert shown.is_ca
        assert shown.self_signed
        assert shown.not_after - shown.not_before == timedelta(days=730)
        assert shown.not_before < NOW < shown.not_after
        made = x509.load_der_x509_certificate(shown.der)
        assert isinstance(made.signature_hash_algorithm, hashes.SHA256)
        made.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        usage = made.extensions.get_extension_for_class(x509.KeyUsage).value
        assert usage.digital_signature
        assert usage.key_cert_sign

    play(tmp_path, scene)


@pytest.mark.parametrize("bits", [3072, 4096])
def test_larger_keys_fit_and_sign(tmp_path: Path, bits: int) -> None:
    async def scene(world: World) -> None:
        await world.keys.generate(NewKey("big", bits=bits))
        signer = await world.keys.signer("big")
        signature = await signer.sign(b"data")
        public = x509.load_der_x509_certificate(signer.certificate_chain[0]).public_key()
        assert isinstance(public, rsa.RSAPublicKey)
        public.verify(signature, b"data", padding.PKCS1v15(), hashes.SHA256())

    play(tmp_path, scene)


@pytest.mark.parametrize(
    "new",
    [
        NewKey("k", bits=1024),
        NewKey("k", bits=2049),
        NewKey("k", valid_days=0),
        NewKey("k", valid_days=99999),
        NewKey("", bits=2048),
        NewKey("a\nb", bits=2048),
        NewKey("x" * 101, bits=2048),
    ],
)
def test_refuses_to_make_nonsense(tmp_path: Path, new: NewKey) -> None:
    async def scene(world: World) -> None:
        with pytest.raises(UsageError):
            await world.keys.generate(new)

    assert play(tmp_path, scene).values == {}


def test_refuses_a_subject_that_is_no_name(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        with pytest.raises(KeyMaterialError) as caught:
            await world.keys.generate(NewKey("k", bits=2048, subject="just words"))
        assert "just words" in caught.value.summary

    play(tmp_path, scene)


def test_another_process_sees_signs_with_renames_and_deletes_the_key(tmp_path: Path) -> None:
    async def make(world: World) -> None:
        await world.keys.generate(NewKey("mine", bits=2048))

    async def use(world: World) -> None:
        assert [key.name for key in await world.keys.keys()] == ["mine"]
        signer = await world.keys.signer("MINE")
        assert len(await signer.sign(b"data")) == 256
        assert (await world.keys.rename("mine", "ours")).name == "ours"

    async def end(world: World) -> None:
        await world.keys.delete("ours")
        assert await world.keys.keys() == ()
        with pytest.raises(UsageError, match="no key named"):
            await world.keys.signer("ours")

    assert play(tmp_path, make, use, end).values == {}


def test_listing_asks_the_keyring_for_nothing(tmp_path: Path) -> None:
    async def make(world: World) -> None:
        await world.keys.generate(NewKey("mine", bits=2048))

    async def look(world: World) -> None:
        def broken() -> MemoryKeyring:
            raise AssertionError("asked")

        world.stores._keyring._find = broken  # noqa: SLF001 - the guard of this test
        assert len(await world.keys.keys()) == 1
        await world.keys.signer("mine")

    play(tmp_path, make, look)


def test_names_are_taken_in_any_case(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        await world.keys.generate(NewKey("Mine", bits=2048))
        with pytest.raises(UsageError, match="`Mine` already"):
            await world.keys.generate(NewKey("mINE", bits=2048))
        assert (await world.keys.rename("mine", "MINE")).name == "MINE"

    play(tmp_path, scene)


def test_imports_through_the_child_and_exports_what_others_can_read(tmp_path: Path) -> None:
    key = rsa_key()
    own = certificate(key)
    data = key_bytes(key, passphrase=PASSPHRASE)

    async def scene(world: World) -> None:
        imported = await world.keys.import_key(
            "old", data, certificates=pem(own), passphrase=Secret(PASSPHRASE)
        )
        assert imported.chain == (der(own),)
        secret = Secret("export it")
        text = await world.keys.export_key("old", form="pkcs8", passphrase=secret)
        assert b"ENCRYPTED PRIVATE KEY" in text
        read = load_pem_private_key(text, b"export it")
        assert isinstance(read, rsa.RSAPrivateKey)
        assert read.private_numbers() == key.private_numbers()
        bundle = await world.keys.export_key("old", form="pkcs12", passphrase=secret)
        content = pkcs12.load_pkcs12(bundle, b"export it")
        assert content.cert is not None
        assert content.cert.certificate == own

    play(tmp_path, scene)


def test_a_refusal_of_the_child_keeps_its_words(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        with pytest.raises(KeyMaterialError) as caught:
            await world.keys.import_key("k", key_bytes(rsa_key()), certificates=b"")
        assert caught.value.details["check"] == "no-certificate"
        assert caught.value.hint

    assert play(tmp_path, scene).values == {}


def test_no_export_without_a_passphrase(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        await world.keys.generate(NewKey("mine", bits=2048))
        with pytest.raises(UsageError, match="passphrase"):
            await world.keys.export_key("mine", form="pkcs8", passphrase=Secret(""))

    play(tmp_path, scene)


def test_a_keyring_that_fails_half_way_leaves_no_key_and_no_rest(tmp_path: Path) -> None:
    async def fail(world: World) -> None:
        world.backend.calls_left = 2
        with pytest.raises(StorageError):
            await world.keys.generate(NewKey("mine", bits=4096))
        world.backend.calls_left = None
        assert await world.keys.keys() == ()

    async def later(world: World) -> None:
        world.clock.time = NOW + timedelta(hours=2)
        await world.keys.generate(NewKey("mine", bits=2048))
        await world.keys.delete("mine")

    assert play(tmp_path, fail, later).values == {}


def test_a_private_half_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        await world.keys.generate(NewKey("mine", bits=2048))
        world.backend.values.clear()
        with pytest.raises(StorageError, match="private half of the key `mine`"):
            await (await world.keys.signer("mine")).sign(b"data")
        await world.keys.delete("mine")

    play(tmp_path, scene)


def test_no_private_key_is_in_the_home_folder(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        await world.keys.import_key(
            "k", key_bytes(rsa_key()), certificates=pem(certificate(rsa_key()))
        )
        await world.credentials.put("contoso", Secret("very secret"))

    play(tmp_path, scene)
    prime = rsa_key().private_numbers().p
    needle = prime.to_bytes((prime.bit_length() + 7) // 8)
    for path in (tmp_path / "home").rglob("*"):
        if path.is_file():
            raw = path.read_bytes()
            assert needle not in raw
            assert b"very secret" not in raw


def test_memory_only_leaves_nothing_and_is_asked_for_each_time(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        assert (await world.stores.choose("memory")).backend == "memory only"
        await world.keys.generate(NewKey("passing", bits=2048))
        await world.credentials.put("token", Secret("abc"))
        assert await world.credentials.get("token") == Secret("abc")
        signer = await world.keys.signer("passing")
        assert len(await signer.sign(b"x")) == 256

    async def after(world: World) -> None:
        assert await world.keys.keys() == ()
        assert await world.credentials.get("token") is None
        assert (await world.keys.status()).kind == "keyring"

    assert play(tmp_path, scene, after).values == {}


def test_the_vault_file_is_kept_as_the_choice_and_needs_its_passphrase(tmp_path: Path) -> None:
    passphrase = Secret("correct horse battery")

    async def scene(world: World) -> None:
        await world.keys.generate(NewKey("in the keyring", bits=2048))
        await world.stores.choose("file", passphrase)
        await world.keys.generate(NewKey("in the file", bits=2048))

    async def locked(world: World) -> None:
        status = await world.keys.status()
        assert (status.kind, status.usable) == ("file", False)
        with pytest.raises(StorageError, match="locked"):
            await (await world.keys.signer("in the file")).sign(b"x")
        assert await (await world.keys.signer("in the keyring")).sign(b"x")
        await world.stores.choose("file", passphrase)
        assert await (await world.keys.signer("in the file")).sign(b"x")

    play(tmp_path, scene, locked)


def test_credentials_are_replaced_found_and_forgotten(tmp_path: Path) -> None:
    async def put(world: World) -> None:
        await world.credentials.put("contoso", Secret("old"))
        await world.credentials.put("contoso", Secret("nëw" * 2000))

    async def read(world: World) -> None:
        assert await world.credentials.get("contoso") == Secret("nëw" * 2000)
        assert await world.credentials.get("fabrikam") is None
        await world.credentials.remove("contoso")
        await world.credentials.remove("contoso")
        assert await world.credentials.get("contoso") is None

    assert play(tmp_path, put, read).values == {}


def test_purge_removes_every_secret_of_the_home(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        await world.keys.generate(NewKey("mine", bits=2048))
        await world.credentials.put("contoso", Secret("old"))
        assert await world.stores.purge() == ()

    assert play(tmp_path, scene).values == {}


def test_purge_names_what_it_could_not_remove(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        await world.credentials.put("contoso", Secret("old"))
        world.backend.calls_left = 0
        assert await world.stores.purge() == ("credential/contoso",)

    play(tmp_path, scene)
