"""Passphrases, never from arguments: other users see those."""

from __future__ import annotations

import sys

from sealwright.cli.inputs import read_input
from sealwright.errors import UsageError
from sealwright.secret import Secret

_LIMIT = 4096
"""Bytes of a passphrase file."""


def read_passphrase(name: str, what: str = "passphrase") -> Secret[str]:
    """The first line of a file, or of standard input for `-`.

    Raises:
        UsageError: not readable, not UTF-8, or empty.
    """
    try:
        line = read_input(name, limit=_LIMIT).decode("utf-8-sig").splitlines()[:1]
    except UnicodeDecodeError as error:
        raise UsageError(f"The {what} file is not UTF-8 text.") from error
    if not line or not line[0]:
        raise UsageError(f"The {what} is empty.", hint="Put it on the first line.")
    return Secret(line[0])


def ask_passphrase(
    what: str, *, twice: bool = False, option: str = "--passphrase-file"
) -> Secret[str]:
    """Ask on the terminal, without showing what is typed; `option` is the way without one.

    Raises:
        UsageError: there is no terminal, nothing was typed, or the second try differs.
    """
    if not sys.stdin.isatty():
        raise UsageError(f"A passphrase is needed {what}.", hint=f"Give it with {option} FILE.")
    import getpass  # noqa: PLC0415 - only here

    typed = getpass.getpass(f"Passphrase {what}: ")
    if not typed:
        raise UsageError("The passphrase is empty.")
    if twice and getpass.getpass("Again: ") != typed:
        raise UsageError("The two passphrases differ.")
    return Secret(typed)
