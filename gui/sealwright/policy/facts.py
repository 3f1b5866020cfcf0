"""What a rule asks for and what it adds, as far as the text says so literally."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sealwright.policy.syntax import Call, Condition, Expression, Literal, Reference, Rule, Test

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealwright.claims.claim import ClaimValue


class Wanted(NamedTuple):
    """One condition: the type and issuer it names (or nothing), and value tests."""

    condition: Condition
    claim_type: str
    issuer: str
    values: tuple[Test, ...]
    type_literal: Literal | None


class Added(NamedTuple):
    """A claim that a rule adds; `identity` when it repeats claims of the same type."""

    claim_type: str
    literal: Literal | None
    value: Expression | None
    identity: bool


class RuleFacts(NamedTuple):
    """Conditions and effect of one rule."""

    rule: Rule
    wanted: tuple[Wanted, ...]
    added: Added | None


def facts_of(rule: Rule) -> RuleFacts:
    """Read the facts off a rule."""
    wanted = tuple(_wanted(condition) for condition in rule.conditions)
    return RuleFacts(rule, wanted, _added(rule, wanted))


def _wanted(condition: Condition) -> Wanted:
    claim_type, issuer = "", ""
    literal: Literal | None = None
    values = []
    for test in condition.tests:
        text = literal_string(test.expression)
        if test.property == "value":
            values.append(test)
        elif test.comparison == "==" and text is not None:
            if test.property == "type" and isinstance(test.expression, Literal):
                claim_type, literal = text, test.expression
            elif test.property == "issuer":
                issuer = text
    return Wanted(condition, claim_type, issuer, tuple(values), literal)


def _added(rule: Rule, wanted: tuple[Wanted, ...]) -> Added | None:
    action = rule.action
    if action.verb in {"permit", "deny"}:
        return None
    types = {each.condition.name: each.claim_type for each in wanted if each.condition.name}
    if action.copy:
        return Added(types.get(action.copy, ""), None, None, identity=True)
    name, value = action.assigned("type"), action.assigned("value")
    if isinstance(name, Literal) and isinstance(name.value, str):
        source = types.get(value.name, "") if isinstance(value, Reference) else ""
        return Added(name.value, name, value, identity=source == name.value)
    if isinstance(name, Reference) and name.property == "type":
        return Added(types.get(name.name, ""), None, value, identity=False)
    return Added("", None, value, identity=False)


def literal_string(expression: Expression) -> str | None:
    """The text of a string literal; None for everything else."""
    if isinstance(expression, Literal) and isinstance(expression.value, str):
        return expression.value
    return None


def literal_value(expression: Expression | None) -> ClaimValue | None:
    """The value of a literal; None for everything else."""
    return expression.value if isinstance(expression, Literal) else None


def calls_of(rule: Rule) -> Iterator[Call]:
    """Every call in a rule, inner ones too."""
    for condition in rule.conditions:
        for test in condition.tests:
            yield from _calls(test.expression)
    for assignment in rule.action.assignments:
        yield from _calls(assignment.expression)


def _calls(expression: Expression) -> Iterator[Call]:
    if isinstance(expression, Call):
        yield expression
        for argument in expression.arguments:
            yield from _calls(argument)


def in_order(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """Each condition after those that it refers to; those that run in a circle come last."""
    waiting, ordered = list(conditions), []
    while waiting:
        names = {each.name for each in waiting if each.name}
        ready = next((each for each in waiting if names.isdisjoint(_names_in(each))), None)
        if ready is None:
            break
        waiting.remove(ready)
        ordered.append(ready)
    return (*ordered, *waiting)


def _names_in(condition: Condition) -> Iterator[str]:
    for test in condition.tests:
        yield from _names_of(test.expression)


def _names_of(expression: Expression) -> Iterator[str]:
    if isinstance(expression, Reference):
        yield expression.name
    elif isinstance(expression, Call):
        for argument in expression.arguments:
            yield from _names_of(argument)
