"""The options that every command takes, before or behind its name."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from sealwright.cli.table import TABLE
from sealwright.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMS = ("text", "json")
_WITH_VALUE = ("--format", "--home", "--vault-passphrase-file")
_FLAGS = ("--debug", "--help", "-h", "--version")


class Options(NamedTuple):
    """`words` are group and command; `rest` is what the command itself gets."""

    words: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()
    form: str = "text"
    home: str | None = None
    vault_passphrase_file: str = ""
    debug: bool = False
    help: bool = False
    version: bool = False


def read_options(arguments: Sequence[str]) -> Options:
    """Take the common options out of the command line, wherever they stand.

    Raises:
        UsageError: no such group or command, or an option without its value.
    """
    values, flags, others = _taken_apart(arguments)
    form = values.get("--format", "text")
    if form not in FORMS:
        raise UsageError(f"`{form}` is no output format.", hint="Use --format text or json.")
    words = _words(others)
    return Options(
        words=words,
        rest=tuple(others[len([word for word in words if word]) :]),
        form=form,
        home=values.get("--home"),
        vault_passphrase_file=values.get("--vault-passphrase-file", ""),
        debug="--debug" in flags,
        help=bool({"--help", "-h"} & flags),
        version="--version" in flags and not words,
    )


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether errors are to be JSON, also where the command line cannot be read."""
    return "--format=json" in arguments or ("--format", "json") in pairwise(arguments)


def _taken_apart(arguments: Sequence[str]) -> tuple[dict[str, str], set[str], list[str]]:
    values: dict[str, str] = {}
    flags: set[str] = set()
    others: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        name, equals, value = argument.partition("=")
        if argument == "--":
            others.extend(["--", *rest])
        elif name in _WITH_VALUE:
            values[name] = value if equals else next(rest, "")
            if not values[name]:
                raise UsageError(f"The option {name} needs a value.")
        elif argument in _FLAGS:
            flags.add(argument)
        else:
            others.append(argument)
    return values, flags, others


def _words(others: list[str]) -> tuple[str, ...]:
    if not others:
        return ()
    group = others[0]
    if group not in TABLE:
        raise UsageError(
            f"There is no command `{group}`.", hint=f"Commands: {', '.join(TABLE)}, selftest."
        )
    if "" in TABLE[group]:
        return (group, "")
    if len(others) == 1 or (others[1].startswith("-") and others[1] != "-"):
        return (group,)
    if others[1] not in TABLE[group]:
        raise UsageError(
            f"There is no command `{group} {others[1]}`.",
            hint=f"After `{group}` comes one of: {', '.join(TABLE[group])}.",
        )
    return (group, others[1])
