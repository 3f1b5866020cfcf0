"""Conditions made ready: which claims can match at all, and what is left to test on them.

The two commonest shapes, a type alone and a type with one literal, have ways of their own.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.claims.claim import VALUE_TYPES
from sealwright.policy.syntax import Call, Condition, Literal, Test

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sealwright.claims.claim import Claim, ClaimValue
    from sealwright.policy.run import Run
    from sealwright.policy.semantics import Semantics

    MissRecord = tuple[int, str, str, tuple[ClaimValue, ...], ClaimValue]
    Matches = tuple[tuple[int, ...], list[MissRecord]]

_ORDER: Final = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NOTHING: Final[Matches] = ((), [])


class PreparedCondition(NamedTuple):
    """One condition of a rule; `match` gives the places of claims that satisfy it, and misses.

    `match` raises `EvaluationError` when a function that was reached fails.
    """

    condition: Condition
    negated: bool
    name: str
    match: Callable[[Run], Matches]


def prepare_condition(condition: Condition, semantics: Semantics) -> PreparedCondition:
    """Make a condition ready."""
    claim_type, tests = _split(condition.tests, semantics)
    matcher = _Matcher(claim_type, tests, semantics)
    match: Callable[[Run], Matches] = matcher.match
    if claim_type is not None and not tests:
        match = _present(claim_type)
    elif claim_type is not None and len(tests) == 1 and tests[0].property == "value":
        expression = tests[0].expression
        if isinstance(expression, Literal):
            match = _one_literal(claim_type, tests[0], expression.value, matcher)
    return PreparedCondition(condition, condition.negated, condition.name, match)


def _present(claim_type: str) -> Callable[[Run], Matches]:
    def match(run: Run) -> Matches:
        found = run.places.get(claim_type)
        return (tuple(found), []) if found else _NOTHING

    return match


def _one_literal(
    claim_type: str, test: Test, wanted: ClaimValue, matcher: _Matcher
) -> Callable[[Run], Matches]:
    kind, name, comparison = type(wanted), test.property, test.comparison
    compare = _ORDER.get(comparison, operator.eq if comparison == "==" else operator.ne)
    expected = (wanted,)
    folds = kind is str

    def match(run: Run) -> Matches:
        found = run.places.get(claim_type)
        if not found:
            return _NOTHING
        matched: list[int] = []
        missed: list[MissRecord] = []
        for place in found:
            actual = run.incoming[place].value
            if type(actual) is kind and (not folds or actual == wanted):
                holds = compare(actual, wanted)
            else:
                holds = matcher.same(comparison, actual, wanted, run.choices)
            if holds:
                matched.append(place)
            else:
                missed.append((place, name, comparison, expected, actual))
        return tuple(matched), missed

    return match


class _Matcher:
    """A condition of any shape."""

    __slots__ = ("_claim_type", "_semantics", "_tests")

    def __init__(
        self, claim_type: str | None, tests: tuple[Test, ...], semantics: Semantics
    ) -> None:
        self._claim_type = claim_type
        self._tests = tests
        self._semantics = semantics

    def match(self, run: Run) -> Matches:
        """Look at every claim that can match."""
        candidates: Iterable[int] = range(len(run.incoming))
        if self._claim_type is not None:
            candidates = run.places.get(self._claim_type, ())
        matched: list[int] = []
        missed: list[MissRecord] = []
        wanted: list[tuple[ClaimValue, ...]] = []
        for place in candidates:
            claim = run.incoming[place]
            for index, test in enumerate(self._tests):
                if index == len(wanted):
                    # Not before a claim gets here: a failing function fails nothing until then.
                    wanted.append(_wanted(test, run))
                actual = _property(claim, test.property)
                if not self._holds(test, actual, wanted[index], run.choices):
                    miss = (place, test.property, test.comparison, wanted[index], actual)
                    missed.append(miss)
                    break
            else:
                matched.append(place)
        return tuple(matched), missed

    def _holds(
        self, test: Test, actual: ClaimValue, wanted: tuple[ClaimValue, ...], choices: set[str]
    ) -> bool:
        comparison = test.comparison
        if isinstance(test.expression, Literal):
            return self.same(comparison, actual, wanted[0], choices)
        results = [self.same(comparison, actual, each, choices) for each in wanted]
        if comparison == "==":
            quantifier, switch = self._semantics.equal_to_any, "equal_to_any"
        elif comparison == "!=":
            quantifier, switch = not self._semantics.different_from_all, "different_from_all"
        else:
            return any(results)
        if any(results) != all(results):
            choices.add(switch)
        return any(results) if quantifier else all(results)

    def same(
        self, comparison: str, actual: ClaimValue, wanted: ClaimValue, choices: set[str]
    ) -> bool:
        """Compare two values; note the switches that mattered."""
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
