"""Several tokens in one text: one a line, with or without names of schemes before them."""

from __future__ import annotations

import re
from typing import Final

_TOKEN: Final = re.compile(
    r"(?:authorization:\s*)?(?:bearer\s+)?([\w-]+(?:\.[\w-]*){2})", re.IGNORECASE
)
_SEALED: Final = re.compile(r"ey[\w-]*(?:\.[\w-]*){4}|ey[\w+/-]{80,}=*")
"""A JWE, or a sealed answer: JSON in base64. Nobody's lines all begin so by chance."""


def tokens_in(text: str) -> tuple[str, ...]:
    """The tokens of a list; a text that is no list is one token, whatever it is."""
    lines = [line.strip().strip('",') for line in text.splitlines()]
    filled = [line for line in lines if line and not line.startswith("#")]
    found = [token for line in filled if (token := _match(line))]
    if len(found) > 1 and len(found) == len(filled):
        return tuple(found)
    return (text,)


def _match(line: str) -> str:
    token = _TOKEN.fullmatch(line)
    if token is not None:
        return token[1]
    return line if _SEALED.fullmatch(line) else ""
