"""What a command module offers to the dispatcher."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from sealwright.cli.context import Context

HOLDS = 0
"""Exit code: it holds, is permitted, valid or equal; the job is done."""
DOES_NOT_HOLD = 1
"""Exit code: problems found, denied, invalid, different."""
WRONG_USAGE = 2
"""Exit code: wrong usage, or input that cannot be read."""
FAILED = 3
"""Exit code: the provider, the network, the keyring or the disk refused or failed."""
CANCELLED = 4
"""Exit code: stopped by the user."""


class Command(NamedTuple):
    """One command: `arguments` adds its options, `run` does it and gives the exit code."""

    arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace, Context], int]
