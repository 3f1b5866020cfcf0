"""Files, home, one window a home, and bundled resources on this computer's disk."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest

import sealwright
from sealwright.errors import StorageError
from sealwright.store.files import LocalFiles, write_atomically
from sealwright.store.home import VARIABLE, find_home
from sealwright.store.locks import exclusive
from sealwright.store.resources import resource, resources_folder
from sealwright.store.window import WindowLock

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = LocalFiles()


def write(path: Path, data: bytes) -> None:
    anyio.run(FILES.write, str(path), data)


def read(path: Path, limit: int = 1000) -> bytes:
    async def call() -> bytes:
        return await FILES.read(str(path), limit=limit)

    return anyio.run(call)


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_writes_bytes_as_they_are_and_leaves_nothing_beside_them(tmp_path: Path) -> None:
    path = tmp_path / "p.policy"
    for data in (b"one\r\n", b"", b"\xef\xbb\xbftwo\n"):
        write(path, data)
        assert read(path) == data
    assert left_in(tmp_path) == ["p.policy"]


@pytest.mark.skipif(os.name == "nt", reason="links and pipes of POSIX")
def test_finds_what_can_be_read_or_says_why_not_and_nothing_endless(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "a.jwt").write_bytes(b"a")
    (tmp_path / "gone.jwt").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe.jwt")
    found = anyio.run(FILES.find, str(tmp_path), ".jwt")
    assert found == ("below/a.jwt", "gone.jwt")


@pytest.mark.skipif(os.name == "nt", reason="permissions and links of POSIX")
def test_keeps_permissions_and_follows_links(tmp_path: Path) -> None:
    real, link = tmp_path / "real.policy", tmp_path / "link.policy"
    real.write_bytes(b"old")
    real.chmod(0o640)
    link.symlink_to(real)
    write(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert real.stat().st_mode & 0o777 == 0o640
    write_atomically(tmp_path / "ours", b"x")
    assert (tmp_path / "ours").stat().st_mode & 0o777 == 0o600


def test_refuses_more_than_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "big"
    path.write_bytes(b"x" * 11)
    with pytest.raises(StorageError, match="larger than"):
        read(path, limit=10)
    assert read(path, limit=11) == b"x" * 11


@pytest.mark.parametrize(
    ("name", "words"),
    [("none", "no such file"), ("", "a folder"), ("a\0b", "not a path"), ("x" * 300, "too long")],
)
def test_says_why_a_file_cannot_be_read(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(StorageError, match=words):
        read(tmp_path / name)


def test_says_why_a_file_cannot_be_written(tmp_path: Path) -> None:
    for path, words in ((tmp_path / "no" / "x", "no such"), (tmp_path, "a folder")):
        with pytest.raises(StorageError, match=words):
            write(path, b"x")


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    path = tmp_path / "p.policy"
    write(path, b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    if call == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StorageError, match="disk is full") as caught:
        write(path, b"new")
    assert "space" in caught.value.hint
    monkeypatch.undo()
    assert read(path) == b"old"
    assert left_in(tmp_path) == ["p.policy"]


def test_the_home_is_what_option_variable_or_system_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "variable"))
    assert find_home(str(tmp_path / "option")).root == tmp_path / "option"
    assert find_home().root == tmp_path / "variable"
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    if sys.platform.startswith("linux"):
        assert find_home().root == tmp_path / "data" / "sealwright"
    assert (tmp_path / "option").stat().st_mode & 0o077 == 0


def test_a_home_keeps_its_id_and_no_two_have_one(tmp_path: Path) -> None:
    one, other = find_home(str(tmp_path / "one")), find_home(str(tmp_path / "other"))
    assert one.id() == find_home(str(tmp_path / "one")).id()
    assert one.id() != other.id()
    (one.root / "home-id").write_text("broken", "ascii")
    with pytest.raises(StorageError, match="name of a home"):
        one.id()


def test_processes_that_start_together_agree_on_the_id(tmp_path: Path) -> None:
    code = "import sys; from sealwright.store.home import find_home; home = find_home(sys.argv[1])"
    command = [sys.executable, "-c", f"{code}; print(home.id())", str(tmp_path / "home")]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(4)]
    assert len({process.communicate(timeout=30)[0] for process in started}) == 1


def test_a_lock_keeps_others_out_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with exclusive(path), pytest.raises(StorageError, match="busy"), exclusive(path, patience=0.05):
        pass
    with exclusive(path, patience=0.05):
        pass


HOLDER = """
import sys, threading
from sealwright.store.home import find_home
from sealwright.store.window import WindowLock
lock = WindowLock(find_home(sys.argv[1]))
print(lock.take(), flush=True)
lock.listen(lambda: print("raised", flush=True))
print("listening", flush=True)
sys.stdin.readline()
lock.release()
"""


@pytest.fixture
def first_window(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "home")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline().strip() == b"True"
    assert process.stdout.readline().strip() == b"listening"
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def test_a_second_window_raises_the_first(
    tmp_path: Path, first_window: subprocess.Popen[bytes]
) -> None:
    second = WindowLock(find_home(str(tmp_path / "home")))
    assert second.take() is False
    assert second.raise_first() is True
    assert first_window.stdout is not None
    assert first_window.stdout.readline().strip() == b"raised"
    assert first_window.stdin is not None
    first_window.stdin.write(b"\n")
    first_window.stdin.flush()
    assert first_window.wait(10) == 0
    assert second.take() is True
    second.release()


def test_a_killed_window_leaves_the_home_free(
    tmp_path: Path, first_window: subprocess.Popen[bytes]
) -> None:
    first_window.kill()
    first_window.wait()
    second = WindowLock(find_home(str(tmp_path / "home")))
    assert second.take() is True
    assert second.raise_first() is False
    second.listen(lambda: None)
    second.release()


def test_a_stranger_cannot_raise_the_window(tmp_path: Path) -> None:
    home = find_home(str(tmp_path / "home"))
    lock = WindowLock(home)
    raised = threading.Event()
    assert lock.take()
    lock.listen(raised.set)
    try:
        known = (home.root / "window.address").read_text("ascii")
        assert (home.root / "window.address").stat().st_mode & 0o077 == 0
        key = known.split('"key": "')[1][:64]
        (home.root / "window.address").write_text(known.replace(key, "0" * 64), "ascii")
        assert WindowLock(home).raise_first() is False
        assert not raised.is_set()
        (home.root / "window.address").write_text(known, "ascii")
        assert WindowLock(home).raise_first() is True
        assert raised.is_set()
    finally:
        lock.release()


def test_an_editable_install_reads_the_repositorys_resources() -> None:
    repository = Path(sealwright.__path__[0]).resolve().parents[1]
    if not (repository / "pyproject.toml").exists():
        pytest.skip("this is no editable install")
    assert resources_folder() == repository / "resources"
    assert resource("claims.json").is_file()


def test_only_a_file_is_in_the_way_of_another(tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"")
    found = [anyio.run(FILES.exists, str(tmp_path / name)) for name in ("there", "gone", ".")]
    assert found == [True, False, False]
    assert not anyio.run(FILES.exists, "no\0path")
