"""Looks into the JMESPath queries that a policy writes out (spec policy-language, 9, 20, 23.9)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sealwright.policy.catalogue import SEVERITIES
from sealwright.policy.diagnostics import Diagnostic, Edit, Fix
from sealwright.policy.facts import calls_of, literal_string
from sealwright.policy.literals import quote
from sealwright.policy.source import Span
from sealwright.policy.syntax import Literal, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONG: Final = 10_000
"""Characters of a query that is only parsed: nobody wrote it by hand."""
_QUOTED: Final = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`(?:[^`\\]|\\.)*`")
_WORD: Final = re.compile(r"(?<=[=!<>])(\s*)(true|false|null)\b(?!\s*[.\[(])")
_NUMBER: Final = re.compile(r"(?<=[=<>])(\s*)(-?\d+)\b")
_LIST_AND_NULL: Final = re.compile(r"\].*\|\s*(@\s*!=\s*`?null`?)\s*$", re.DOTALL)


def lint_queries(rule: Rule) -> Iterator[Diagnostic]:
    """Findings about the literal queries of a rule."""
    for call in calls_of(rule):
        if call.function != "JmesPath" or len(call.arguments) != 2:  # noqa: PLR2004 - its arity
            continue
        document, query = call.arguments
        if isinstance(document, Literal) and document.value == "":
            yield _at("SW208", "An empty text is not JSON", document, "")
        text = literal_string(query)
        if isinstance(query, Literal) and text is not None:
            yield from _query(text, query)


def _query(text: str, literal: Literal) -> Iterator[Diagnostic]:
    from sealwright.policy.queries import query_fault  # noqa: PLC0415 - only with functions

    fault = query_fault(text)
    masked = _QUOTED.sub(_blank, text) if len(text) <= _LONG else ""
    if fault is not None:
        advice = "The evaluation fails when the rule fires."
        fix = None
        if _NUMBER.search(masked):
            advice += " Numbers stand between back-ticks: `` `20` ``."
            fix = _ticked(text, masked, literal, _NUMBER)
        span = _place(text, literal, fault.start, fault.end)
        yield Diagnostic("SW208", SEVERITIES["SW208"], fault.reason, span, advice, fix)
        return
    always = _LIST_AND_NULL.search(masked)
    if always:
        message = "A list is never null, so this is always true"
        asked = f"{text[: always.start(1)]}[0] != `null`{text[always.end(1) :]}"
        span = Span(literal.start, literal.end)
        fix = Fix("Ask for the first element", (Edit(span, quote(asked)),))
        advice = "An empty list has no first element: `` [0] != `null` `` asks for one."
        place = _place(text, literal, *always.span(1))
        yield Diagnostic("SW210", SEVERITIES["SW210"], message, place, advice, fix)
        masked = masked[: always.start()] + masked[always.start() :].replace("null", "    ")
    word = _WORD.search(masked)
    if word:
        message = f"`{word[2]}` without back-ticks is the name of a field here"
        fix = _ticked(text, masked, literal, _WORD)
        place = _place(text, literal, *word.span(2))
        advice = f"Write `` `{word[2]}` ``."
        yield Diagnostic("SW209", SEVERITIES["SW209"], message, place, advice, fix)


def _blank(match: re.Match[str]) -> str:
    """A quoted stretch without what it says; `null` is looked for."""
    return match[0] if match[0] == "`null`" else "'" + " " * (len(match[0]) - 2) + "'"


def _place(text: str, literal: Literal, start: int, end: int) -> Span:
    """Characters of a query in its policy; the whole string where it is spelt in an odd way."""
    if start == end or len(quote(text)) != literal.end - literal.start:
        return Span(literal.start, literal.end)
    first, last = (literal.start + len(quote(text[:each])) - 1 for each in (start, end))
    return Span(first, last)


def _ticked(text: str, masked: str, literal: Literal, bare: re.Pattern[str]) -> Fix | None:
    """Put bare words between back-ticks, if that makes a query."""
    from sealwright.policy.queries import query_fault  # noqa: PLC0415 - only with functions

    for match in reversed(list(bare.finditer(masked))):
        text = f"{text[: match.start(2)]}`{match[2]}`{text[match.end(2) :]}"
    if query_fault(text) is not None:
        return None
    return Fix("Put it between back-ticks", (Edit(Span(literal.start, literal.end), quote(text)),))


def _at(
    code: str, message: str, literal: Literal, advice: str, fix: Fix | None = None
) -> Diagnostic:
    return Diagnostic(
        code, SEVERITIES[code], message, Span(literal.start, literal.end), advice, fix
    )
