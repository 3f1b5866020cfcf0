"""`dev.py bundle`: the one-folder bundle, made by PyInstaller."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, List

from steps import console, environment, system
from steps.console import ROOT, StepError, say, timed

if TYPE_CHECKING:
    from pathlib import Path

SPEC = ROOT / "packaging" / "sealwright.spec"
DIST = ROOT / "dist"
_SHARED = """
import ctypes, os, sysconfig
if os.name == "nt" or sysconfig.get_config_var("PYTHONFRAMEWORK"):
    print("loads")
elif sysconfig.get_config_var("Py_ENABLE_SHARED"):
    try:
        ctypes.CDLL(os.path.join(sysconfig.get_config_var("LIBDIR"),
                                 sysconfig.get_config_var("INSTSONAME")))
        print("loads")
    except OSError:
        pass
"""


def build(python: Path) -> Path:
    """Build `dist/sealwright`; the program inside it.

    Raises:
        StepError: this Python cannot be bundled, or the build failed.
    """
    python = _bundling(python)
    with timed("building the bundle"):
        line = [str(python), "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level=WARN"]
        line += ["--distpath", str(DIST), "--workpath", str(ROOT / "build" / "pyinstaller")]
        console.require([*line, str(SPEC)], "The bundle was not built.")
    folder = DIST / "sealwright"
    size = sum(path.stat().st_size for path in folder.rglob("*") if not path.is_symlink())
    say("    {}: {:.0f} MB".format(folder, size / 1e6))
    return folder / ("sealwright.exe" if os.name == "nt" else "sealwright")


def _bundling(python: Path) -> Path:
    """An interpreter with a shared library: this one, or another in an environment of its own."""
    if _library(str(python)) == "loads":
        return python
    other = next((command for command in _others() if _library(command) == "loads"), None)
    if other is None:
        raise StepError(
            "A bundle needs a Python that was built as a shared library; this one was not, and"
            " none was found.",
            system.python_install_command(),
        )
    say("    {} is not a shared build; bundling with {}".format(python, other))
    venv = ROOT / "build" / "bundle-venv"
    console.require([other, "-m", "venv", "--clear", str(venv)], "No environment for the bundle.")
    environment.install_locked(environment.python_of(venv), environment.LOCKS["dev"])
    environment.install_project(environment.python_of(venv))
    return environment.python_of(venv)


def _library(python: str) -> str:
    return (console.output([python, "-c", _SHARED]) or "").strip()


def _others() -> List[str]:
    names = ["/usr/bin/python3.{}".format(minor) for minor in range(14, 10, -1)]
    return [name for name in names if shutil.which(name)]
