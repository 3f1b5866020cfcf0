"""One contract for every place that keeps secrets: real keyring, Windows' limits, file, memory."""

from __future__ import annotations

import gc
import os
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING

import pytest
from keyring.errors import KeyringLocked

from helpers.keyrings import (
    ForgetfulKeyring,
    MemoryKeyring,
    PlaintextKeyring,
    UnprotectedKeyring,
    WindowsError,
    WindowsKeyring,
)
from helpers.secret_service import lock_collection, secret_service, secret_service_session
from sealwright.errors import StorageError
from sealwright.secret import Secret
from sealwright.store.files import write_atomically
from sealwright.vault.file_box import FileBox
from sealwright.vault.keyring_box import KeyringBox
from sealwright.vault.memory_box import MemoryBox

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from keyring.backend import KeyringBackend

    from helpers.private_session import PrivateSession
    from sealwright.vault.box import Box

__all__ = ["secret_service", "secret_service_session"]

HOME_ID = "00112233445566778899aabbccddeeff"
PASSPHRASE = Secret("correct horse battery staple")
KEY_SIZED = os.urandom(2400)
"""About an RSA-4096 key as PKCS#8."""


def keyring_box(backend: KeyringBackend, home_id: str = HOME_ID) -> KeyringBox:
    return KeyringBox(lambda: home_id, lambda _: nullcontext(), lambda: backend)


def backend_of(kind: Callable[[], KeyringBackend]) -> KeyringBackend:
    """Make a backend; keyring's own constructors have no types."""
    return kind()


def file_box(path: Path, passphrase: Secret[str] | None = PASSPHRASE) -> FileBox:
    box = FileBox(path, lambda _: nullcontext(), write_atomically, cost=2**10)
    if passphrase is not None:
        box.unlock(passphrase)
    return box


@pytest.fixture(
    params=[
        pytest.param("secret-service", marks=pytest.mark.keyring),
        "windows",
        "unknown",
        "file",
        "memory",
    ]
)
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Box:
    made: dict[str, Callable[[], Box]] = {
        "secret-service": lambda: keyring_box(request.getfixturevalue("secret_service")),
        "windows": lambda: keyring_box(WindowsKeyring()),
        "unknown": lambda: keyring_box(MemoryKeyring()),
        "file": lambda: file_box(tmp_path / "vault.sealed"),
        "memory": MemoryBox,
    }
    return made[request.param]()


@pytest.mark.parametrize("data", [b"", b"\x00\xff", KEY_SIZED, b"x" * 60_000], ids=len)
def test_gives_back_what_it_was_given(box: Box, data: bytes) -> None:
    box.write("entry", data)
    assert box.read("entry") == data


def test_replaces_and_forgets(box: Box) -> None:
    box.write("entry", KEY_SIZED)
    box.write("entry", b"new")
    assert box.read("entry") == b"new"
    box.remove("entry")
    assert box.read("entry") is None
    box.remove("entry")


def test_keeps_names_apart(box: Box) -> None:
    box.write("key/1", b"one")
    box.write("key/2", b"two")
    box.remove("key/1")
    assert box.read("key/2") == b"two"


def test_says_that_it_works(box: Box) -> None:
    status = box.probe()
    assert status.usable, status.problem
    assert status.kind == box.kind


@pytest.mark.keyring
def test_names_the_real_keyring(secret_service: KeyringBackend) -> None:
    assert keyring_box(secret_service).probe().backend == "Secret Service (GNOME Keyring)"


@pytest.mark.keyring
def test_homes_do_not_see_each_other_in_the_real_keyring(secret_service: KeyringBackend) -> None:
    one = keyring_box(secret_service)
    other = keyring_box(secret_service, "f" * 32)
    one.write("entry", b"mine")
    assert other.read("entry") is None
    other.remove("entry")
    assert one.read("entry") == b"mine"


# keyring leaves its connection open when it finds the collection locked.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.keyring
def test_a_question_that_was_cancelled_is_said_and_keeps_the_secrets(
    secret_service: KeyringBackend, secret_service_session: PrivateSession
) -> None:
    from helpers.dismissing_prompter import DismissingPrompter  # noqa: PLC0415 - Linux only

    box = keyring_box(secret_service)
    box.write("denied", b"secret")
    lock_collection()
    try:
        with DismissingPrompter() as prompter:
            status = box.probe()
        assert prompter.asked[:2] == ["BeginPrompting", "PerformPrompt"]
        assert not status.usable
        assert "it was not unlocked when it asked" in status.problem
        assert "Give its password when it asks" in status.hint
    finally:
        gc.collect()
        secret_service_session.restart_keyring()
    assert box.read("denied") == b"secret"


