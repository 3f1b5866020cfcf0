"""What there is to say about the word at a place of a policy."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.policy.reading.lexer import NAME, STRING
from sealwright.policy.source import Span
from sealwright.policy.syntax import PlacedRule, Rule
from sealwright.policy.writing.caret import section_at, statement_tokens
from sealwright.policy.writing.completion import detail_of
from sealwright.policy.writing.explanation import explain_rule
from sealwright.policy.writing.signatures import ACTIONS, CALLS, PROPERTY_MEANINGS, SECTION_MEANINGS

if TYPE_CHECKING:
    from sealwright.claims.catalogue import Catalogue
    from sealwright.policy.reading.lexer import Token
    from sealwright.policy.syntax import Policy

_TYPE_TEST: Final = 2
_CAUTIONS: Final = {
    "seen": "Not documented: seen in tokens or samples.",
    "convention": "A convention: it is there only where a policy issues it.",
    "uncertain": "Known from a single source: do not rely on it.",
}
"""What to add where the catalogue does not go by documentation."""


class Card(NamedTuple):
    """One explanation.

    Args:
        span: the word it is about.
        title: the word or how it is called.
        detail: a few words about it.
        text: sentences.
        replacement: the newer name of a deprecated claim; empty otherwise.
    """

    span: Span
    title: str
    detail: str
    text: str
    replacement: str = ""


def describe(policy: Policy, text: str, offset: int, catalogue: Catalogue) -> Card | None:
    """Explain the word at an offset of `text`, which is the text of `policy`; None for a blank."""
    found = statement_tokens(text, offset)
    for index, token in enumerate(found):
        if token.start <= offset <= token.end and token.kind in {NAME, STRING, "=>"}:
            made = _claim(found, index, catalogue) if token.kind == STRING else _word(found, index)
            span = Span(token.start, token.end)
            if token.text in ACTIONS or token.kind == "=>":
                made = _with_rule(made, policy, text, offset)
            return made and made._replace(span=span)
    return None


def rule_at(policy: Policy, offset: int) -> PlacedRule | None:
    """The rule that an offset stands in."""
    starts = policy.starts
    chunk = min(bisect_right(starts, offset), len(policy.chunks)) - 1
    for place in (chunk, chunk - 1):
        if place < 0:
            continue
        base = starts[place]
        for node in policy.chunks[place].nodes:
            if isinstance(node, Rule) and base + node.start <= offset <= base + node.end:
                return PlacedRule(node, base, place)
    return None


def _claim(found: list[Token], index: int, catalogue: Catalogue) -> Card | None:
    before = [token.text for token in found[max(0, index - _TYPE_TEST) : index]]
    if len(before) < _TYPE_TEST or before[0] != "type" or before[1] not in {"=", "==", "!="}:
        return None
    name = found[index].text.strip('"')
    entry = catalogue.find(name)
    if entry is None:
        meaning = "A name of this policy's own: only its rules and the parties that agreed know it."
        return Card(Span(0, 0), name, "claim", meaning)
    words = f"{entry.description} {_CAUTIONS.get(entry.confidence, '')}".rstrip()
    return Card(Span(0, 0), name, detail_of(entry), words, entry.replacement)


def _word(found: list[Token], index: int) -> Card | None:
    word = found[index].text
    nowhere = Span(0, 0)
    known = CALLS.get(word) or ACTIONS.get(word)
    after = found[index + 1].text if index + 1 < len(found) else ""
    if known is not None:
        detail = "function" if word in CALLS else "action"
        return Card(nowhere, known.signature, detail, known.meaning)
    if word in SECTION_MEANINGS:
        return Card(nowhere, word, "section", SECTION_MEANINGS[word])
    if word in PROPERTY_MEANINGS and after != ":":
        return Card(nowhere, word, "property", PROPERTY_MEANINGS[word])
    if after in {":", "."}:
        return Card(nowhere, word, "identifier", "The claim that the condition of this name found.")
    return Card(nowhere, "=>", "rule", "") if word == "=>" else None


def _with_rule(made: Card | None, policy: Policy, text: str, offset: int) -> Card | None:
    placed = rule_at(policy, offset)
    if made is None or placed is None:
        return made if made is not None and made.text else None
    sentence = explain_rule(placed.rule, section_at(text, offset))
    return made._replace(text=f"{made.text}\n{sentence}".strip())
