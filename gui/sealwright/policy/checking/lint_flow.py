"""What the conditions of one rule say among themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.claims.catalogue import Catalogue, Direction
from sealwright.policy.catalogue import SEVERITIES
from sealwright.policy.checking.lint_verdicts import DEBUG_CLAIMS
from sealwright.policy.diagnostics import Diagnostic, Edit, Fix
from sealwright.policy.facts import RuleFacts, literal_value
from sealwright.policy.literals import literal_text
from sealwright.policy.source import Span
from sealwright.policy.syntax import AUTHORIZATION, Condition, Reference, Rule, Test

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealwright.claims.claim import ClaimValue

    _Wanted = tuple[str, ClaimValue]


def lint_rule_flow(facts: RuleFacts, section: str, catalogue: Catalogue) -> Iterator[Diagnostic]:
    """What the conditions of one rule say among themselves; offsets are those of its piece."""
    for wanted in facts.wanted:
        condition = wanted.condition
        if condition.negated:
            continue
        span = Span(condition.start, condition.end)
        if len(condition.tests) > 1 and _contradicts(condition):
            yield _at("SW401", "No claim can satisfy this condition", span, _NEVER)
            continue
        mistyped = next(filter(_is_mistyped, condition.tests), None)
        if mistyped is not None:
            yield _at("SW401", f"`{mistyped.property}` is always a string", span, _NEVER)
    if len(facts.wanted) > 1:
        yield from _opposed(facts)
    if section == AUTHORIZATION and facts.rule.action.verb in {"permit", "deny"}:
        yield from _presence(facts, catalogue)


def _at(code: str, message: str, span: Span, advice: str, fix: Fix | None = None) -> Diagnostic:
    return Diagnostic(code, SEVERITIES[code], message, span, advice, fix)


def _opposed(facts: RuleFacts) -> Iterator[Diagnostic]:
    """A condition and its own negation in one rule."""
    seen: dict[tuple[tuple[str, str, object], ...], bool] = {}
    for wanted in facts.wanted:
        condition = wanted.condition
        key = tuple((t.property, t.comparison, t.expression[:1]) for t in condition.tests)
        if not all(literal_value(test.expression) is not None for test in condition.tests):
            continue
        if seen.setdefault(key, condition.negated) is not condition.negated:
            span = Span(condition.start, condition.end)
            yield _at("SW401", "This condition and another one exclude each other", span, _NEVER)


def _contradicts(condition: Condition) -> bool:
    """Whether literal tests of one property exclude each other; linear in their number."""
    wanted: dict[str, list[_Wanted]] = {}
    for test in condition.tests:
        value = literal_value(test.expression)
        if value is not None:
            wanted.setdefault(test.property, []).append((test.comparison, value))
    return any(_exclude(each) for each in wanted.values() if len(each) > 1)


def _is_mistyped(test: Test) -> bool:
    """Whether a property that is always a string is held against something else."""
    if test.property == "value" or test.comparison == "!=":
        return False
    return not isinstance(literal_value(test.expression), str | None)


def _exclude(tests: list[_Wanted]) -> bool:
    """One value that has to be there must pass every test; else no range may be empty."""
    for comparison, fixed in tests:
        if comparison == "==":
            return not all(_meets(fixed, each, value) for each, value in tests)
    numbers = [
        (each, value)
        for each, value in tests
        if isinstance(value, int) and not isinstance(value, bool)
    ]
    low = [value + (each == ">") for each, value in numbers if each in {">", ">="}]
    high = [value - (each == "<") for each, value in numbers if each in {"<", "<="}]
    return bool(low and high) and max(low) > min(high)


def _meets(value: ClaimValue, comparison: str, wanted: ClaimValue) -> bool:
    if comparison in {"==", "!="}:
        equal = type(value) is type(wanted) and value == wanted
        return equal is (comparison == "==")
    if type(value) is not int or type(wanted) is not int:
        return False
    return {
        "<": value < wanted,
        "<=": value <= wanted,
        ">": value > wanted,
        ">=": value >= wanted,
    }[comparison]


def _presence(facts: RuleFacts, catalogue: Catalogue) -> Iterator[Diagnostic]:
    for wanted in facts.wanted:
        condition = wanted.condition
        if wanted.values or condition.negated:
            continue
        entry = catalogue.find(wanted.claim_type, Direction.INCOMING)
        if entry is None or entry.value_class is not bool:
            continue
        if condition.name not in _referred(facts.rule):
            message = f"Any value of `{wanted.claim_type}` will do here"
            span = Span(condition.start, condition.end)
            yield _at("SW408", message, span, *_value_to_test(facts, wanted.claim_type, span))


def _value_to_test(facts: RuleFacts, claim_type: str, condition: Span) -> tuple[str, Fix | None]:
    """Advice and, for a claim of which one value is the danger, the test that was meant."""
    denies = facts.rule.action.verb == "deny"
    if claim_type not in _DANGER_IF_TRUE | _DANGER_IF_FALSE:
        return "Test the value too: `value==true` or `value==false`.", None
    test = f"value=={literal_text(denies is (claim_type in _DANGER_IF_TRUE))}"
    edit = Edit(Span(condition.end - 1, condition.end - 1), f", {test}")
    return f"Test the value too: `{test}`.", Fix(f"Add `{test}`", (edit,))


def _referred(rule: Rule) -> set[str]:
    """Names whose claims another condition is compared with."""
    return {
        test.expression.name
        for condition in rule.conditions
        for test in condition.tests
        if isinstance(test.expression, Reference)
    }


_NEVER: Final = "The rule never fires."
_DANGER_IF_TRUE: Final = frozenset(
    (
        *DEBUG_CLAIMS,
        "x-ms-azurevm-bootdebug-enabled",
        "x-ms-azurevm-flightsigning-enabled",
        "x-ms-azurevm-hypervisordebug-enabled",
        "x-ms-azurevm-kerneldebug-enabled",
        "x-ms-azurevm-testsigning-enabled",
    )
)
_DANGER_IF_FALSE: Final = frozenset(
    (
        "aikValidated",
        "bootDebuggingDisabled",
        "iommuEnabled",
        "notSafeMode",
        "notWinPE",
        "secureBootEnabled",
        "secureboot",
        "vbsEnabled",
        "x-ms-azurevm-dbvalidated",
        "x-ms-azurevm-dbxvalidated",
        "x-ms-azurevm-debuggersdisabled",
        "x-ms-azurevm-default-securebootkeysvalidated",
        "x-ms-azurevm-signingdisabled",
    )
)