# keyring leaves its connection open when it finds the collection locked.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.keyring
def test_a_locked_keyring_says_so_and_keeps_its_secrets(
    secret_service: KeyringBackend, secret_service_session: PrivateSession
) -> None:
    box = keyring_box(secret_service)
    box.write("locked", b"secret")
    lock_collection()
    try:
        status = box.probe()
        assert not status.usable
        assert "locked" in status.problem
        with pytest.raises(StorageError, match="locked") as caught:
            box.read("locked")
        assert caught.value.hint
        del caught
    finally:
        gc.collect()
        secret_service_session.restart_keyring()
    assert box.read("locked") == b"secret"


def test_a_windows_keyring_that_fails_half_way_keeps_the_old_value() -> None:
    for calls in range(1, 12):
        backend = WindowsKeyring()
        box = keyring_box(backend)
        box.write("entry", KEY_SIZED)
        backend.calls_left = calls
        new = os.urandom(3000)
        try:
            box.write("entry", new)
            expected = new
        except StorageError:
            expected = KEY_SIZED
        backend.calls_left = None
        assert box.read("entry") == expected
        box.remove("entry")
        assert backend.values == {}


def test_no_value_is_too_long_for_windows() -> None:
    backend = WindowsKeyring()
    keyring_box(backend).write("entry", os.urandom(9000))
    assert max(len(value) for value in backend.values.values()) <= 1280


def test_no_backend_at_all_is_a_sentence_with_a_way_out() -> None:
    from keyring.backends.fail import Keyring  # noqa: PLC0415 - only here

    box = keyring_box(backend_of(Keyring))
    status = box.probe()
    assert (status.usable, status.kind) == (False, "none")
    assert "No OS keyring" in status.problem
    assert "memory" in status.hint
    with pytest.raises(StorageError, match="No OS keyring"):
        box.write("entry", b"secret")


def test_a_session_without_a_bus_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from keyring.backends.SecretService import Keyring  # noqa: PLC0415 - Linux only

    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    with pytest.raises(StorageError) as caught:
        keyring_box(backend_of(Keyring)).read("entry")
    assert caught.value.hint


@pytest.mark.parametrize("kind", [PlaintextKeyring, UnprotectedKeyring])
def test_a_store_in_plain_text_is_refused(kind: type[MemoryKeyring]) -> None:
    backend = kind()
    with pytest.raises(StorageError, match=r"does not protect|not one that protects"):
        keyring_box(backend).write("entry", b"secret")
    assert backend.values == {}


def test_the_null_backend_is_refused() -> None:
    from keyring.backends.null import Keyring  # noqa: PLC0415 - only here

    with pytest.raises(StorageError, match="switched off"):
        keyring_box(backend_of(Keyring)).write("entry", b"secret")


def test_of_a_chain_the_first_good_one_is_used() -> None:
    good = MemoryKeyring()
    chain = type(
        "ChainerBackend",
        (MemoryKeyring,),
        {"__module__": "keyring.backends.chainer", "backends": (PlaintextKeyring(), good)},
    )()
    keyring_box(chain).write("entry", b"secret")
    assert good.values


def test_a_backend_that_keeps_nothing_is_found_out() -> None:
    box = keyring_box(ForgetfulKeyring())
    assert not box.probe().usable
    with pytest.raises(StorageError, match="does not give back"):
        box.write("entry", b"secret")


@pytest.mark.parametrize(
    ("code", "words"), [(5, "denied"), (1223, "denied"), (1312, "session"), (1783, "too long")]
)
def test_errors_of_windows_are_words(code: int, words: str) -> None:
    backend = WindowsKeyring()
    box = keyring_box(backend)
    box.write("entry", b"x")
    backend.calls_left, backend.failure = 0, WindowsError(code, "CredWrite")
    with pytest.raises(StorageError, match=words) as caught:
        box.write("entry", b"y")
    assert caught.value.details["code"] == str(code)


