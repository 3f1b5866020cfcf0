"""`dev.py lint`: the checks that every change passes before its tests run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from steps import console, environment
from steps.console import say, timed

if TYPE_CHECKING:
    from pathlib import Path


def run(python: Path) -> int:
    """Run every check, also after one has failed; 1 when any did."""
    scripts = environment.scripts(python.parent.parent)
    checks = (
        ("format", [str(scripts / "ruff"), "format", "--check", "--quiet", "."]),
        ("lint", [str(scripts / "ruff"), "check", "--quiet", "."]),
        ("types", [str(python), "-m", "mypy", "--no-error-summary"]),
        ("import contracts", [str(scripts / "lint-imports"), "--no-logo"]),
    )
    failed = []
    for name, command in checks:
        with timed(name):
            if console.call(command) != 0:
                failed.append(name)
    if failed:
        say("gate: {} failed".format(", ".join(failed)))
    return 1 if failed else 0
