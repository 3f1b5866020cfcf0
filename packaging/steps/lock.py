"""`dev.py lock`: one universal resolution for all Pythons and systems, as files with hashes."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Dict, List, Optional

from steps import console, environment
from steps.console import ROOT, StepError, timed

_HEADER = """\
# {what}
# Written by `python3 packaging/dev.py lock`; for Python 3.11 to 3.14 on Linux, macOS and Windows.
"""
# The resolver itself: only `lock` uses it, so it is not in the lock.
_RESOLVER = "uv>=0.9,<1"


def renew(*, upgrade: bool) -> int:
    """Write both lock files anew; versions stay where they may unless `upgrade`."""
    with tempfile.TemporaryDirectory() as folder:
        uv = _resolver(Path(folder))
        options = ["--upgrade"] if upgrade else []
        dev, run = environment.LOCKS["dev"], environment.LOCKS["run"]
        with timed("resolving"):
            _compile(uv, dev, "The program, its build and its tests.", [*options, *_groups("dev")])
            # The program must run on the very versions that were tested.
            options = ["--upgrade", "--constraint", str(dev)]
            _compile(uv, run, "The program and its build.", options)
    return 0


def _groups(*names: str) -> List[str]:
    return [word for name in names for word in ("--group", name)]


def _resolver(folder: Path) -> Path:
    console.require([sys.executable, "-m", "venv", str(folder)], "No environment for the resolver.")
    python = environment.python_of(folder)
    line = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "-q", _RESOLVER]
    console.require(line, "The resolver could not be installed.")
    return environment.scripts(folder) / "uv"


def _resolver_environment() -> Dict[str, str]:
    """The resolver does not read pip's configuration, so it is told of the mirror named there."""
    merged = dict(os.environ)
    pip = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    index: Optional[str] = os.environ.get("PIP_INDEX_URL") or console.output(pip)
    if index:
        merged.setdefault("UV_DEFAULT_INDEX", index.strip())
    return merged


def _compile(uv: Path, lock: Path, what: str, options: List[str]) -> None:
    command = [str(uv), "pip", "compile", "pyproject.toml", "--universal", "--quiet"]
    command += ["--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate"]
    command += ["--no-emit-index-url", "--no-emit-find-links", "--output-file", str(lock)]
    command += [*_groups("build"), *options]
    console.require(command, "The dependencies could not be resolved.", _resolver_environment())
    text = lock.read_text(encoding="utf-8")
    if "://" in text or "index-url" in text or "find-links" in text:
        raise StepError("{} names a place on the network; it may hold hashes only.".format(lock))
    lock.write_text(_HEADER.format(what=what) + text, encoding="utf-8")
    console.say("    {}".format(lock.relative_to(ROOT)))
