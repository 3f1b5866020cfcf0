"""From words to a command and its arguments."""

from __future__ import annotations

import argparse
import os
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

from sealwright.cli.table import TABLE
from sealwright.errors import UsageError

if TYPE_CHECKING:
    from sealwright.cli.command import Command
    from sealwright.cli.options import Options


class _Formatter(argparse.HelpFormatter):
    """Asks for the width itself: argparse loads `shutil` for it, at every command."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)


def _columns() -> int:
    with suppress(KeyError, ValueError):
        return int(os.environ["COLUMNS"])
    # No terminal, or no output at all.
    with suppress(OSError, ValueError):
        return os.get_terminal_size(1).columns
    return 80


class _Parser(argparse.ArgumentParser):
    """Raises where argparse would print and end the program."""

    def error(self, message: str) -> NoReturn:
        """Turn a usage error into one of ours."""
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", hint=self.format_usage().strip())


def parse_command(options: Options) -> tuple[Command, argparse.Namespace]:
    """The command that the words name, and its arguments.

    Raises:
        UsageError: an argument is missing, unknown or not possible.
    """
    command, parser = _prepared(options)
    # Options may stand between the words.
    return command, parser.parse_intermixed_args(options.rest)


def command_help(options: Options) -> str:
    """The help of one command."""
    return _prepared(options)[1].format_help()


def _prepared(options: Options) -> tuple[Command, _Parser]:
    group, name = options.words
    module_name, summary = TABLE[group][name]
    module = import_module(f"sealwright.cli.{module_name}")
    commands: dict[str, Command] = module.COMMANDS
    parser = _Parser(
        prog=f"sealwright {group} {name}".rstrip(),
        description=f"{summary.capitalize()}.",
        formatter_class=_Formatter,
        add_help=False,
    )
    commands[name].arguments(parser)
    return commands[name], parser
