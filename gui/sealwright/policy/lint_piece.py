"""What one piece of the text says by itself, whatever stands around it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.policy.catalogue import SEVERITIES
from sealwright.policy.diagnostics import Diagnostic, Edit, Fix
from sealwright.policy.facts import RuleFacts, facts_of
from sealwright.policy.lint_flow import flow_key, lint_rule_flow
from sealwright.policy.lint_queries import lint_queries
from sealwright.policy.rule_checks import RuleContext, check_rule
from sealwright.policy.source import Span
from sealwright.policy.syntax import Chunk, Rule, SectionOpen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealwright.claims.catalogue import Catalogue
    from sealwright.policy.limits import Limits
    from sealwright.policy.lint_claims import ClaimLinter

# Possessive throughout: a megabyte of comment takes one pass.
_RULE_START: Final = re.compile(
    r"!?(?<!\w)(?:[A-Za-z_]\w*+[ \t]*+:[ \t]*+)?\[[ \t]*+(?:type|value|issuer)|=>"
)
_ACTION: Final = re.compile(r"=>[ \t]*+\w++[ \t]*+\(")
_STRING_OR_COMMENT: Final = re.compile(r'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*"|//[^\n]*+')


class KnownPiece(NamedTuple):
    """What is known about a piece.

    Args:
        section: the section that is open after it; empty between sections.
        rules: facts of its rules, each with its section; none when the piece does not parse.
        findings: everything it says, with offsets of the piece.
        tested: claim types that its conditions name.
        added: claim types that its rules add.
        key: all that findings about the rules together can depend on.
    """

    section: str
    rules: tuple[tuple[RuleFacts, str], ...]
    findings: tuple[Diagnostic, ...]
    tested: frozenset[str]
    added: tuple[str, ...]
    key: tuple[object, ...]


class PieceContext(NamedTuple):
    """What the whole policy lends to each piece."""

    catalogue: Catalogue
    version: int
    limits: Limits


def added_by(chunk: Chunk) -> list[str]:
    """Claim types that the rules of a piece add."""
    facts = [facts_of(node) for node in chunk.nodes if isinstance(node, Rule)]
    return [] if is_broken(chunk) else [each.added.claim_type for each in facts if each.added]


def is_broken(chunk: Chunk) -> bool:
    """Whether the piece does not follow the grammar."""
    return bool(chunk.problems) and any(each.is_syntax_error for each in chunk.problems)


def read_piece_facts(
    chunk: Chunk, section: str, context: PieceContext, linter: ClaimLinter
) -> KnownPiece:
    """Look at a piece.

    Args:
        chunk: the piece.
        section: the section that is open before it.
        context: what all pieces share.
        linter: knows the claims.
    """
    findings = list(chunk.problems)
    if "//" in chunk.text:
        findings += _swallowed(chunk.text)
    rules: list[tuple[RuleFacts, str]] = []
    broken = is_broken(chunk)
    for node in chunk.nodes:
        if not isinstance(node, Rule):
            section = node.name if isinstance(node, SectionOpen) else ""
        elif not broken:
            facts = facts_of(node)
            rules.append((facts, section))
            findings += check_rule(node, RuleContext(section, context.version, context.limits))
            findings += linter.check(facts, section)
            findings += lint_queries(node)
            findings += lint_rule_flow(facts, section, context.catalogue)
    return KnownPiece(
        section,
        tuple(rules),
        tuple(findings),
        frozenset(wanted.claim_type for facts, _ in rules for wanted in facts.wanted),
        tuple(facts.added.claim_type for facts, _ in rules if facts.added),
        tuple(flow_key(facts) for facts, _ in rules),
    )


def _swallowed(text: str) -> Iterator[Diagnostic]:
    """Rules that stand behind the words of a comment."""
    for match in _STRING_OR_COMMENT.finditer(text):
        comment = match[0].rstrip()
        if comment.startswith('"') or not comment.endswith(";"):
            continue
        rule = _RULE_START.search(comment, 2)
        if rule is None or not comment[2 : rule.start()].strip():
            continue
        if _ACTION.search(comment, rule.start()) is not None:
            span = Span(match.start() + rule.start(), match.start() + len(comment))
            fix = Fix("Start a new line", (Edit(Span(span.start, span.start), "\n"),))
            message = "This rule is part of the comment before it"
            yield Diagnostic("SW211", SEVERITIES["SW211"], message, span, "", fix)
