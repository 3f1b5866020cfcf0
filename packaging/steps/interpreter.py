"""Finds a Python that can run Sealwright, or says how to get one."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import List, NoReturn, Optional, Tuple

from steps import console, system
from steps.console import StepError, say

OLDEST = (3, 11)
NEWEST = (3, 14)
_QUESTION = (
    "import sys, sysconfig; print(sys.version_info[0], sys.version_info[1],"
    " sys.implementation.name, int(bool(sysconfig.get_config_var('Py_GIL_DISABLED'))))"
)


def _suits(version: Tuple[int, int], implementation: str, free_threaded: str) -> bool:
    return OLDEST <= version <= NEWEST and implementation == "cpython" and free_threaded == "0"


def suits(command: List[str]) -> bool:
    """Whether this really starts (a version manager's stub may not) and is a Python we support."""
    words = (console.output([*command, "-c", _QUESTION]) or "").split()
    return bool(words) and _suits((int(words[0]), int(words[1])), words[2], words[3])


def _candidates() -> List[List[str]]:
    minors = range(NEWEST[1], OLDEST[1] - 1, -1)
    if os.name == "nt":
        return [["py", "-3.{}".format(minor)] for minor in minors]
    return [["python3.{}".format(minor)] for minor in minors]


def find() -> Optional[List[str]]:
    """The command of a suitable Python other than the running one, newest first."""
    for command in _candidates():
        if suits(command):
            return command
    return None


def ensure_suitable(arguments: List[str]) -> None:
    """Go on when this Python suits; else start again under one that does.

    Raises:
        StepError: there is none; carries the command that installs one here.
    """
    if suits([sys.executable]):
        return
    running = "{}.{}".format(*sys.version_info[:2])
    found = find()
    if found is None:
        raise StepError(
            "Sealwright needs Python 3.11 to 3.14 (this is {}), and none was found.".format(running)
            + " Install one, then run this again:",
            system.python_install_command(),
        )
    say("This is Python {}; going on with {}.".format(running, " ".join(found)))
    _become([*found, *arguments])


def _become(command: List[str]) -> NoReturn:
    sys.stdout.flush()
    if os.name == "nt":  # exec on Windows returns to the shell before the program has ended
        sys.exit(subprocess.run(command, check=False).returncode)
    os.execvp(command[0], command)
