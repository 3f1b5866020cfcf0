"""Conditions made ready: which claims can match at all, and what is left to test on them.

The two commonest shapes, a type alone and a type with one literal, have ways of their own.
"""

from __future__ import annotations

import operator
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.claims.claim import VALUE_TYPES
from sealwright.policy.evaluation.run import STRIDE
from sealwright.policy.outcome import Miss
from sealwright.policy.syntax import Call, Condition, Literal, Test

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sealwright.claims.claim import Claim, ClaimValue
    from sealwright.policy.evaluation.run import Run
    from sealwright.policy.semantics import Semantics

    Matches = tuple[tuple[int, ...], tuple[Miss, ...]]

_ORDER: Final = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_COMPARE: Final = {"==": operator.eq, "!=": operator.ne, **_ORDER}
_NOTHING: Final[Matches] = ((), ())
_new: Final = tuple.__new__  # half the time of the constructor


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
    claim_type, tests = split_tests(condition.tests, semantics)
    match: Callable[[Run], Matches] | None = None
    if claim_type is not None and not tests:
        match = partial(_present, claim_type)
    elif claim_type is not None and len(tests) == 1:
        name, comparison, expression, _, _, _ = tests[0]
        if name == "value" and isinstance(expression, Literal):
            match = partial(_one_literal, claim_type, comparison, expression.value, semantics)
    if match is None:
        match = _Matcher(claim_type, tests, semantics).match
    return _new(PreparedCondition, (condition, condition.negated, condition.name, match))


def _present(claim_type: str, run: Run) -> Matches:
    found = run.places.get(claim_type)
    return (tuple(found), ()) if found else _NOTHING


def _one_literal(
    claim_type: str, comparison: str, wanted: ClaimValue, semantics: Semantics, run: Run
) -> Matches:
    found = run.places.get(claim_type)
    if not found:
        return _NOTHING
    kind, expected, compare = type(wanted), (wanted,), _COMPARE[comparison]
    matched: list[int] = []
    missed: list[Miss] = []
    for place in found:
        actual = run.incoming[place].value
        if type(actual) is kind and (kind is not str or actual == wanted):
            passes = compare(actual, wanted)
        else:
            passes = _same(comparison, actual, wanted, semantics, run.choices)
        if passes:
            matched.append(place)
        else:
            missed.append(_new(Miss, (place, "value", comparison, expected, actual)))
    return tuple(matched), tuple(missed)


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
        missed: list[Miss] = []
        wanted: list[tuple[ClaimValue, ...]] = []
        if not self._semantics.rules_stop_early:
            wanted += [_wanted(test, run) for test in self._tests]
        work = 0
        for place in candidates:
            if work > STRIDE:
                run.spend(work)
                work = 0
            claim = run.incoming[place]
            for index, test in enumerate(self._tests):
                if index == len(wanted):
                    # Not before a claim gets here: a failing function fails nothing until then.
                    wanted.append(_wanted(test, run))
                actual = property_of(claim, test.property)
                work += len(wanted[index])
                if not holds(test, actual, wanted[index], self._semantics, run.choices):
                    missed.append(
                        Miss(place, test.property, test.comparison, wanted[index], actual)
                    )
                    break
            else:
                matched.append(place)
        run.spend(work)
        return tuple(matched), tuple(missed)


def holds(
    test: Test,
    actual: ClaimValue,
    wanted: tuple[ClaimValue, ...],
    semantics: Semantics,
    choices: set[str],
) -> bool:
    """Whether a value passes a test against what its right side stands for."""
    comparison = test.comparison
    if isinstance(test.expression, Literal):
        return _same(comparison, actual, wanted[0], semantics, choices)
    results = [_same(comparison, actual, each, semantics, choices) for each in wanted]
    if comparison == "==":
        quantifier, switch = semantics.equal_to_any, "equal_to_any"
    elif comparison == "!=":
        quantifier, switch = not semantics.different_from_all, "different_from_all"
    else:
        quantifier, switch = semantics.order_with_any, "order_with_any"
    if any(results) != all(results):
        choices.add(switch)
    return any(results) if quantifier else all(results)


def _same(
    comparison: str,
    actual: ClaimValue,
    wanted: ClaimValue,
    semantics: Semantics,
    choices: set[str],
) -> bool:
    """Compare two values; note the switches that mattered."""
    if comparison in _ORDER:
        kind = type(actual)
        if type(wanted) is not kind or kind is bool or not _ORDER[comparison](actual, wanted):
            return False
        if kind is str:
            choices.add("strings_have_no_order")
            return not semantics.strings_have_no_order
        return True
    if type(actual) is not type(wanted):
        if comparison == "==":
            return False
        choices.add("types_are_strict")
        return semantics.types_are_strict
    equal = actual == wanted
    if not equal and isinstance(actual, str) and isinstance(wanted, str):
        folded = len(actual) == len(wanted) and actual.lower() == wanted.lower()
        if folded:
            choices.add("strings_match_case")
            equal = not semantics.strings_match_case
    return equal is (comparison == "==")


def split_tests(
    tests: tuple[Test, ...], semantics: Semantics
) -> tuple[str | None, tuple[Test, ...]]:
    """The one type that can match, and the tests that are left.

    The test of the type must come before every call: a claim of another type must fail there.
    """
    if not semantics.strings_match_case:
        return None, tests
    for index, (name, comparison, expression, _, _, _) in enumerate(tests):
        if isinstance(expression, Call):
            break
        if name == "type" and comparison == "==" and isinstance(expression, Literal):
            wanted = expression[0]
            if isinstance(wanted, str):
                others = tests[index + 1 :]
                return wanted, tests[:index] + others if index else others
    return None, tests


def literal_of(test: Test) -> tuple[ClaimValue, ...]:
    """What a test compares with; empty when that is not written out."""
    return (test.expression.value,) if isinstance(test.expression, Literal) else ()


def _wanted(test: Test, run: Run) -> tuple[ClaimValue, ...]:
    return literal_of(test) or tuple([each.value for each in run.value_of(test.expression)])


def property_of(claim: Claim, name: str) -> ClaimValue:
    """A property by its name in the policy."""
    if name == "value":
        return claim.value
    if name == "type":
        return claim.type
    if name == "issuer":
        return claim.issuer
    return VALUE_TYPES[type(claim.value)]
