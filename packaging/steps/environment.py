"""The virtual environment in `.venv`, with the locked packages and the project itself."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from typing import TYPE_CHECKING, Dict

from steps import console
from steps.console import ROOT, say, timed

if TYPE_CHECKING:
    from pathlib import Path

VENV = ROOT / ".venv"
LOCKS = {
    "run": ROOT / "packaging" / "requirements.txt",
    "dev": ROOT / "packaging" / "requirements-dev.txt",
}
# What the lock of each name covers: the tests' packages include the program's.
_COVERS = {"run": ("run",), "dev": ("dev", "run")}
_STAMP = VENV / "sealwright-setup.json"


def scripts(venv: Path = VENV) -> Path:
    """The folder of an environment's programs."""
    return venv / ("Scripts" if os.name == "nt" else "bin")


def python_of(venv: Path = VENV) -> Path:
    """The interpreter of an environment."""
    return scripts(venv) / ("python.exe" if os.name == "nt" else "python")


def prepare(lock: str) -> Path:
    """Bring `.venv` up to date with a lock (`run` or `dev`); its interpreter.

    Raises:
        StepError: a package could not be installed.
    """
    wanted = {name: _fingerprint(name) for name in _COVERS[lock]}
    if _kept().get(lock) == wanted[lock] and console.succeeds([str(python_of()), "-c", "0"]):
        return python_of()
    _make(VENV)
    with timed("installing the locked packages ({})".format(LOCKS[lock].name)):
        install_locked(python_of(), LOCKS[lock])
        install_project(python_of())
    _STAMP.write_text(json.dumps(wanted), encoding="utf-8")
    return python_of()


def install_locked(python: Path, lock: Path) -> None:
    """Install exactly what a lock file names, each file checked by its hash.

    Raises:
        StepError: pip refused or could not fetch a file.
    """
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--no-user"]
    problem = (
        "The locked packages could not be installed; pip says why above. Where this network needs"
        " a proxy, a mirror or its own certificates, pip's configuration (pip config list) names"
        " them."
    )
    console.require([*pip, "-q", "--require-hashes", "-r", str(lock)], problem)


def add_group(python: Path, group: str) -> None:
    """Install a dependency group that no lock covers, in the versions the project file allows.

    Raises:
        StepError: pip refused or could not fetch a file.
    """
    import tomllib  # noqa: PLC0415 - newer than the oldest Python this file is read by

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--no-user", "-q"]
    problem = "The packages of the group `{}` could not be installed; pip says why above."
    console.require([*pip, *project["dependency-groups"][group]], problem.format(group))


def install_project(python: Path) -> None:
    """Install this checkout, editable, without touching any other package."""
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--no-user"]
    line = [*pip, "-q", "--no-deps", "--no-build-isolation", "--no-index", "-e", str(ROOT)]
    console.require(line, "The project itself could not be installed.")


def _fingerprint(lock: str) -> str:
    """Changes with the lock, the project file, the interpreter and the place of the checkout."""
    digest = hashlib.sha256()
    for part in (LOCKS[lock], ROOT / "pyproject.toml"):
        digest.update(part.read_bytes())
    digest.update("{}|{}|{}".format(ROOT, *sys.version_info[:2]).encode())
    return digest.hexdigest()


def _kept() -> Dict[str, str]:
    try:
        kept: Dict[str, str] = json.loads(_STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept


def _same_python() -> bool:
    question = "import sys, pip; print('{}.{}'.format(*sys.version_info[:2]))"
    answer = console.output([str(python_of()), "-c", question]) or ""
    return answer.strip() == "{}.{}".format(*sys.version_info[:2])


def _make(venv: Path) -> None:
    """Make the environment unless a sound one of the same Python is there."""
    if _same_python():
        return
    say("==> making {} with Python {}.{}".format(venv, *sys.version_info[:2]))
    if venv.exists():
        shutil.rmtree(str(venv))
    console.require([sys.executable, "-m", "venv", str(venv)], "The environment was not made.")