class KeychainDenied(Exception):  # noqa: N818 - its name in keyring.backends.macOS.api
    """What the user's "Deny" comes to on macOS, below keyring's own exception."""


def test_a_denied_keychain_is_told_from_a_locked_one() -> None:
    backend = MemoryKeyring()
    box = keyring_box(backend)
    box.write("entry", b"x")
    backend.calls_left, backend.failure = 0, KeyringLocked("Can't store password on keychain")
    locked = box.probe()
    backend.failure.__cause__ = KeychainDenied()
    denied = box.probe()
    assert "locked" in locked.problem
    assert "password" in locked.hint
    assert denied.problem == "Access to the OS keyring was denied."
    assert "Allow Sealwright" in denied.hint


def test_every_exception_of_the_libraries_has_words_of_its_own() -> None:
    import keyring.errors  # noqa: PLC0415 - only here
    import secretstorage.exceptions  # noqa: PLC0415 - only here

    from sealwright.vault.keyring_errors import _BY_NAME  # noqa: PLC0415 - the table itself

    for module in (keyring.errors, secretstorage.exceptions):
        for name, found in vars(module).items():
            if isinstance(found, type) and issubclass(found, Exception):
                assert name in _BY_NAME, name


def test_no_error_shows_the_secret() -> None:
    backend = MemoryKeyring()
    box = keyring_box(backend)
    box.write("entry", b"x")
    backend.calls_left, backend.failure = 0, RuntimeError("could not keep 'c2VjcmV0'")
    with pytest.raises(StorageError) as caught:
        box.write("entry", b"secret")
    assert "c2VjcmV0" not in f"{caught.value} {caught.value.hint} {caught.value.details}"


def test_the_vault_file_opens_with_its_passphrase_only(tmp_path: Path) -> None:
    path = tmp_path / "vault.sealed"
    file_box(path).write("entry", b"secret value")
    assert file_box(path).read("entry") == b"secret value"
    with pytest.raises(StorageError, match="passphrase does not open"):
        file_box(path, Secret("another passphrase"))
    with pytest.raises(StorageError, match="locked"):
        file_box(path, None).read("entry")


def test_the_vault_file_shows_neither_values_nor_names(tmp_path: Path) -> None:
    path = tmp_path / "vault.sealed"
    file_box(path).write("credential/contoso", b"secret value")
    raw = path.read_bytes()
    assert b"secret" not in raw
    assert b"contoso" not in raw
    assert path.stat().st_mode & 0o077 == 0


def test_a_vault_file_that_was_changed_does_not_open(tmp_path: Path) -> None:
    path = tmp_path / "vault.sealed"
    file_box(path).write("entry", b"secret")
    raw = path.read_bytes()
    path.write_bytes(raw.replace(b'"cost": 1024', b'"cost": 2048'))
    with pytest.raises(StorageError, match="does not open"):
        file_box(path)
    path.write_bytes(b"not a vault")
    with pytest.raises(StorageError, match="damaged"):
        file_box(path)


def test_a_vault_file_cannot_ask_for_all_memory(tmp_path: Path) -> None:
    path = tmp_path / "vault.sealed"
    file_box(path).write("entry", b"secret")
    path.write_bytes(path.read_bytes().replace(b'"cost": 1024', b'"cost": 1073741824'))
    with pytest.raises(StorageError, match="damaged"):
        file_box(path)


def test_two_processes_on_one_vault_file_see_each_other(tmp_path: Path) -> None:
    one, other = (file_box(tmp_path / "vault.sealed") for _ in range(2))
    one.write("a", b"1")
    other.write("b", b"2")
    assert (one.read("b"), other.read("a")) == (b"2", b"1")


def test_a_short_passphrase_makes_no_vault(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="shorter"):
        file_box(tmp_path / "vault.sealed", Secret("short"))
    assert not (tmp_path / "vault.sealed").exists()


def test_a_full_disk_keeps_the_old_vault(tmp_path: Path) -> None:
    path = tmp_path / "vault.sealed"
    file_box(path).write("entry", b"old")

    def full(_path: object, _data: bytes) -> None:
        raise StorageError("The disk is full.")

    box = FileBox(path, lambda _: nullcontext(), full, cost=2**10)
    box.unlock(PASSPHRASE)
    write = partial(box.write, "entry", b"new")
    with pytest.raises(StorageError, match="full"):
        write()
    assert box.read("entry") == b"old"
