"""Whether Qt works here, found out by really loading its platform plugin."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Dict, Iterable, List, Sequence

from steps import console, system
from steps.console import StepError, with_variables

if TYPE_CHECKING:
    from pathlib import Path

# Each runs in a process of its own, since Qt ends the process it cannot start in.
_LOAD = """
import sys
from PySide6 import QtGui, QtWidgets
from PySide6.QtCore import QLibraryInfo, QPluginLoader
folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)
loader = QPluginLoader(f"{folder}/platforms/libq{sys.argv[1]}.so")
if not loader.load():
    sys.exit(loader.errorString())
"""
_START = """
import sys
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication
application = QApplication(sys.argv[:1])
sys.exit(0 if QFontDatabase.families() else 3)
"""
_MISSING = """
import ctypes, json, sys
missing = []
for name in sys.argv[1:]:
    try:
        ctypes.CDLL(name)
    except OSError:
        missing.append(name)
print(json.dumps(missing))
"""
_NO_FONT = 3


def has_display() -> bool:
    """Whether a window could be shown to somebody."""
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


def display_answers(python: Path) -> bool:
    """Whether a window really opens on the display the environment names."""
    code = _run(python, _START, [], dict(os.environ)).returncode
    return code in (0, _NO_FONT)


def ensure(python: Path, *, window: bool) -> None:
    """See that Qt starts off-screen and, for `window`, that its X11 plugin loads.

    Raises:
        StepError: system libraries or fonts are missing and could not be installed.
    """
    if not sys.platform.startswith("linux"):
        return
    _ensure_plugin(python, "offscreen", system.OFFSCREEN)
    if window:
        _ensure_plugin(python, "xcb", [*system.OFFSCREEN, *system.XCB])
    _ensure_start(python)


def _run(python: Path, code: str, arguments: List[str], env: Dict[str, str]) -> console.Completed:
    return console.captured([str(python), "-c", code, *arguments], env)


def _ensure_plugin(python: Path, plugin: str, needs: Sequence[system.Need]) -> None:
    if _run(python, _LOAD, [plugin], dict(os.environ)).returncode == 0:
        return
    missing = missing_libraries(str(python), needs)
    if missing:
        system.install(missing, "Qt's platform plugin `{}`".format(plugin))
    again = _run(python, _LOAD, [plugin], dict(os.environ))
    if again.returncode != 0:
        raise StepError("Qt's platform plugin `{}` does not load: {}".format(plugin, again.text))


def _ensure_start(python: Path) -> None:
    env = with_variables(QT_QPA_PLATFORM="offscreen")
    started = _run(python, _START, [], env)
    if started.returncode == _NO_FONT:
        system.install(system.FONTS, "Showing text")
        started = _run(python, _START, [], env)
    if started.returncode != 0:
        raise StepError("Qt does not start off-screen: " + (started.text or "no font found"))


def missing_libraries(python: str, needs: Iterable[system.Need]) -> List[system.Need]:
    """Those of `needs` that the dynamic linker does not find."""
    needs = list(needs)
    names = [need.present for need in needs]
    answer = console.output([python, "-c", _MISSING, *names])
    absent = set(json.loads(answer)) if answer else set(names)
    return [need for need in needs if need.present in absent]
