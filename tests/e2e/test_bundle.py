"""The bundle does the main job where there is no repository and no Python."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import pytest

import sealwright
from sealwright.cli.table import TABLE

if TYPE_CHECKING:
    from helpers.private_session import PrivateSession

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("SEALWRIGHT_BUNDLE", ROOT / "dist" / "sealwright" / "sealwright"))
SHOTS = ROOT / "build" / "screenshots" / "bundle"

_KEYRING_ITEMS = """
import secretstorage
bus = secretstorage.dbus_init()
collection = secretstorage.get_default_collection(bus)
print([item.get_attributes().get("service") for item in collection.get_all_items()])
"""


class Step(TypedDict):
    id: str
    ok: bool
    detail: str


class Report(TypedDict):
    ok: bool
    steps: list[Step]
    keyring: str
    qtPlatform: str
    resources: str


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the bundle, away from the repository."""
    if not PROGRAM.exists():
        pytest.skip("there is no bundle; packaging/dev.py bundle builds it")
    folder = tmp_path_factory.mktemp("elsewhere") / "Sealwright bundle"
    shutil.copytree(PROGRAM.parent, folder, symlinks=True)
    return folder / PROGRAM.name


def _run(
    bundle: Path, session: PrivateSession, *arguments: str
) -> subprocess.CompletedProcess[str]:
    empty = session.home / "empty"
    empty.mkdir(exist_ok=True)
    assert shutil.which("python3", path=str(empty)) is None
    env = session.env | {"PATH": str(empty), "QT_QPA_PLATFORM": "offscreen"}
    env = {name: value for name, value in env.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [str(bundle), *arguments],
        cwd=empty,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def _report(done: subprocess.CompletedProcess[str]) -> Report:
    assert done.stdout.startswith("{"), done.stdout + done.stderr
    report: Report = json.loads(done.stdout)
    assert [step for step in report["steps"] if not step["ok"]] == []
    assert report["ok"]
    assert done.returncode == 0
    return report


def test_bundle_says_its_version(bundle: Path, session: PrivateSession) -> None:
    done = _run(bundle, session, "--version")
    assert sealwright.__version__ in done.stdout
    assert done.returncode == 0


def test_bundle_has_every_command(bundle: Path, session: PrivateSession) -> None:
    first = {
        module: tuple(word for word in (group, name) if word)
        for group, commands in TABLE.items()
        for name, (module, _) in commands.items()
    }
    for module, words in first.items():
        done = _run(bundle, session, *words, "--help")
        assert done.returncode == 0, f"{module}: {done.stdout}{done.stderr}"


def test_bundle_makes_and_reads_evidence(bundle: Path, session: PrivateSession) -> None:
    home = ("--home", str(session.home / "evidence"))
    file = str(session.home / "evidence.json")
    made = _run(
        bundle, session, "evidence", "synthesize", "--kind", "snp-aci", "--output", file, *home
    )
    assert made.returncode == 0, made.stdout + made.stderr
    seen = _run(bundle, session, "evidence", "inspect", file, "--format", "json", *home)
    assert seen.returncode == 0, seen.stdout + seen.stderr
    assert json.loads(seen.stdout)["kind"] == "snp-aci"


def test_bundle_does_the_main_job(bundle: Path, session: PrivateSession) -> None:
    report = _report(_run(bundle, session, "selftest", "--format", "json"))
    steps = [step["id"] for step in report["steps"]]
    assert steps.index("add-signer") < steps.index("upload") < steps.index("roll-back")
    assert "Secret Service" in report["keyring"]
    assert report["qtPlatform"] == "offscreen"
    assert report["resources"].startswith(str(bundle.parent))


def test_bundle_leaves_nothing_in_the_keyring(bundle: Path, session: PrivateSession) -> None:
    _report(_run(bundle, session, "selftest", "--format", "json"))
    items = subprocess.run(
        [sys.executable, "-c", _KEYRING_ITEMS],
        env=session.env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert items.stdout.strip() == "[]"


def test_bundle_does_the_main_job_in_its_window(bundle: Path, session: PrivateSession) -> None:
    shutil.rmtree(SHOTS, ignore_errors=True)
    SHOTS.mkdir(parents=True)
    _report(
        _run(bundle, session, "selftest", "--window", "--screenshots", str(SHOTS), "--format=json")
    )
    pictures = sorted(SHOTS.glob("*.png"))
    assert len(pictures) > 3
    assert all(picture.stat().st_size > 20_000 for picture in pictures)
