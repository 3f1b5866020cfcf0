"""Where a name of a policy is made and where it is used.

A claim identifier lives in one rule; a claim that rules add lives in the whole text.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.policy.diagnostics import Edit, Fix
from sealwright.policy.reading.lexer import NAME, STRING, tokens
from sealwright.policy.source import Span
from sealwright.policy.writing.hover import rule_at

if TYPE_CHECKING:
    from sealwright.policy.reading.lexer import Token
    from sealwright.policy.syntax import Policy

_TESTS: Final = frozenset({"==", "!="})


class NameKind(StrEnum):
    """What a name stands for."""

    IDENTIFIER = "identifier"
    CLAIM = "claim"


class References(NamedTuple):
    """A name and its places in the order of the text; the name alone, without quotes.

    Args:
        name: the name.
        kind: what it stands for.
        definitions: where it is declared, or where a rule makes the claim.
        uses: every other place.
    """

    name: str
    kind: NameKind
    definitions: tuple[Span, ...]
    uses: tuple[Span, ...]

    @property
    def all(self) -> tuple[Span, ...]:
        """Every place."""
        return tuple(sorted((*self.definitions, *self.uses)))


def references_at(policy: Policy, text: str, offset: int) -> References | None:
    """The name at an offset of `text`, which is the text of `policy`; None for anything else."""
    placed = rule_at(policy, offset)
    if placed is None:
        return None
    span = placed.span
    found = _placed(text[span.start : span.end], span.start)
    for index, token in enumerate(found):
        if token.start <= offset <= token.end:
            if token.kind == STRING and _role(found, index):
                return _claim(text, token.text[1:-1])
            if token.kind == NAME and _is_identifier(found, index):
                return _identifier(found, token.text)
    return None


def rename(references: References, name: str) -> Fix | None:
    """The change that gives an identifier another name; None when it cannot have that name."""
    if references.kind is not NameKind.IDENTIFIER or not _is_name(name):
        return None
    return Fix(f"Rename to `{name}`", tuple(Edit(span, name) for span in references.all))


def _is_name(text: str) -> bool:
    found = tokens(text)
    return len(found) == 1 and found[0].kind == NAME and found[0].text == text


def _placed(text: str, base: int) -> list[Token]:
    return [token._replace(start=token.start + base) for token in tokens(text)]


def _is_identifier(found: list[Token], index: int) -> bool:
    after = found[index + 1].text if index + 1 < len(found) else ""
    before = [token.text for token in found[max(0, index - 2) : index]]
    return after in {":", "."} or before == ["claim", "="]


def _identifier(found: list[Token], name: str) -> References:
    definitions: list[Span] = []
    uses: list[Span] = []
    for index, token in enumerate(found):
        if token.kind == NAME and token.text == name and _is_identifier(found, index):
            declares = found[index + 1].text == ":" if index + 1 < len(found) else False
            (definitions if declares else uses).append(Span(token.start, token.end))
    return References(name, NameKind.IDENTIFIER, tuple(definitions), tuple(uses))


def _role(found: list[Token], index: int) -> str:
    """`use` for a type that a condition tests, `make` for one that a rule makes; else empty."""
    if index < 2 or found[index - 2].text != "type":  # noqa: PLR2004 - property and operator
        return ""
    if found[index - 1].text in _TESTS:
        return "use"
    return "make" if found[index - 1].text == "=" else ""


def _claim(text: str, name: str) -> References:
    definitions: list[Span] = []
    uses: list[Span] = []
    quoted = f'"{name}"'
    at = text.find(quoted)
    while at >= 0:
        # Only the line is read: a text of megabytes is searched, not split into tokens.
        line = text.rfind("\n", 0, at) + 1
        found = _placed(text[line : at + len(quoted)], line)
        role = _role(found, len(found) - 1) if found and found[-1].start == at else ""
        if role:
            places = definitions if role == "make" else uses
            places.append(Span(at + 1, at + 1 + len(name)))
        at = text.find(quoted, at + 1)
    return References(name, NameKind.CLAIM, tuple(definitions), tuple(uses))
