"""What the set-up says, and how it runs other programs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Dict, Iterator, NamedTuple, Optional, Sequence

ROOT = Path(__file__).resolve().parents[2]


class StepError(Exception):
    """A step cannot go on; `command` is what the user can type to help it, if anything."""

    def __init__(self, message: str, command: str = "") -> None:
        super().__init__(message)
        self.command = command


class Completed(NamedTuple):
    """How a captured command ended, with all it printed."""

    returncode: int
    text: str


def say(text: str) -> None:
    """One line of progress, at once."""
    print(text, flush=True)


def fail(error: StepError) -> None:
    """Say why a step stopped and what to do."""
    sys.stdout.flush()
    print("\n" + str(error), file=sys.stderr)
    if error.command:
        print("\n    " + error.command + "\n", file=sys.stderr)


@contextmanager
def timed(title: str) -> Iterator[None]:
    """Print a title, and the seconds it took when it is done."""
    say("==> " + title)
    start = time.monotonic()
    yield
    say("    {} took {:.1f} s".format(title, time.monotonic() - start))


def succeeds(command: Sequence[str]) -> bool:
    """Whether a quiet command exists and exits with 0."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0


def output(command: Sequence[str], env: Optional[Dict[str, str]] = None) -> Optional[str]:
    """Standard output of a command, or None when it does not exist or fails."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=env,
            universal_newlines=True,
            check=False,
        )
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def captured(command: Sequence[str], env: Dict[str, str]) -> Completed:
    """Run a command that must exist, and keep both its outputs."""
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=env,
        universal_newlines=True,
        check=False,
    )
    return Completed(done.returncode, done.stdout.strip())


def call(command: Sequence[str], env: Optional[Dict[str, str]] = None) -> int:
    """Run a command in the repository with our terminal; its exit code."""
    sys.stdout.flush()
    return subprocess.run(command, cwd=str(ROOT), env=env, check=False).returncode


def require(command: Sequence[str], problem: str, env: Optional[Dict[str, str]] = None) -> None:
    """Run a command that must succeed.

    Raises:
        StepError: it did not; says `problem` and the command.
    """
    if call(command, env) != 0:
        raise StepError(problem, " ".join(command))


def with_variables(**variables: str) -> Dict[str, str]:
    """This process's environment with some variables set."""
    merged = dict(os.environ)
    merged.update(variables)
    return merged
