"""Sections and rules of a policy as rows of the outline. Runs on a worker thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sealwright.desktop.messages import quoted
from sealwright.desktop.policies.words import tr
from sealwright.desktop.widgets.tables.cells import Row, Text
from sealwright.pace import paced

if TYPE_CHECKING:
    from sealwright.policy import Policy
    from sealwright.policy.syntax import PlacedRule, Section

MOST_RULES = 2_000
"""Further rules of a policy are counted, not listed."""
_ICONS = {
    "permit": ("ok", "ok.mark"),
    "deny": ("denied", "err.mark"),
    "issue": ("tokens", "text2"),
    "add": ("plus", "text2"),
    "issueproperty": ("settings", "text2"),
}


@dataclass(frozen=True, slots=True)
class Outline:
    """Rows with the places of their parts as data, and in which line each begins, by its key.

    Keys count sections and rules, so that a row stays where it is while other places move.
    """

    rows: tuple[Row, ...] = ()
    lines: tuple[tuple[int, str], ...] = ()


def outline_of(policy: Policy) -> Outline:
    """What stands in a policy, also in a broken one as far as it could be read."""
    left = MOST_RULES
    rows: list[Row] = []
    lines: list[tuple[int, str]] = []
    for section in policy.sections:
        key = f"section:{len(rows)}"
        lines.append((policy.position(section.span.start).line, key))
        rows.append(_section(section, key, lines[-1][0]))
        for place, placed in enumerate(paced(section.rules[:left])):
            line = policy.position(placed.span.start).line
            rule = _rule(placed, section.name, f"{key}:{place}", line)
            lines.append((line, rule.key))
            rows[-1].children.append(rule)
        listed = len(rows[-1].children)
        left -= listed
        if len(section.rules) > listed:
            words = tr("{0} more rules").format(len(section.rules) - listed)
            more = Row(f"{key}:more", (Text(words, color="text3"), Text("")))
            rows[-1].children.append(more)
    return Outline(tuple(rows), tuple(lines))


def _section(section: Section, key: str, line: int) -> Row:
    start, name = section.span.start, section.name
    title = Text(name or tr("Section without a known name"), weight=600)
    cells = title, Text(str(line), color="text3")
    return Row(key, cells, data=(start, start + len(name)))


def _rule(placed: PlacedRule, section: str, key: str, line: int) -> Row:
    from sealwright.policy.writing.explanation import explain_rule  # noqa: PLC0415 - after the first paint

    verb, span = placed.rule.action.verb, placed.span
    sentence = quoted(explain_rule(placed.rule, section).removesuffix("."))
    icon, color = _ICONS.get(verb, ("rows", "text2"))
    title = Text(sentence, icon=icon, icon_color=color, hint=sentence)
    cells = title, Text(str(line), color="text3")
    return Row(key, cells, data=(span.start, span.end), search=verb)
