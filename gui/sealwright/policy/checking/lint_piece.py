"""What one piece of the text says by itself, whatever stands around it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.policy.catalogue import SEVERITIES
from sealwright.policy.checking.lint_flow import lint_rule_flow
from sealwright.policy.checking.lint_names import ANY
from sealwright.policy.checking.lint_queries import lint_queries
from sealwright.policy.checking.lint_verdicts import NO_BEARING, Bearing, bearing_of
from sealwright.policy.checking.rule_checks import RuleContext, check_rule
from sealwright.policy.diagnostics import Diagnostic, Edit, Fix, order
from sealwright.policy.facts import RuleFacts, facts_of
from sealwright.policy.source import Span
from sealwright.policy.syntax import Chunk, Rule, SectionOpen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealwright.claims.catalogue import Catalogue
    from sealwright.policy.checking.lint_claims import ClaimLinter
    from sealwright.policy.limits import Limits

# Possessive throughout: a megabyte of comment takes one pass.
_RULE_START: Final = re.compile(
    r"!?(?<!\w)(?:[A-Za-z_]\w*+[ \t]*+:[ \t]*+)?\[[ \t]*+(?:type|value|issuer)|=>"
)
_ACTION: Final = re.compile(r"=>[ \t]*+\w++[ \t]*+\(")
_ADDS: Final = re.compile(r'\b(?:add|issue)[ \t]*+\([ \t]*+type[ \t]*+=[ \t]*+"([^"\\\n]++)"')
_INDENT: Final = "    "
_STRING_OR_COMMENT: Final = re.compile(r'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*"|//[^\n]*+')


class KnownPiece(NamedTuple):
    """What is known about a piece.

    Args:
        section: the section that is open after it; empty between sections.
        rules: facts of its rules, each with its section; none when the piece does not parse.
        findings: everything it says, in order, with offsets of the piece.
        tested: claim types that its conditions name.
        added: claim types that its rules add.
        mentioned: both of them.
        names: all that findings about names can depend on, places aside.
        blind: of it what speaks of claims of any name.
        bearing: all that findings about the verdict can depend on.
        versioned: whether it may say something else under another version; some do not.
    """

    section: str
    rules: tuple[tuple[RuleFacts, str], ...]
    findings: tuple[Diagnostic, ...]
    tested: frozenset[str]
    added: tuple[str, ...]
    mentioned: frozenset[str]
    names: tuple[object, ...]
    blind: tuple[object, ...]
    bearing: Bearing
    versioned: bool = False


_NO_NAMES: Final[frozenset[str]] = frozenset()
NOTHING_SAID: Final = KnownPiece("", (), (), _NO_NAMES, (), _NO_NAMES, (), (), NO_BEARING)


class PieceContext(NamedTuple):
    """What the whole policy lends to each piece."""

    catalogue: Catalogue
    version: int
    limits: Limits


def added_by(chunk: Chunk) -> list[str]:
    """Claim types that the rules of a piece add, or would if they could be read."""
    if is_broken(chunk):
        # Other rules do not lose their claims by a slip in this one.
        return _ADDS.findall(chunk.text)
    facts = [facts_of(node) for node in chunk.nodes if isinstance(node, Rule)]
    return [each.added.claim_type for each in facts if each.added]


def section_after(chunk: Chunk, section: str) -> str:
    """The section that is open after a piece, when `section` is open before it."""
    for node in chunk.nodes:
        if not isinstance(node, Rule):
            section = node.name if isinstance(node, SectionOpen) else ""
    return section


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
    swallowed = list(_swallowed(chunk.text)) if "//" in chunk.text else []
    broken = is_broken(chunk)
    rules = () if broken else _rules(chunk, section)
    findings = [*chunk.problems, *swallowed]
    for facts, own in rules:
        findings += _said_of(facts, own, context, linter)
    if len(findings) > 1:
        findings.sort(key=order)
    after = section_after(chunk, section)
    bearing = bearing_of(rules, swallowed=bool(swallowed))
    if not rules:
        added = tuple(added_by(chunk)) if broken else ()
        return NOTHING_SAID._replace(
            section=after, findings=tuple(findings), added=added, bearing=bearing
        )
    tested = frozenset([wanted.claim_type for facts, _ in rules for wanted in facts.wanted])
    added = tuple([facts.added.claim_type for facts, _ in rules if facts.added])
    mentioned = tested.union(added)
    names = tuple([_name_key(facts, own) for facts, own in rules])
    blind = names if ANY in mentioned else ()
    versioned = _is_versioned(chunk, tested, context)
    said = tuple(findings)
    return KnownPiece(
        after, rules, said, tested, added, mentioned, names, blind, bearing, versioned
    )


def _rules(chunk: Chunk, section: str) -> tuple[tuple[RuleFacts, str], ...]:
    """The rules of a piece that parses, each with the section that it stands in."""
    found = []
    for node in chunk.nodes:
        if isinstance(node, Rule):
            found.append((facts_of(node), section))
        else:
            section = node.name if isinstance(node, SectionOpen) else ""
    return tuple(found)


def _said_of(
    facts: RuleFacts, section: str, context: PieceContext, linter: ClaimLinter
) -> list[Diagnostic]:
    return [
        *check_rule(facts.rule, RuleContext(section, context.version, context.limits)),
        *linter.check(facts, section),
        *lint_queries(facts.rule),
        *lint_rule_flow(facts, section, context.catalogue),
    ]


def _is_versioned(chunk: Chunk, tested: frozenset[str], context: PieceContext) -> bool:
    """A negation, a call beside the action, or a claim that came with a version."""
    return (
        "!" in chunk.text
        or chunk.text.count("(") > 1
        or not tested.isdisjoint(context.catalogue.versioned_names)
    )


def _name_key(facts: RuleFacts, section: str) -> object:
    wanted = tuple(
        [(each.claim_type, each.issuer, each.condition.negated) for each in facts.wanted]
    )
    added = facts.added and (facts.added.claim_type, facts.added.identity)
    return section, facts.rule.action.verb, wanted, added


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
            line = text.rfind("\n", 0, match.start()) + 1
            # The piece begins behind a rule, whose line tells how far in rules stand.
            before = text[line : match.start()] if line else _INDENT
            indent = before[: len(before) - len(before.lstrip())]
            words = len(text[: span.start].rstrip())
            fix = Fix("Start a new line", (Edit(Span(words, span.start), f"\n{indent}"),))
            message = "This rule is part of the comment before it"
            yield Diagnostic("SW211", SEVERITIES["SW211"], message, span, "", fix)
