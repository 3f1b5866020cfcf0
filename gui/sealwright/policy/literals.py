"""What string and number tokens stand for (spec policy-language, 2)."""

from __future__ import annotations

import re
from typing import Final

INTEGER_MIN: Final = -(1 << 63)
INTEGER_MAX: Final = (1 << 63) - 1

_ESCAPE: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.", re.DOTALL
)
_SIMPLE: Final = {
    '\\"': '"',
    "\\\\": "\\",
    "\\/": "/",
    "\\b": "\b",
    "\\f": "\f",
    "\\n": "\n",
    "\\r": "\r",
    "\\t": "\t",
}
_QUOTED: Final = {text: escape for escape, text in _SIMPLE.items() if escape != "\\/"}
_DIGITS_64_BIT: Final = 19
_PAIR: Final = 12


def bad_escapes(token: str) -> list[tuple[int, int, str]]:
    """Start, end and reason of every escape in a string token that is not of the language."""
    found = []
    for match in _ESCAPE.finditer(token, 1, len(token) - 1):
        escape = match[0]
        if escape in _SIMPLE or len(escape) == _PAIR:
            continue
        if len(escape) == 2:  # noqa: PLR2004 - backslash and one character
            found.append((match.start(), match.end(), f"`{escape}` is not an escape"))
        elif escape[2] in "dD" and escape[3] in "89abcdefABCDEF":
            found.append((match.start(), match.end(), f"`{escape}` is half of a surrogate pair"))
    return found


def string_value(token: str) -> str:
    """The text of a string token; escapes that are not of the language stay as they are."""
    if "\\" not in token:
        return token[1:-1]
    return _ESCAPE.sub(lambda match: _unescape(match[0]), token[1:-1])


def _unescape(escape: str) -> str:
    if escape in _SIMPLE:
        return _SIMPLE[escape]
    if len(escape) == 2:  # noqa: PLR2004 - backslash and one character
        return escape
    units = bytes.fromhex(escape.replace("\\u", ""))
    return units.decode("utf-16-be", "replace")


def quote(value: str) -> str:
    """A string token for `value`, in the shortest spelling."""
    if value.isprintable() and '"' not in value and "\\" not in value:
        return f'"{value}"'
    return '"' + "".join(_quoted(char) for char in value) + '"'


def _quoted(char: str) -> str:
    if char in _QUOTED:
        return _QUOTED[char]
    if "\ud800" <= char <= "\udfff":
        return "\\ufffd"
    return char


def integer_value(token: str) -> int | None:
    """The integer that a number token writes; None when it is not one or exceeds 64 bits."""
    digits = token.removeprefix("-")
    if not digits.isdigit() or len(digits.lstrip("0")) > _DIGITS_64_BIT:
        return None
    value = int(digits.lstrip("0") or "0")
    value = -value if token.startswith("-") else value
    return value if INTEGER_MIN <= value <= INTEGER_MAX else None


def literal_text(value: str | int | bool) -> str:  # noqa: FBT001 - a claim value, no switch
    """How a policy writes `value`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return quote(value) if isinstance(value, str) else str(value)
