"""Everything there is to say about a policy: syntax, static checks and lint."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sealwright.policy.catalogue import SEVERITIES
from sealwright.policy.checks import check, has_syntax_error, version_index
from sealwright.policy.diagnostics import Diagnostic, Edit, Fix
from sealwright.policy.facts import facts_of
from sealwright.policy.lint_claims import ClaimLinter
from sealwright.policy.lint_flow import PlacedFacts, lint_flow
from sealwright.policy.lint_queries import lint_queries
from sealwright.policy.parser import without_collector
from sealwright.policy.source import Span
from sealwright.policy.syntax import AUTHORIZATION, SECTIONS, Policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.claims.catalogue import Catalogue

_SWALLOWED: Final = re.compile(
    r"//[ \t]*(?![!\[=]|[A-Za-z_]\w*[ \t]*:[ \t]*\[)[^\n\[]*?\S[ \t]"
    r"((?:!?(?:[A-Za-z_]\w*[ \t]*:[ \t]*)?\[|=>)[^\n]*?=>[ \t]*\w+[ \t]*\([^\n]*\)[ \t]*;)"
)
_STRING_OR_COMMENT: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*')


def lint(
    policy: Policy, catalogue: Catalogue, attestation_type: AttestationType | None = None
) -> tuple[Diagnostic, ...]:
    """Syntax errors, static findings and lint in the order of the text."""
    found = list(check(policy, attestation_type))
    with without_collector(policy.starts[-1]):
        found += _swallowed(policy.text)
        rules = _placed(policy)
        added = frozenset(each.facts.added.claim_type for each in rules if each.facts.added)
        linter = ClaimLinter(catalogue, attestation_type, version_index(policy.version), added)
        for facts, section, base in rules:
            found += [each.shifted(base) for each in linter.check(facts, section)]
            found += [each.shifted(base) for each in lint_queries(facts.rule)]
        header = _header(policy)
        if header is not None and policy.parses:
            found += lint_flow(rules, header, catalogue, attestation_type)
    found.sort(key=lambda each: each.span)
    return tuple(found)


def _placed(policy: Policy) -> list[PlacedFacts]:
    """Rules that parse, in the order of evaluation."""
    sections = [each for each in policy.sections if each.name]
    sections.sort(key=lambda section: SECTIONS.index(section.name))
    return [
        PlacedFacts(facts_of(rule), section.name, base)
        for section in sections
        for rule, base, chunk in section.rules
        if not has_syntax_error(policy, chunk)
    ]


def _header(policy: Policy) -> Span | None:
    for section in policy.sections:
        if section.name == AUTHORIZATION:
            start = section.span.start
            text = policy.text
            return Span(start, text.index("{", start) + 1)
    return None


def _swallowed(text: str) -> Iterator[Diagnostic]:
    """Rules that stand behind the words of a comment."""
    for match in _STRING_OR_COMMENT.finditer(text):
        if match[0].startswith('"'):
            continue
        rule = _SWALLOWED.match(text, match.start(), match.end())
        if rule is not None:
            span = Span(rule.start(1), rule.end(1))
            fix = Fix("Start a new line", (Edit(Span(span.start, span.start), "\n"),))
            message = "This rule is part of the comment before it"
            yield Diagnostic("SW211", SEVERITIES["SW211"], message, span, "", fix)
