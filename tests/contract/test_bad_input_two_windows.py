"""Two windows on one home: the second start raises the first; commands work beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from sealwright.store.home import Home, find_home
from sealwright.store.window import WindowLock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_START = 120.0


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return find_home(str(tmp_path / "home"))


def command(home: Home, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "sealwright", "--home", str(home.root), *arguments]


def ended(home: Home, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run to the end."""
    return subprocess.run(
        command(home, *arguments),
        env=_env(),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def _env() -> dict[str, str]:
    backend = "keyring.backends.null.Keyring"
    return {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHON_KEYRING_BACKEND": backend}


def _listening(home: Home) -> int | None:
    """The process that the address file names; a killed window leaves one behind."""
    path = home.root / "window.address"
    return json.loads(path.read_bytes())["pid"] if path.exists() else None


@contextmanager
def window(home: Home) -> Iterator[subprocess.Popen[bytes]]:
    """A window that is open and listens."""
    process = subprocess.Popen(command(home), env=_env(), stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + _START
        while _listening(home) != process.pid:
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.1)
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_second_start_raises_the_first_and_commands_work_beside_it(home: Home) -> None:
    with window(home) as first:
        second = ended(home)
        assert (second.returncode, second.stderr) == (0, "")
        assert first.poll() is None
        for words in (("provider", "list"), ("activity", "verify"), ("key", "list")):
            beside = ended(home, *words)
            assert beside.returncode == 0, beside.stderr
    # After a kill the home is free again, whatever its address file says.
    with window(home):
        pass


def test_a_first_window_that_does_not_answer_is_said(home: Home) -> None:
    lock = WindowLock(home)
    assert lock.take()
    try:
        ran = ended(home)
    finally:
        lock.release()
    assert ran.returncode == 3
    assert "does not answer" in ran.stderr
    assert "--home" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="others always have a display")
def test_a_window_without_a_display_says_so_and_names_the_commands(home: Home) -> None:
    ran = _without_display(command(home))
    assert ran.returncode == 2
    assert "There is no display" in ran.stderr
    assert "sealwright --help" in ran.stderr
    assert not home.database.exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="others always have a display")
def test_a_selftest_in_a_window_without_a_display_names_the_unseen_one() -> None:
    ran = _without_display([sys.executable, "-m", "sealwright", "selftest", "--window"])
    assert ran.returncode == 2
    assert "QT_QPA_PLATFORM=offscreen" in ran.stderr


def _without_display(words: list[str]) -> subprocess.CompletedProcess[str]:
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    bare = {name: value for name, value in os.environ.items() if name not in names}
    return subprocess.run(words, env=bare, capture_output=True, text=True, timeout=180, check=False)
