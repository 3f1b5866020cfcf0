"""What each token is, for an editor to colour."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.policy.reading.lexer import (
    BLOCK_COMMENT,
    NAME,
    NUMBER,
    OPEN_STRING,
    PLACEHOLDER,
    SMART_STRING,
    STRAY,
    STRING,
    Token,
    tokens,
)
from sealwright.policy.source import Span
from sealwright.policy.syntax import PROPERTIES, SECTIONS, VERBS

if TYPE_CHECKING:
    from collections.abc import Iterator


class TokenKind(StrEnum):
    """A colour of the editor; the names are those of the theme's syntax tokens."""

    SECTION = "section"
    PERMIT = "permit"
    DENY = "deny"
    ACTION = "action"
    PROPERTY = "property"
    CLAIM_NAME = "claim name"
    STRING = "string"
    NUMBER = "number"
    IDENTIFIER = "identifier"
    FUNCTION = "function"
    OPERATOR = "operator"
    COMMENT = "comment"
    ERROR = "error"


class Highlight(NamedTuple):
    """A range of the text and its colour."""

    span: Span
    kind: TokenKind


_FIXED: Final = {
    STRING: TokenKind.STRING,
    NUMBER: TokenKind.NUMBER,
    OPEN_STRING: TokenKind.ERROR,
    SMART_STRING: TokenKind.ERROR,
    PLACEHOLDER: TokenKind.ERROR,
    BLOCK_COMMENT: TokenKind.COMMENT,
    STRAY: TokenKind.ERROR,
}
_PROPERTY_WORDS: Final = frozenset(each.lower() for each in (*PROPERTIES, "claim"))


def highlight(text: str) -> tuple[Highlight, ...]:
    """Coloured ranges in the order of the text; blanks between them have none.

    Works on any fragment that starts outside a comment and a string, such as one line.
    """
    return tuple(_highlights(text))


def _highlights(text: str) -> Iterator[Highlight]:
    found = tokens(text)
    end = 0
    for index, token in enumerate(found):
        yield from _comments(text, end, token.start)
        end = token.end
        yield Highlight(Span(token.start, end), _kind(found, index))
    yield from _comments(text, end, len(text))


def _comments(text: str, begin: int, end: int) -> Iterator[Highlight]:
    at = text.find("//", begin, end)
    while at >= 0:
        stop = text.find("\n", at, end)
        stop = end if stop < 0 else stop
        yield Highlight(Span(at, stop), TokenKind.COMMENT)
        at = text.find("//", stop, end)


def _kind(found: list[Token], index: int) -> TokenKind:
    token = found[index]
    if token.kind == NAME:
        return _name_kind(found, index)
    if token.kind == STRING and _names_claim(found, index):
        return TokenKind.CLAIM_NAME
    return _FIXED.get(token.kind, TokenKind.OPERATOR)


def _names_claim(found: list[Token], index: int) -> bool:
    if index < 2:  # noqa: PLR2004 - a property and an operator stand before it
        return False
    return found[index - 2].text.lower() == "type" and found[index - 1].text in {"=", "==", "!="}


def _name_kind(found: list[Token], index: int) -> TokenKind:
    word = found[index].text.lower()
    before = found[index - 1].text if index else ""
    after = found[index + 1].text if index + 1 < len(found) else ""
    if after == "(":
        return _called_kind(word)
    if before == "." or (after != ":" and before in {"[", ",", "("} and word in _PROPERTY_WORDS):
        return TokenKind.PROPERTY
    if word in {"true", "false"}:
        return TokenKind.NUMBER
    if word in SECTIONS or (word == "version" and after == "="):
        return TokenKind.SECTION
    return TokenKind.IDENTIFIER


def _called_kind(word: str) -> TokenKind:
    if word == "permit":
        return TokenKind.PERMIT
    if word == "deny":
        return TokenKind.DENY
    return TokenKind.ACTION if word in VERBS else TokenKind.FUNCTION
