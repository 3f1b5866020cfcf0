"""Several tokens in one text: one a line, with or without names of schemes before them."""

from __future__ import annotations

import re
from typing import Final

_TOKEN: Final = re.compile(
    r"(?:authorization:\s*)?(?:bearer\s+)?([\w-]+\.[\w-]*\.[\w-]*)", re.IGNORECASE
)


def tokens_in(text: str) -> tuple[str, ...]:
    """The tokens of a list; a text that is no list is one token, whatever it is."""
    lines = [line.strip().strip('",') for line in text.splitlines()]
    filled = [line for line in lines if line and not line.startswith("#")]
    found = [match.group(1) for line in filled if (match := _TOKEN.fullmatch(line))]
    if len(found) > 1 and len(found) == len(filled):
        return tuple(found)
    return (text,)
