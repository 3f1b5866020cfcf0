"""Asks before something is lost for good."""

from __future__ import annotations

import sys

from sealwright.errors import UsageError


def confirmed(question: str, *, give: str = "--yes") -> bool:
    """Whether the user types `yes` on the terminal.

    Raises:
        UsageError: there is nobody to ask.
    """
    if not sys.stdin.isatty():
        raise UsageError(question, hint=f"Give {give} to confirm it without being asked.")
    sys.stderr.write(f"{question} Type yes: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() == "yes"
