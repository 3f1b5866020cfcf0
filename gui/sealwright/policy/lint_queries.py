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
_LIST_AND_NULL: Final = re.compile(r"\].*\|\s*@\s*!=\s*`?null`?\s*$", re.DOTALL)


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
    fault = _fault(text)
    if fault:
        advice = "The evaluation fails when the rule fires."
        if re.search(r"[=<>]\s*-?\d", text):
            advice += " Numbers stand between back-ticks: `` `20` ``."
        yield _at("SW208", fault, literal, advice)
        return
    if len(text) > _LONG:
        return
    masked = _QUOTED.sub(lambda match: "'" + " " * (len(match[0]) - 2) + "'", text)
    always = _LIST_AND_NULL.search(masked)
    if always:
        message = "A list is never null, so this is always true"
        advice = "Ask for `length(@) > `0``, or for the first element: `| [0] != `null``."
        yield _at("SW210", message, literal, advice)
        masked = masked[: always.start()] + masked[always.start() :].replace("null", "    ")
    word = _WORD.search(masked)
    if word:
        message = f"`{word[2]}` without back-ticks is the name of a field here"
        fix = _ticked(text, masked, literal)
        yield _at("SW209", message, literal, f"Write `` `{word[2]}` ``.", fix)


def _ticked(text: str, masked: str, literal: Literal) -> Fix:
    """Put the bare words between back-ticks."""
    for match in reversed(list(_WORD.finditer(masked))):
        text = f"{text[: match.start(2)]}`{match[2]}`{text[match.end(2) :]}"
    return Fix("Put it between back-ticks", (Edit(Span(literal.start, literal.end), quote(text)),))


def _fault(text: str) -> str:
    """Why a query does not parse; empty when it does."""
    from sealwright.policy.outcome import EvaluationError  # noqa: PLC0415 - only with functions
    from sealwright.policy.queries import compile_query  # noqa: PLC0415 - as above

    if not text:
        return "An empty query finds nothing"
    try:
        compile_query(text)
    except EvaluationError as error:
        return error.summary
    return ""


def _at(
    code: str, message: str, literal: Literal, advice: str, fix: Fix | None = None
) -> Diagnostic:
    return Diagnostic(
        code, SEVERITIES[code], message, Span(literal.start, literal.end), advice, fix
    )
