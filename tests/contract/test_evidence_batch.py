"""Hundreds of files of evidence, judged by processes of the real program."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest

from sealwright.evidence.examination import Kind
from sealwright.evidence.synthetic.making import synthesize
from sealwright.evidence.synthetic.roots import new_roots

if TYPE_CHECKING:
    from pathlib import Path

COUNT = 300
AT = "2026-11-28T00:00:00Z"
STARTED_ANEW = """
import sys
from sealwright.__main__ import main
from sealwright.cli.evidence import workers as evidence_workers
evidence_workers.can_fork = lambda: False
sys.exit(main())
"""
WAYS = {
    "copied": ["-m", "sealwright"],
    "started anew": ["-c", STARTED_ANEW],
}
"""How the other processes come to be: as on Linux, and as on other systems."""
INTERRUPTIBLE = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Starts a program that takes an interrupt, also where the tests run in a shell's background."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports that only their own sandbox vouches for, and one text among them."""
    found = tmp_path_factory.mktemp("machines")
    roots, when = new_roots(), datetime.fromisoformat(AT).astimezone(UTC)
    report = synthesize(Kind.SNP_REPORT, roots, {}, when).evidence
    for number in range(COUNT):
        (found / f"{number:03}.bin").write_bytes(report)
    (found / "007.bin").write_text("hello", "ascii")
    return found


@pytest.fixture(params=list(WAYS))
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def program(way: str, home: Path, *words: object) -> list[str]:
    start = [sys.executable, *WAYS[way], "--home", str(home / "home")]
    return [*start, "evidence", *(str(word) for word in words), "--at", AT, "--format", "json"]


def run(way: str, home: Path, *words: object) -> tuple[int, Any]:
    done = subprocess.run(program(way, home, *words), check=False, capture_output=True)
    assert done.stderr == b""
    return done.returncode, json.loads(done.stdout)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="cores cannot be counted")
def test_many_files_keep_their_order(way: str, folder: Path, tmp_path: Path) -> None:
    code, found = run(way, tmp_path, "inspect", folder)
    items = found["items"]
    assert code == 1
    assert [item["file"] for item in items] == [
        str(folder / f"{number:03}.bin") for number in range(COUNT)
    ]
    assert ["error" in item for item in items] == [number == 7 for number in range(COUNT)]
    assert {item["kind"] for item in items if "kind" in item} == {"snp-report"}


def test_an_option_that_workers_cannot_read_is_named(
    way: str, folder: Path, tmp_path: Path
) -> None:
    code, found = run(way, tmp_path, "verify", folder, "--certs", tmp_path / "none.pem")
    assert code == 2
    assert "none.pem" in found["error"]["message"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_an_interrupt_ends_the_workers_too(way: str, folder: Path, tmp_path: Path) -> None:
    # Whoever reads the pipe hangs in it, until it is opened at its other end and closed.
    pipe, names, read = tmp_path / "pipe", tmp_path / "names", Event()
    os.mkfifo(pipe)
    names.write_text("\n".join(map(str, [pipe, *sorted(folder.iterdir())])), "utf-8")
    command = program(way, tmp_path, "verify", "--files-from", names)
    running = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    opened: list[int] = []

    def reach() -> None:
        opened.append(os.open(pipe, os.O_WRONLY))
        read.set()

    Thread(target=reach, daemon=True).start()
    try:
        assert read.wait(120)
        os.kill(running.pid, signal.SIGINT)
        out, _ = running.communicate(timeout=120)
        assert running.returncode == 4
        assert json.loads(out)["error"]["code"] == "Cancelled"
        with pytest.raises(ProcessLookupError):
            os.killpg(running.pid, 0)
    finally:
        running.kill()
        running.communicate()
        for each in opened:
            os.close(each)
