"""Composition root: opens the window, or runs a command."""

from __future__ import annotations

import sys

# `typing` itself costs as much as the rest of `--version` together.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_WINDOW_VALUES = ("--home", "--theme")
_COMMAND_VALUES = ("--home", "--format")
_WINDOW_FLAGS = ("--heartbeat", "--debug")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; the return value is the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["--check-key"]:
        # The child process in which a bundle checks an imported key.
        from sealwright.vault.check_key import main as check  # noqa: PLC0415 - its own process

        return check()
    if given[:1] == ["--ask-token"]:
        # The child process in which a bundle talks to a PKCS#11 token.
        from sealwright.vault.pkcs11_child import main as ask  # noqa: PLC0415 - its own process

        return ask()
    if given[:1] == ["--judge-tokens"]:
        # The child processes in which a bundle judges many tokens.
        from sealwright.composition.judging import main as judge  # noqa: PLC0415 - its own process

        return judge()
    words = _selftest_words(given)
    if words is not None:
        from sealwright.composition.selftest import run as selftest  # noqa: PLC0415 - may open Qt

        return selftest(words)
    options = _window_options(given)
    if options is None:
        from sealwright.cli.dispatch import run  # noqa: PLC0415 - not for the window
        from sealwright.composition.commands import CommandWorld  # noqa: PLC0415 - as above

        return run(given, CommandWorld())
    from sealwright.cli.outcome import guarded  # noqa: PLC0415 - not for `--check-key`

    return guarded(given, lambda: options, _open_window)


def _selftest_words(given: list[str]) -> list[str] | None:
    """What is meant for `selftest`; options of every command may stand before it."""
    at = 0
    while given[at : at + 1] and given[at].startswith("-"):
        at += 2 if given[at] in _COMMAND_VALUES else 1
    return given[:at] + given[at + 1 :] if given[at : at + 1] == ["selftest"] else None


def _open_window(options: dict[str, str]) -> int:
    from sealwright.composition.window import open_window  # noqa: PLC0415 - it imports Qt

    return open_window(
        options.get("--home"),
        theme=options.get("--theme", ""),
        heartbeat="--heartbeat" in options,
    )


def _window_options(given: Sequence[str]) -> dict[str, str] | None:
    """The options of the window; None when a command, or anything else, was asked for."""
    found: dict[str, str] = {}
    rest = iter(given)
    for argument in rest:
        name, equals, value = argument.partition("=")
        if name in _WINDOW_VALUES:
            found[name] = value if equals else next(rest, "")
            if not found[name]:
                return None
        elif argument in _WINDOW_FLAGS:
            found[argument] = ""
        else:
            return None
    return found


if __name__ == "__main__":
    sys.exit(main())
