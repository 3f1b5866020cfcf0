"""Follows claims by their names through the rules: who makes them, who reads them.

What is found about one name follows from the rules that mention it, in their order, and from those
that make or read claims of any name. So after an edit only the names in it are followed again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.claims.catalogue import Catalogue, Direction
from sealwright.claims.claim import POLICY_ISSUER, SERVICE_ISSUER
from sealwright.pace import paced
from sealwright.policy.catalogue import SEVERITIES
from sealwright.policy.diagnostics import Diagnostic, Edit, Fix
from sealwright.policy.source import Span
from sealwright.policy.syntax import AUTHORIZATION, CONFIGURATION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sealwright.policy.facts import RuleFacts, Wanted

ANY: Final = ""
"""The name of a claim whose type the text does not say."""


class PlacedFacts(NamedTuple):
    """A rule, its section, the piece of the text in which it stands, and its number there."""

    facts: RuleFacts
    section: str
    piece: int
    rule: int


class NameFinding(NamedTuple):
    """What is wrong with a name: the number of the rule in its piece, and of the condition."""

    name: str
    code: str
    rule: int
    condition: int = 0
    later: bool = False
    """Whether a rule further on makes the claim."""


def follow_names(
    rules: Iterable[PlacedFacts], names: frozenset[str] | None, catalogue: Catalogue
) -> Iterator[tuple[int, NameFinding]]:
    """Findings about some names, each with its piece.

    Args:
        rules: all that mention one of the names, and all that make or read claims of any name, in
            the order of evaluation.
        names: what to follow; None for every name.
        catalogue: what is known about claims.
    """
    ordered = list(rules)
    yield from _missing(ordered, names, catalogue)
    yield from _unread(ordered, names)
    yield from _shared(ordered, names, catalogue)


def name_diagnostic(finding: NameFinding, facts: RuleFacts) -> Diagnostic:
    """The finding in words, with offsets of its piece."""
    if finding.code == "SW406":
        action = facts.rule.action
        message = f"No later rule reads `{finding.name}`"
        return _at("SW406", message, Span(action.start, action.end))
    wanted = facts.wanted[finding.condition]
    literal = wanted.type_literal or wanted.condition
    span = Span(literal.start, literal.end)
    if finding.code == "SW403":
        where = "before this rule" if finding.later else "in this policy"
        return _at("SW403", f"No rule adds `{finding.name}` {where}", span, _RECIPE)
    message = f"`{finding.name}` may come from the service or from a rule above"
    return _at("SW315", message, span, "Test the issuer too.", _issuers(wanted))


def _missing(
    rules: list[PlacedFacts], names: frozenset[str] | None, catalogue: Catalogue
) -> Iterator[tuple[int, NameFinding]]:
    anywhere = {facts.added.claim_type for facts, _, _, _ in rules if facts.added}
    added: set[str] = set()
    for facts, section, piece, rule in paced(rules):
        if section == CONFIGURATION:
            continue
        for place, wanted in enumerate(facts.wanted):
            name = wanted.claim_type
            if (names is None or name in names) and _is_missing(wanted, added, catalogue):
                later = name in anywhere
                yield piece, NameFinding(name, "SW403", rule, place, later)
        if facts.added:
            added.add(facts.added.claim_type)


def _is_missing(wanted: Wanted, added: set[str], catalogue: Catalogue) -> bool:
    name = wanted.claim_type
    if not name or wanted.condition.negated or name in added or ANY in added:
        return False
    if wanted.issuer == POLICY_ISSUER:
        return True
    return not wanted.issuer and name not in catalogue.incoming_names and _made(name, catalogue)


def _made(name: str, catalogue: Catalogue) -> bool:
    """Whether only recipes make this claim."""
    entry = catalogue.find(name)
    return entry is not None and entry.by_policy and not entry.deprecated


def _unread(
    rules: list[PlacedFacts], names: frozenset[str] | None
) -> Iterator[tuple[int, NameFinding]]:
    read: set[str] = set()
    for facts, section, piece, rule in paced(reversed(rules)):
        verb = facts.rule.action.verb
        acts_as_add = verb == "add" or (verb == "issue" and section == AUTHORIZATION)
        name = facts.added.claim_type if facts.added and acts_as_add else ANY
        if name and (names is None or name in names) and read.isdisjoint((name, ANY)):
            yield piece, NameFinding(name, "SW406", rule)
        for wanted in facts.wanted:
            read.add(wanted.claim_type)


def _shared(
    rules: list[PlacedFacts], names: frozenset[str] | None, catalogue: Catalogue
) -> Iterator[tuple[int, NameFinding]]:
    added: set[str] = set()
    for facts, _, piece, rule in paced(rules):
        for place, wanted in enumerate(facts.wanted):
            name = wanted.claim_type
            doubtful = name in added and not wanted.issuer and not wanted.condition.negated
            if doubtful and (names is None or name in names):
                yield piece, NameFinding(name, "SW315", rule, place)
        fresh = facts.added
        if fresh and not fresh.identity and fresh.claim_type in catalogue.incoming_names:
            entry = catalogue.find(fresh.claim_type, Direction.INCOMING)
            if entry is not None and not entry.deprecated:
                added.add(fresh.claim_type)


def _issuers(wanted: Wanted) -> Fix | None:
    if wanted.type_literal is None:
        return None
    at = wanted.type_literal.end
    test = f', issuer=="{SERVICE_ISSUER}"'
    return Fix("Ask for the claim of the service", (Edit(Span(at, at), test),))


def _at(
    code: str, message: str, span: Span, advice: str = "", fix: Fix | None = None
) -> Diagnostic:
    return Diagnostic(code, SEVERITIES[code], message, span, advice, fix)


_RECIPE: Final = "The rule does nothing. Copy the rule that adds the claim too, and put it first."
