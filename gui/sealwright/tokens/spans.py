"""Where in a compact token each claim stands, so that text and claims can be shown together."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sealwright.tokens.jose import Jws

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_DECODER: Final = json.JSONDecoder()


def claim_spans(jws: Jws) -> Mapping[str, tuple[int, int]]:
    """Begin and end of each top-level claim in characters of the compact token."""
    begin = len(jws.header_segment) + 1
    try:
        text = jws.payload.decode("utf-8")
        found = list(_members(text))
    except (ValueError, IndexError):
        return {}
    return {name: _encoded(text, start, end, begin) for name, start, end in found}


def _members(text: str) -> Iterator[tuple[str, int, int]]:
    at = _after_space(text, 0) + 1
    while True:
        start = _after_space(text, at)
        if text[start] == "}":
            return
        name, at = _DECODER.raw_decode(text, start)
        at = _after_space(text, at) + 1
        _, at = _DECODER.raw_decode(text, _after_space(text, at))
        yield str(name), start, at
        at = _after_space(text, at)
        if text[at] != ",":
            return
        at += 1


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found is not None else at


def _encoded(text: str, start: int, end: int, begin: int) -> tuple[int, int]:
    if not text.isascii():
        start, end = len(text[:start].encode("utf-8")), len(text[:end].encode("utf-8"))
    # Three bytes are four characters; a claim takes every character that holds a bit of it.
    return begin + start * 4 // 3, begin + -(-end * 4 // 3)
