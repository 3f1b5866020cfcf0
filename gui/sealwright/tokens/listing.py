"""Several tokens in one text: one a line, with or without names of schemes before them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_TOKEN: Final = re.compile(
    r"(?:authorization:\s*)?(?:bearer\s+)?([\w-]+(?:\.[\w-]*){2})", re.IGNORECASE
)
_LINE: Final = re.compile(r"[^\n]+")
_LINE_OF_BYTES: Final = re.compile(rb"[^\n]+")
_SEALED: Final = re.compile(r"ey[\w-]*(?:\.[\w-]*){4}|ey[\w+/-]{80,}=*")
"""A JWE, or a sealed answer: JSON in base64. Nobody's lines all begin so by chance."""


def tokens_in(text: str) -> tuple[str, ...]:
    """The tokens of a list; a text that is no list is one token, whatever it is."""
    return _listed(each[0] for each in _LINE.finditer(text)) or (text,)


def tokens_in_file(data: bytes) -> tuple[str, ...]:
    """The same of a file, decoded line by line: of many megabytes, the window would feel it."""
    lines = (each[0].decode("utf-8", "replace") for each in _LINE_OF_BYTES.finditer(data))
    return _listed(lines) or (data.decode("utf-8", "replace"),)


def _listed(pieces: Iterable[str]) -> tuple[str, ...]:
    found = []
    for line in (line for piece in pieces for line in piece.splitlines()):
        bare = line.strip().strip('",')
        if bare and not bare.startswith("#"):
            token = _match(bare)
            if not token:
                return ()
            found.append(token)
    return tuple(found) if len(found) > 1 else ()


def _match(line: str) -> str:
    token = _TOKEN.fullmatch(line)
    if token is not None:
        return token[1]
    return line if _SEALED.fullmatch(line) else ""
