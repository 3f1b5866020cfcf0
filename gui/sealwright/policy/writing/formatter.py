"""One layout for every policy: same tokens, same comments, other blanks.

Formatting twice gives the same text as formatting once, and the tree stays what it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.errors import PolicyError
from sealwright.policy.reading.lexer import Token, tokens
from sealwright.policy.reading.parser import parse
from sealwright.policy.syntax import Call, Policy, Reference, Rule, SectionOpen, VersionLine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealwright.policy.syntax import Expression

WIDTH: Final = 100
_INDENT: Final = "    "
_GLUED_AFTER: Final = frozenset('[(.!:="') | {"==", "!=", "<", "<=", ">", ">="}
_GLUED_BEFORE: Final = frozenset("])[.,:;(=") | {"==", "!=", "<", "<=", ">", ">="}


class _Comment(NamedTuple):
    text: str
    own_line: bool
    after_blank: bool


@dataclass(slots=True)
class _Item:
    """Version line, section header, section end or rule."""

    tokens: list[Token] = field(default_factory=list)
    inner: dict[int, list[_Comment]] = field(default_factory=dict)
    leading: list[_Comment] = field(default_factory=list)
    trailing: list[_Comment] = field(default_factory=list)
    after_blank: bool = False

    @property
    def last(self) -> str:
        return self.tokens[-1].text if self.tokens else ""


def format_policy(text: str) -> str:
    """The text in the one layout; a byte order mark and CRLF line ends stay.

    Raises:
        PolicyError: the text does not parse.
    """
    policy = parse(text)
    if not policy.parses:
        raise PolicyError(
            "A policy with syntax errors cannot be formatted",
            hint="Correct them first.",
            diagnostics=[each for each in policy.syntax_errors if each.is_syntax_error],
        )
    lines = list(_lines(_items(text, _spellings(policy))))
    newline = "\r\n" if "\r\n" in text else "\n"
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    return mark + newline.join(lines) + newline


def _spellings(policy: Policy) -> dict[int, str]:
    """Offsets of words that are accepted in any letter case, with their right spelling."""
    found: dict[int, str] = {}
    for base, chunk in zip(policy.starts, policy.chunks, strict=False):
        if not chunk.problems:
            continue
        for node in chunk.nodes:
            if isinstance(node, VersionLine):
                found[base + node.start] = "version"
            elif isinstance(node, SectionOpen):
                found[base + node.start] = node.name
            elif isinstance(node, Rule):
                found.update((base + start, word) for start, word in _words(node))
    return found


def _words(rule: Rule) -> Iterator[tuple[int, str]]:
    for condition in rule.conditions:
        for test in condition.tests:
            yield test.start, test.property
            yield from _references(test.expression)
    action = rule.action
    yield action.start, action.verb
    for assignment in action.assignments:
        yield assignment.start, assignment.property
        yield from _references(assignment.expression)


def _references(expression: Expression) -> Iterator[tuple[int, str]]:
    if isinstance(expression, Reference):
        yield expression.property_start, expression.property
    elif isinstance(expression, Call):
        for argument in expression.arguments:
            yield from _references(argument)


def _items(text: str, spellings: dict[int, str]) -> list[_Item]:
    """The items of a text that parses; a last one without tokens holds the comments at the end."""
    items = [_Item()]
    end = 0
    for token in tokens(text):
        item = items[-1]
        comments, blank = _between(text, end, token.start)
        if item.tokens:
            if comments:
                item.inner[len(item.tokens)] = comments
        else:
            _attach(items, comments, after_blank=blank)
        word = spellings.get(token.start, "claim" if _copies(item, token) else token.text)
        item.tokens.append(Token(token.kind, word, token.start))
        end = token.end
        if word in {";", "{"}:
            items.append(_Item())
    _attach(items, _between(text, end, len(text))[0], after_blank=False)
    return items


def _copies(item: _Item, token: Token) -> bool:
    """Whether the token is the word `claim` of an action, in any letter case."""
    return bool(item.tokens) and item.last == "(" and token.text.lower() == "claim"


def _attach(items: list[_Item], comments: list[_Comment], *, after_blank: bool) -> None:
    item = items[-1]
    item.after_blank = after_blank
    for comment in comments:
        if comment.own_line or len(items) == 1:
            item.leading.append(comment)
        else:
            items[-2].trailing.append(comment)


def _between(text: str, begin: int, end: int) -> tuple[list[_Comment], bool]:
    """Comments of a gap, and whether an empty line stands before what follows the gap."""
    found: list[_Comment] = []
    at = begin
    while (start := text.find("//", at, end)) >= 0:
        newlines = text.count("\n", at, start)
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        found.append(_Comment(text[start:stop].rstrip(), newlines > 0, newlines > 1))
        at = stop
    return found, text.count("\n", at, end) > 1


def _lines(items: list[_Item]) -> Iterator[str]:
    inside = False
    fresh = True
    for item in items:
        opens, closes = item.last == "{", bool(item.tokens) and item.tokens[0].text == "}"
        indent = _INDENT if inside else ""
        section = opens and not fresh
        for index, comment in enumerate(item.leading):
            blank = section and index == 0
            if blank or (comment.after_blank and not fresh):
                yield ""
            yield indent + comment.text
            fresh = False
        if not item.tokens:
            return
        apart = item.after_blank and not closes and not fresh
        if apart or (section and not item.leading):
            yield ""
        rendered = list(_rendered(item, "" if closes else indent))
        rendered[-1] += "".join(f"  {comment.text}" for comment in item.trailing)
        yield from rendered
        inside = opens or (inside and not closes)
        fresh = opens


def _rendered(item: _Item, indent: str) -> Iterator[str]:
    if not item.inner:
        line = indent + _joined(item.tokens)
        if len(line) <= WIDTH:
            yield line
            return
    yield from _broken(item, indent)


def _joined(words: list[Token]) -> str:
    line = ""
    for index, token in enumerate(words):
        line += (_gap(words, index) if index else "") + token.text
    return line


def _gap(words: list[Token], index: int) -> str:
    """The blank before a token."""
    before, here = words[index - 1].text, words[index].text
    if here == "{":
        return " "
    if before in _GLUED_AFTER or here in _GLUED_BEFORE:
        return " " if before in {"=>", "&&", ","} else ""
    return " " if before in {"=>", "&&", ","} or here in {"=>", "&&"} else ""


def _broken(item: _Item, indent: str) -> Iterator[str]:
    """A condition a line; a comment inside ends its line."""
    line = indent
    empty = True
    for index, token in enumerate(item.tokens):
        comments = item.inner.get(index, [])
        for comment in comments:
            if comment.own_line:
                if not empty:
                    yield line
                yield f"{indent}{_INDENT}{comment.text}"
                line, empty = indent + _INDENT, True
            else:
                yield f"{line}  {comment.text}"
                line, empty = indent + _INDENT, True
        breaks = index > 0 and (item.tokens[index - 1].text == "&&" or token.text == "=>")
        if breaks and not empty:
            yield line
            line, empty = indent + (_INDENT if token.text == "=>" else ""), True
        line += ("" if empty or not index else _gap(item.tokens, index)) + token.text
        empty = False
    yield line
