"""What the conditions of one rule say among themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.claims.catalogue import Catalogue, Direction
from sealwright.policy.catalogue import SEVERITIES
from sealwright.policy.diagnostics import Diagnostic, Edit, Fix
from sealwright.policy.facts import RuleFacts, literal_value
from sealwright.policy.lint_verdicts import DEBUG_CLAIMS
from sealwright.policy.literals import literal_text
from sealwright.policy.source import Span
from sealwright.policy.syntax import AUTHORIZATION, Condition, Reference, Rule, Test

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealwright.claims.claim import ClaimValue


def lint_rule_flow(facts: RuleFacts, section: str, catalogue: Catalogue) -> Iterator[Diagnostic]:
    """What the conditions of one rule say among themselves; offsets are those of its piece."""
    for wanted in facts.wanted:
        condition = wanted.condition
        if not condition.negated and len(condition.tests) > 1 and _contradicts(condition):
            span = Span(condition.start, condition.end)
            yield _at("SW401", "No claim can satisfy this condition", span, _NEVER)
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
    """Whether literal tests of one property exclude each other."""
    tests = [(test, literal_value(test.expression)) for test in condition.tests]
    for index, (test, value) in enumerate(tests):
        for other, second in tests[index + 1 :]:
            if value is None or second is None or test.property != other.property:
                continue
            if _excludes(test, value, other, second):
                return True
    return False


def _excludes(test: Test, value: ClaimValue, other: Test, second: ClaimValue) -> bool:
    if "==" in {test.comparison, other.comparison}:
        if test.comparison != "==":
            test, value, other, second = other, second, test, value
        return not _meets(value, other.comparison, second)
    if type(value) is not int or type(second) is not int:
        return False
    low = max((_low(test, value), _low(other, second)), default=None, key=_bound)
    high = min((_high(test, value), _high(other, second)), default=None, key=_ceiling)
    return low is not None and high is not None and low > high


def _bound(value: int | None) -> float:
    return float("-inf") if value is None else value


def _ceiling(value: int | None) -> float:
    return float("inf") if value is None else value


def _low(test: Test, value: int) -> int | None:
    return {">": value + 1, ">=": value}.get(test.comparison)


def _high(test: Test, value: int) -> int | None:
    return {"<": value - 1, "<=": value}.get(test.comparison)


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
