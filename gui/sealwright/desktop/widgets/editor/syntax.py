"""The coloured pieces of one line of policy text, as the language itself names them.

A token never crosses a line end (block comments, which the language does not have, excepted), so a
line can be coloured by itself.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from sealwright.desktop.theme import Syntax

_AFTER_TYPE = re.compile(r"\btype\s*[=!]?=\s*$", re.IGNORECASE)


class Piece(NamedTuple):
    """A stretch of a line in code points, end excluded."""

    start: int
    end: int
    syntax: Syntax


def pieces(line: str, before: str = "") -> list[Piece]:
    """The coloured pieces of `line`; `before` is the line above, for a broken `type == "..."`."""
    made = list(_pieces(line))
    if made and made[0].syntax is Syntax.STRING and _AFTER_TYPE.search(before):
        made[0] = made[0]._replace(syntax=Syntax.CLAIM)
    return made


@lru_cache(maxsize=1024)
def _pieces(line: str) -> tuple[Piece, ...]:
    """Without the line above; lines come back by undoing, pasting, scrolling, and below a key."""
    from sealwright.policy.writing.token_kinds import highlight  # noqa: PLC0415 - after the first paint

    known = _kinds()
    return tuple([Piece(*found.span, known[found.kind]) for found in highlight(line)])


@cache
def _kinds() -> dict[str, Syntax]:
    from sealwright.policy.writing.token_kinds import TokenKind  # noqa: PLC0415 - after the first paint

    special = {TokenKind.CLAIM_NAME: Syntax.CLAIM, TokenKind.ERROR: Syntax.STRING}
    return {kind: special.get(kind) or Syntax(kind.value) for kind in TokenKind}
