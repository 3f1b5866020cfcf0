"""Finds the command that is meant, runs it, and turns every outcome into an exit code.

Invariants
- Nothing heavy is imported before the command is known: `--version` imports no parser at all.
- Every error becomes words and an exit code here; a traceback is shown with `--debug` only.
"""

from __future__ import annotations

import sys

from sealwright import __version__

# `typing` itself costs as much as the rest of `--version` together.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.cli.options import Options
    from sealwright.cli.world import World


def run(arguments: Sequence[str], world: World) -> int:
    """Run one command; the exit code of spec cli, Rules."""
    if list(arguments) == ["--version"]:
        sys.stdout.write(f"sealwright {__version__}\n")
        return 0
    from sealwright.cli.options import read_options  # noqa: PLC0415 - not for `--version`
    from sealwright.cli.outcome import guarded  # noqa: PLC0415 - as above

    return guarded(arguments, lambda: read_options(arguments), lambda found: _run(found, world))


def _run(options: Options, world: World) -> int:
    from sealwright.cli import help_text  # noqa: PLC0415 - not for `--version`
    from sealwright.cli.context import Context  # noqa: PLC0415 - as above

    if options.version:
        sys.stdout.write(f"sealwright {__version__}\n")
        return 0
    if not options.words or len(options.words) == 1:
        sys.stdout.write(help_text.of(options.words))
        return 0
    from sealwright.cli.parsing import command_help, parse_command  # noqa: PLC0415 - as above

    if options.help:
        sys.stdout.write(command_help(options))
        return 0

    command, namespace = parse_command(options)
    return command.run(namespace, Context(options, world))
