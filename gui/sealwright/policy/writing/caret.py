"""What stands around a place of a text that is being written and need not parse.

Only the statement at the place is read, so the answer costs the same in a text of any length.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from sealwright.policy.reading.lexer import NAME, OPEN_STRING, STRING, Token, tokens
from sealwright.policy.source import Span
from sealwright.policy.syntax import SECTIONS

REACH: Final = 4_000
"""Characters that a statement is looked for in, either way."""
_OPENED: Final = re.compile(rf"\b({'|'.join(SECTIONS)})\s*\{{")
_CLOSED: Final = re.compile(r"^[ \t]*\}", re.MULTILINE)
_ENDS: Final = frozenset(";{}")
_PAIRS: Final = {")": "(", "]": "["}
# A claim type that was begun without its quotes, after what it is compared with.
_BARE: Final = re.compile(r"[=!<>]=?\s*([A-Za-z_$][\w$]*-[\w$.-]*)\Z")
_LONGEST: Final = 120
_REST: Final = re.compile(r'[\w.:/+-]*"?')


class Caret(NamedTuple):
    """A place in a policy text.

    Args:
        section: the section it stands in, empty outside of them.
        before: tokens of its statement up to the word that is being written.
        identifiers: names that conditions of its statement declare.
        word: the characters of the word before the place, without a quote.
        span: what a completion replaces.
        quoted: whether the word is a string.
        comment: whether it stands in a comment; then nothing else is known.
    """

    section: str
    before: tuple[Token, ...]
    identifiers: tuple[str, ...]
    word: str
    span: Span
    quoted: bool
    comment: bool = False

    @property
    def last(self) -> str:
        """The token before the word; empty at the start of a statement."""
        return self.before[-1].text if self.before else ""

    @property
    def bracket(self) -> int:
        """Index in `before` of the innermost bracket that is open; -1 for none."""
        depth: list[int] = []
        for index, token in enumerate(self.before):
            if token.text in {"[", "("}:
                depth.append(index)
            elif token.text in _PAIRS and depth:
                depth.pop()
        return depth[-1] if depth else -1


def caret_at(text: str, offset: int) -> Caret:
    """Look around an offset."""
    begin = _statement_start(text, offset)
    found = tokens(text[begin:offset])
    section = section_at(text, offset)
    if _in_comment(text, begin, offset, found):
        return Caret(section, (), (), "", Span(offset, offset), quoted=False, comment=True)
    word, span, quoted, found = _word(text, begin, offset, found)
    before = _last_statement(found)
    return Caret(section, before, _identifiers(text, offset, before), word, span, quoted)


def statement_tokens(text: str, offset: int) -> list[Token]:
    """Tokens of the statement around an offset, and of its neighbours, placed in the text."""
    begin = _statement_start(text, max(0, offset - 1))
    end = text.find(";", offset, offset + REACH)
    stop = end + 1 if end >= 0 else min(len(text), offset + REACH)
    return [token._replace(start=token.start + begin) for token in tokens(text[begin:stop])]


def section_at(text: str, offset: int) -> str:
    """The section that an offset stands in; empty outside of them."""
    starts = [text.rfind(name, 0, offset) for name in SECTIONS]
    start = max(starts)
    if start < 0:
        return ""
    opened = _OPENED.match(text, start, offset)
    if opened is None:
        return ""
    # Few lines hold a brace, and a search for the sign alone passes over megabytes at once.
    brace = text.find("}", opened.end(), offset)
    line = max(opened.end(), text.rfind("\n", 0, brace) + 1)
    return "" if brace >= 0 and _CLOSED.search(text, line, offset) else opened[1]


def _statement_start(text: str, offset: int) -> int:
    lowest = max(0, offset - REACH)
    found = max(text.rfind(";\n", lowest, offset), text.rfind("{\n", lowest, offset))
    return found + 2 if found >= 0 else lowest


def _in_comment(text: str, begin: int, offset: int, found: list[Token]) -> bool:
    end = begin + found[-1].end if found else begin
    line = text.rfind("\n", 0, offset) + 1
    return "//" in text[max(end, line) : offset]


def _word(
    text: str, begin: int, offset: int, found: list[Token]
) -> tuple[str, Span, bool, list[Token]]:
    bare = _BARE.search(text, max(begin, offset - _LONGEST), offset)
    if bare is not None and found and found[-1].kind not in {OPEN_STRING, STRING}:
        start = bare.start(1)
        whole = [token for token in found if begin + token.end <= start]
        return bare[1], Span(start, offset), False, whole
    last = found[-1] if found else None
    if last is not None and begin + last.end == offset:
        if last.kind == OPEN_STRING:
            rest = _REST.match(text, offset)
            end = rest.end() if rest is not None and rest[0].endswith('"') else offset
            return last.text[1:], Span(begin + last.start, end), True, found[:-1]
        if last.kind == NAME:
            return last.text, Span(begin + last.start, offset), False, found[:-1]
    return "", Span(offset, offset), False, found


def _last_statement(found: list[Token]) -> tuple[Token, ...]:
    for index in range(len(found) - 1, -1, -1):
        if found[index].text in _ENDS and found[index].kind != STRING:
            return tuple(found[index + 1 :])
    return tuple(found)


def _identifiers(text: str, offset: int, before: tuple[Token, ...]) -> tuple[str, ...]:
    end = text.find(";", offset, offset + REACH)
    after = tokens(text[offset : end if end >= 0 else min(len(text), offset + REACH)])
    names: dict[str, None] = {}
    for found in (before, tuple(after)):
        for one, two, three in zip(found, found[1:], found[2:], strict=False):
            if one.kind == NAME and two.text == ":" and three.text == "[":
                names[one.text] = None
    return tuple(names)
