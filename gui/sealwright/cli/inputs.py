"""Files, standard input and tokens that are given on the command line."""

from __future__ import annotations

import errno
import re
import sys
from typing import TYPE_CHECKING, Final

from sealwright.cli.output import STANDARD_OUTPUT, write_bytes
from sealwright.errors import StorageError, TokenError, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.tokens.unwrap import UnwrappedPolicy

LIMIT: Final = 64 * 2**20
"""Bytes that are read from any input."""
STANDARD_INPUT: Final = "-"
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_TOKEN_START: Final = re.compile(r"\s*(?:eyJ|[\"{]|Bearer\s)")
_TOKEN: Final = re.compile(r"[\w-]{2,}\.[\w-]*\.[\w-]*\Z")


def read_input(name: str, *, limit: int = LIMIT) -> bytes:
    """The bytes of a file, or of standard input for `-`.

    Raises:
        UsageError: not there, not readable, a folder, or too large.
    """
    if not name:
        raise UsageError("The name of a file is empty.", hint="Name a file, or `-` for stdin.")
    try:
        if name == STANDARD_INPUT:
            data = sys.stdin.buffer.read(limit + 1)
        else:
            with open(name, "rb") as file:  # noqa: PTH123 - pathlib costs 12 ms
                data = file.read(limit + 1)
    except FileNotFoundError as error:
        raise UsageError(f"There is no file `{name}`.", hint="Check the path.") from error
    except IsADirectoryError as error:
        raise UsageError(f"`{name}` is a folder, not a file.", hint="Name a file.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"The file `{name}` cannot be read: {reason}.") from error
    if len(data) > limit:
        raise UsageError(
            f"`{name}` is larger than {limit // 2**20} MB.", hint="Check that it is the right file."
        )
    return data


def policy_text(name: str) -> str:
    """A policy file as text, byte for byte: a byte order mark and line ends stay.

    Raises:
        UsageError: not readable, or not UTF-8.
    """
    data = read_input(name)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"`{name}` is not UTF-8 text: line {line} holds the byte 0x{data[error.start]:02x}.",
            hint="Save it as UTF-8 and try again.",
        ) from error


def token_text(name: str) -> str:
    """A token given as it is, as a file, or on standard input; without what stands around it.

    Raises:
        UsageError: neither a token nor a file that can be read.
    """
    return given_text(name).removeprefix("\ufeff").strip()


def is_text_itself(name: str) -> bool:
    """Whether an argument is no name but the token."""
    return name != STANDARD_INPUT and bool(_TOKEN_START.match(name) or _TOKEN.match(name))


def given_text(name: str) -> str:
    """What may be a token or a policy text: every byte of a policy counts for its hash.

    Raises:
        UsageError: neither a token nor a file that can be read.
    """
    if is_text_itself(name):
        return name
    data = read_input(name)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"`{name}` holds no token: it is not text.") from error


def policy_in_token(text: str) -> UnwrappedPolicy | None:
    """The policy in the token that a file holds; None when it holds the policy itself."""
    from sealwright.tokens.unwrap import unwrap  # noqa: PLC0415 - after the file was found

    if not text.lstrip("\ufeff \t\r\n").startswith(("eyJ", "{", '"')):
        return None
    try:
        return unwrap(text)
    except TokenError:
        return None


def read_time(text: str | None) -> datetime | None:
    """A time on the command line (RFC 3339), in UTC; None when it was not given.

    A date alone is its first moment.

    Raises:
        UsageError: it is no time, or names no zone.
    """
    if text is None:
        return None
    from datetime import UTC, datetime  # noqa: PLC0415 - most commands read none

    try:
        found = datetime.fromisoformat(f"{text}T00:00:00Z" if _DATE.fullmatch(text) else text)
    except ValueError as error:
        raise UsageError(
            f"`{text}` is no time.", hint="Write it as 2026-11-24T12:00:00Z."
        ) from error
    if found.tzinfo is None:
        raise UsageError(f"`{text}` has no time zone.", hint="Put a Z behind it for UTC.")
    return found.astimezone(UTC)


def require_new(name: str, why: str) -> None:
    """Refuse to write over a file that cannot be made again; `why` says what it may hold.

    Raises:
        UsageError: there is a file of this name.
    """
    import os  # noqa: PLC0415 - for those who write files

    if name != STANDARD_OUTPUT and os.path.exists(name):  # noqa: PTH110 - pathlib costs 12 ms
        raise UsageError(f"There is a file `{name}` already.", hint=f"Name another one; {why}.")


def write_output(name: str, data: bytes, *, private: bool = False) -> None:
    """Write a result to a file that must not be half-written; `-` is standard output.

    Raises:
        UsageError: there is no such place; an old file is untouched.
        StorageError: the system does not let it be written.
    """
    import os  # noqa: PLC0415 - for those who write files

    if name == STANDARD_OUTPUT:
        write_bytes(data)
        return
    temporary = f"{name}.{os.getpid()}.tmp"
    try:
        descriptor = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666
        )
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, name)  # noqa: PTH105 - pathlib costs 12 ms
    except OSError as error:
        reason = error.strerror or str(error)
        wrong = isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError)
        kind = UsageError if wrong else StorageError
        hint = "Free some space, or name another place." if error.errno in _NO_ROOM else ""
        raise kind(f"The file `{name}` cannot be written: {reason}.", hint=hint) from error
    finally:
        if os.path.exists(temporary):  # noqa: PTH110 - as above
            os.unlink(temporary)  # noqa: PTH108 - as above
