"""What each piece of a line of policy text is, by the tokens of the real lexer.

A token never crosses a line end, block comments (which the language does not have) excepted, so a
line can be coloured by itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sealwright.desktop.theme import Syntax

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sealwright.policy.lexer import Token

_SECTIONS = frozenset({"version", "configurationrules", "authorizationrules", "issuancerules"})
_ACTIONS = frozenset({"add", "issue", "issueproperty", "claim"})
_PROPERTIES = frozenset({"type", "value", "issuer", "valuetype"})
_AFTER_TYPE = re.compile(r"\btype\s*==?\s*$")
_COMMENT = re.compile(r"\s*(//.*)", re.DOTALL)


class Piece(NamedTuple):
    """A stretch of a line in code points, end excluded."""

    start: int
    end: int
    syntax: Syntax


def pieces(line: str, before: str = "") -> list[Piece]:
    """The coloured pieces of `line`; `before` is the line above, for a broken `type == "..."`."""
    from sealwright.policy import lexer  # noqa: PLC0415 - after the first paint

    found = [token for token in lexer.tokens(line) if token.text]
    made = list(_comments(line, found))
    claim_next = bool(_AFTER_TYPE.search(before)) if before else False
    for index, token in enumerate(found):
        syntax = _classify(found, index, claim_next=claim_next and index == 0)
        if syntax is not None:
            made.append(Piece(token.start, token.start + len(token.text), syntax))
    made.sort()
    return made


def _comments(line: str, found: Sequence[Token]) -> Iterator[Piece]:
    """Comments lie between the tokens; one runs to the end of the line, so there is one at most."""
    end = 0
    if found:
        end = found[-1].start + len(found[-1].text)
    match = _COMMENT.match(line, end)
    if match:
        yield Piece(match.start(1), len(line), Syntax.COMMENT)


def _classify(found: Sequence[Token], index: int, *, claim_next: bool) -> Syntax | None:
    from sealwright.policy import lexer  # noqa: PLC0415 - after the first paint

    token = found[index]
    if token.kind in (lexer.STRING, lexer.OPEN_STRING, lexer.SMART_STRING):
        return Syntax.CLAIM if claim_next or _names_claim(found, index) else Syntax.STRING
    if token.kind == lexer.NUMBER:
        return Syntax.NUMBER
    if token.kind == lexer.BLOCK_COMMENT:
        return Syntax.COMMENT
    if token.kind == lexer.NAME:
        return _classify_name(found, index)
    return Syntax.OPERATOR


def _names_claim(found: Sequence[Token], index: int) -> bool:
    before = [token.text for token in found[max(index - 2, 0) : index]]
    return len(before) == 2 and before[0] == "type" and before[1] in ("=", "==")  # noqa: PLR2004 - a pair


def _classify_name(found: Sequence[Token], index: int) -> Syntax:
    word = found[index].text
    following = found[index + 1].text if index + 1 < len(found) else ""
    preceding = found[index - 1].text if index else ""
    lower = word.lower()
    if lower in ("true", "false"):
        return Syntax.NUMBER
    if following == ":":
        return Syntax.IDENTIFIER
    if lower in _PROPERTIES and (preceding == "." or following in ("=", "==", "!=")):
        return Syntax.PROPERTY
    if lower in _SECTIONS:
        return Syntax.SECTION
    known = {"permit": Syntax.PERMIT, "deny": Syntax.DENY}
    if lower in known:
        return known[lower]
    if lower in _ACTIONS:
        return Syntax.ACTION
    if following == "(":
        return Syntax.FUNCTION
    if lower in _PROPERTIES:
        return Syntax.PROPERTY
    return Syntax.IDENTIFIER
