"""Sections and rules of a policy as plain values. Runs on a worker thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sealwright.desktop.messages import quoted
from sealwright.pace import paced

if TYPE_CHECKING:
    from sealwright.policy import Policy
    from sealwright.policy.syntax import PlacedRule, Section

MOST_RULES = 2_000
"""Further rules of a policy are counted, not listed."""


@dataclass(frozen=True, slots=True)
class RulePart:
    """A rule: its line, its place, its verb and what it does."""

    line: int
    span: tuple[int, int]
    verb: str
    sentence: str


@dataclass(frozen=True, slots=True)
class SectionPart:
    """A section with its rules; `more` were left out."""

    name: str
    line: int
    span: tuple[int, int]
    rules: tuple[RulePart, ...]
    more: int = 0


def outline_of(policy: Policy) -> tuple[SectionPart, ...]:
    """What stands in a policy, also in a broken one as far as it could be read."""
    left = MOST_RULES
    found = []
    for section in policy.sections:
        rules = tuple(_rule(policy, placed, section) for placed in paced(section.rules[:left]))
        left -= len(rules)
        line = policy.position(section.span.start).line
        more = len(section.rules) - len(rules)
        span = (section.span.start, section.span.start + len(section.name))
        found.append(SectionPart(section.name, line, span, rules, more))
    return tuple(found)


def _rule(policy: Policy, placed: PlacedRule, section: Section) -> RulePart:
    from sealwright.policy.writing.explanation import explain_rule  # noqa: PLC0415 - after the first paint

    span = placed.span
    return RulePart(
        policy.position(span.start).line,
        (span.start, span.end),
        placed.rule.action.verb,
        quoted(explain_rule(placed.rule, section.name).removesuffix(".")),
    )
