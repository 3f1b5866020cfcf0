"""From every way a command can end to its exit code and its words."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypedDict, TypeVar

from sealwright.cli.command import CANCELLED, DOES_NOT_HOLD, FAILED, WRONG_USAGE
from sealwright.cli.options import wants_json
from sealwright.cli.output import Output
from sealwright.errors import AppError, PolicyError, ServiceError, StorageError
from sealwright.legible import legible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
_WORDS: Final = {"choices": "rests on"}
"""Details that have another name in text."""


def guarded(arguments: Sequence[str], read: Callable[[], T], run: Callable[[T], int]) -> int:
    """Run a command and say how it ended; nothing but exit codes leaves here."""
    form = "json" if wants_json(arguments) else "text"
    try:
        return run(read())
    except AppError as error:
        if "--debug" in arguments:
            _print_traceback()
        report(error, Output(form))
        return exit_code(error)
    except BrokenPipeError:
        # Whoever read our output has enough; Python must not complain when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        report(_cancelled(), Output(form))
        return CANCELLED
    except Exception as error:  # noqa: BLE001 - a bug; the user gets words, not a traceback
        if "--debug" in arguments:
            _print_traceback()
        report(_bug(error), Output(form))
        return FAILED


def _print_traceback() -> None:
    from traceback import print_exc  # noqa: PLC0415 - 5 ms, and hardly ever needed

    print_exc()


def exit_code(error: AppError) -> int:
    """The exit code of an error (spec cli, Rules)."""
    if isinstance(error, ServiceError | StorageError):
        return FAILED
    if isinstance(error, PolicyError) and error.code == "PolicyEvaluationError":
        return DOES_NOT_HOLD
    return WRONG_USAGE


def report(error: AppError, output: Output) -> None:
    """Write an error: JSON to standard output, words to standard error."""
    body = error_body(error)
    if output.json:
        # Where not even this can be written, the words below are all that is left.
        with suppress(StorageError):
            output.result({"error": body}, "")
            return
    lines = [f"sealwright: {error.summary}"]
    lines += [f"  {line}" for line in error.hint.splitlines()]
    lines += [f"  {_WORDS.get(name, name)}: {value}" for name, value in body["details"].items()]
    sys.stderr.write(legible("\n".join(lines)) + "\n")


class ErrorBody(TypedDict):
    """An error as JSON shows it (spec cli, Rules)."""

    code: str
    message: str
    hint: str
    details: dict[str, object]


def error_body(error: AppError) -> ErrorBody:
    """An error with everything the service said of it."""
    details: dict[str, object] = dict(error.details)
    if isinstance(error, ServiceError):
        details |= {
            name: value
            for name, value in (
                ("status", error.status),
                ("serviceCode", error.service_code),
                ("requestId", error.request_id),
            )
            if value
        }
    return {"code": error.code, "message": error.summary, "hint": error.hint, "details": details}


def _cancelled() -> AppError:
    error = AppError("Cancelled.")
    error.code = "Cancelled"
    return error


def _bug(error: Exception) -> AppError:
    found = AppError(
        "Sealwright made a mistake of its own.",
        hint="Run the command again with --debug and report what it prints.",
        details={"kind": type(error).__name__},
    )
    found.code = "Internal"
    return found
