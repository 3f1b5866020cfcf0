"""Says in plain sentences what a policy does."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sealwright.pace import paced
from sealwright.policy.facts import RuleFacts, facts_of
from sealwright.policy.phrases import claim_noun, condition_words, expression_text, listed
from sealwright.policy.syntax import AUTHORIZATION, CONFIGURATION, ISSUANCE, Literal, Reference

if TYPE_CHECKING:
    from sealwright.policy.source import Span
    from sealwright.policy.syntax import Policy, Rule


class ExplainedRule(NamedTuple):
    """One rule and its sentence."""

    section: str
    number: int
    span: Span
    text: str


class Explanation(NamedTuple):
    """A sentence or two about the whole, and one for each rule."""

    summary: str
    rules: tuple[ExplainedRule, ...]


def explain(policy: Policy) -> Explanation:
    """Explain every rule that could be read."""
    rules = tuple(
        ExplainedRule(section.name, number, placed.span, explain_rule(placed.rule, section.name))
        for section in policy.sections
        for number, placed in enumerate(paced(section.rules), 1)
    )
    return Explanation(_summary(policy), rules)


def explain_rule(rule: Rule, section: str) -> str:
    """One sentence."""
    facts = facts_of(rule)
    effect = _effect(facts, section)
    conditions = listed([condition_words(each) for each in facts.wanted])
    if not conditions:
        return f"Always {effect}."
    return f"When {conditions}: {effect}."


def _effect(facts: RuleFacts, section: str) -> str:
    action = facts.rule.action
    if action.verb == "permit":
        return "permits the request"
    if action.verb == "deny":
        return "denies the request"
    verb = {"issueproperty": "sets", "issue": "issues", "add": "notes"}[action.verb]
    if action.verb == "issue" and section == AUTHORIZATION:
        verb = "notes"
    if action.copy:
        source = facts.added.claim_type if facts.added else ""
        return f"{verb} {claim_noun(source) if source else 'those claims'} as it is"
    name, value = action.assigned("type"), action.assigned("value")
    what = claim_noun(str(name.value)) if isinstance(name, Literal) else "a claim of computed name"
    if isinstance(value, Reference) and value.property == "value":
        source = {each.condition.name: each.claim_type for each in facts.wanted}.get(value.name, "")
        return f"{verb} {what} with the value of {claim_noun(source) if source else value.name}"
    return f"{verb} {what} as {expression_text(value)}" if value else f"{verb} {what}"


def _summary(policy: Policy) -> str:
    denials = _verdicts(policy, "deny")
    permits = _verdicts(policy, "permit")
    parts = []
    if "" in denials or not permits:
        parts.append("Denies every request.")
    else:
        if denials:
            parts.append(f"Denies when {listed(denials, 'or when')}.")
        always = "" in permits
        when = "otherwise" if denials else "every request whose evidence is genuine"
        if not always:
            when = f"when {listed(permits, 'or when')}"
        parts.append(f"Permits {when}.")
    issued = _issued(policy)
    if issued and not parts[0].startswith("Denies every"):
        parts.append(f"Issues {listed(issued)}.")
    settings = [
        f"{claim_noun(str(name.value))} to {expression_text(value)}"
        for placed in policy.section(CONFIGURATION)
        if isinstance(name := placed.rule.action.assigned("type"), Literal)
        and (value := placed.rule.action.assigned("value"))
    ]
    if settings:
        parts.append(f"Sets {listed(settings)}.")
    return " ".join(parts)


def _verdicts(policy: Policy, verb: str) -> list[str]:
    """The conditions of each rule with that verdict; empty text where there are none."""
    return [
        listed([condition_words(each) for each in facts_of(placed.rule).wanted])
        for placed in policy.section(AUTHORIZATION)
        if placed.rule.action.verb == verb
    ]


def _issued(policy: Policy) -> list[str]:
    names: dict[str, None] = {}
    for placed in policy.section(ISSUANCE):
        facts = facts_of(placed.rule)
        if facts.added and facts.added.claim_type and placed.rule.action.verb == "issue":
            names[f"`{facts.added.claim_type}`"] = None
    return list(names)
