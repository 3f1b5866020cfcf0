"""Conditions made ready: which claims can match at all, and what is left to test on them."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Final

from sealwright.claims.claim import VALUE_TYPES
from sealwright.policy.outcome import ConditionTrace, Miss
from sealwright.policy.syntax import Call, Condition, Literal, Test

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sealwright.claims.claim import Claim, ClaimValue
    from sealwright.policy.run import Run
    from sealwright.policy.semantics import Semantics

_ORDER: Final = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class PreparedCondition:
    """One condition of a rule."""

    __slots__ = ("_claim_type", "_semantics", "_tests", "condition")

    def __init__(self, condition: Condition, semantics: Semantics) -> None:
        self.condition = condition
        self._semantics = semantics
        self._claim_type, self._tests = _split(condition.tests, semantics)

    def match(self, run: Run) -> ConditionTrace:
        """Look at every claim that can match; bind the name, if there is one.

        Raises:
            EvaluationError: a function that was reached failed.
        """
        candidates: Iterable[int]
        if self._claim_type is None:
            candidates = range(len(run.incoming))
        else:
            candidates = run.places.get(self._claim_type, ())
        matched, missed = self._sift(candidates, run) if self._tests else (tuple(candidates), ())
        if self.condition.name:
            run.bound[self.condition.name] = matched
        return ConditionTrace(self.condition, matched, missed)

    def _sift(
        self, candidates: Iterable[int], run: Run
    ) -> tuple[tuple[int, ...], tuple[Miss, ...]]:
        matched: list[int] = []
        missed: list[Miss] = []
        incoming = run.incoming
        wanted: list[tuple[ClaimValue, ...]] = []
        for place in candidates:
            claim = incoming[place]
            for index, test in enumerate(self._tests):
                if index == len(wanted):
                    # Not before a claim gets here: a failing function fails nothing until then.
                    wanted.append(_wanted(test, run))
                actual = _property(claim, test.property)
                if not self._holds(test, actual, wanted[index], run.choices):
                    missed.append(
                        Miss(place, test.property, test.comparison, wanted[index], actual)
                    )
                    break
            else:
                matched.append(place)
        return tuple(matched), tuple(missed)

    def _holds(
        self, test: Test, actual: ClaimValue, wanted: tuple[ClaimValue, ...], choices: set[str]
    ) -> bool:
        comparison = test.comparison
        if isinstance(test.expression, Literal):
            return self._compare(comparison, actual, wanted[0], choices)
        results = [self._compare(comparison, actual, each, choices) for each in wanted]
        if comparison == "==":
            quantifier, switch = self._semantics.equal_to_any, "equal_to_any"
        elif comparison == "!=":
            quantifier, switch = not self._semantics.different_from_all, "different_from_all"
        else:
            return any(results)
        if any(results) != all(results):
            choices.add(switch)
        return any(results) if quantifier else all(results)

    def _compare(
        self, comparison: str, actual: ClaimValue, wanted: ClaimValue, choices: set[str]
    ) -> bool:
        if comparison in _ORDER:
            both = type(actual) is int and type(wanted) is int
            return both and bool(_ORDER[comparison](actual, wanted))
        if type(actual) is not type(wanted):
            choices.add("types_are_strict")
            return comparison == "!=" and self._semantics.types_are_strict
        equal = actual == wanted
        if not equal and isinstance(actual, str) and isinstance(wanted, str):
            folded = len(actual) == len(wanted) and actual.lower() == wanted.lower()
            if folded:
                choices.add("strings_match_case")
                equal = not self._semantics.strings_match_case
        return equal is (comparison == "==")


def prepare_condition(condition: Condition, semantics: Semantics) -> PreparedCondition:
    """Make a condition ready."""
    return PreparedCondition(condition, semantics)


def _split(tests: tuple[Test, ...], semantics: Semantics) -> tuple[str | None, tuple[Test, ...]]:
    """The one type that can match, and the tests that are left.

    The test of the type must come before every call: a claim of another type must fail there.
    """
    if not semantics.strings_match_case:
        return None, tests
    for index, test in enumerate(tests):
        expression = test.expression
        if isinstance(expression, Call):
            break
        if (
            test.property == "type"
            and test.comparison == "=="
            and isinstance(expression, Literal)
            and isinstance(expression.value, str)
        ):
            return expression.value, tests[:index] + tests[index + 1 :]
    return None, tests


def _wanted(test: Test, run: Run) -> tuple[ClaimValue, ...]:
    if isinstance(test.expression, Literal):
        return (test.expression.value,)
    return tuple(member.value for member in run.value_of(test.expression))


def _property(claim: Claim, name: str) -> ClaimValue:
    if name == "value":
        return claim.value
    if name == "type":
        return claim.type
    if name == "issuer":
        return claim.issuer
    return VALUE_TYPES[type(claim.value)]
