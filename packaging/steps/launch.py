"""`dev.py run`: the window, or the main job off-screen where nobody could see one."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, List

from steps import console, qt
from steps.console import ROOT, say, with_variables

if TYPE_CHECKING:
    from pathlib import Path


def run(python: Path, arguments: List[str]) -> int:
    """Start Sealwright with these arguments; its exit code."""
    if arguments and arguments[0] == "--":
        arguments = arguments[1:]
    if arguments:
        return console.call([str(python), "-m", "sealwright", *arguments])
    if qt.has_display():
        qt.ensure(python, window=bool(os.environ.get("DISPLAY")))
        if qt.display_answers(python):
            return console.call([str(python), "-m", "sealwright"])
        say("The display this terminal names does not answer.")
    return _off_screen(python)


def practice(python: Path, arguments: List[str]) -> int:
    """Open the window on a served fleet; its exit code."""
    script = str(ROOT / "tests" / "helpers" / "practice.py")
    where = with_variables(PYTHONPATH=str(ROOT / "tests"))
    return console.call([str(python), script, *arguments], where)


def _off_screen(python: Path) -> int:
    qt.ensure(python, window=False)
    folder = ROOT / "build" / "screenshots" / time.strftime("%Y%m%d-%H%M%S")
    folder.mkdir(parents=True, exist_ok=True)
    say("No display here: doing the main job in an off-screen window.")
    line = [str(python), "-m", "sealwright", "selftest", "--window", "--screenshots", str(folder)]
    code = console.call(line, with_variables(QT_QPA_PLATFORM="offscreen"))
    say("Screenshots: {}".format(folder))
    return code
