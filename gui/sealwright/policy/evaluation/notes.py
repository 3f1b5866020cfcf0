"""Reads what a compiled policy noted: how each rule came out, without evaluating it again.

A claim that a rule adds stays where it arrived, and claims arrive in the order of the rules. So
the claims that a condition looked at are known from the rules before, and the notes say of each
what became of it (`sealwright.policy.evaluation.compiled`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.claims.claim import POLICY_ISSUER
from sealwright.policy.evaluation.actions import VERDICTS
from sealwright.policy.evaluation.conditions import literal_of, property_of, split_tests
from sealwright.policy.outcome import ConditionTrace, Effect, Miss, RuleTrace
from sealwright.policy.semantics import OUR_SEMANTICS
from sealwright.policy.syntax import Reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.claims.claim import Claim, ClaimValue
    from sealwright.policy.evaluation.compiled import Decision
    from sealwright.policy.evaluation.conditions import Matches
    from sealwright.policy.evaluation.recorder import PreparedRule
    from sealwright.policy.outcome import RulePlace
    from sealwright.policy.syntax import Action, Condition, Test

_new: Final = tuple.__new__  # half the time of the constructor


class NotedTest(NamedTuple):
    """A test; `reference` stands for what is expected when no literal does."""

    property: str
    comparison: str
    expected: tuple[ClaimValue, ...]
    reference: Reference | None


class NotedCondition(NamedTuple):
    """A condition, the type that it names, and the tests that are noted."""

    condition: Condition
    negated: bool
    name: str
    claim_type: str | None
    tests: tuple[NotedTest, ...]


class NotedRule(NamedTuple):
    """A rule whose notes can be read; `source` names the condition whose values it takes."""

    place: RulePlace
    conditions: tuple[NotedCondition, ...]
    action: Action
    source: str


def noted_rule(prepared: PreparedRule) -> NotedRule:
    """A rule made ready for reading."""
    value = prepared.action.assigned("value")
    return NotedRule(
        prepared.place,
        tuple([_noted_condition(each) for each in prepared.rule.conditions]),
        prepared.action,
        value.name if isinstance(value, Reference) else "",
    )


def _noted_condition(condition: Condition) -> NotedCondition:
    claim_type, tests = split_tests(condition.tests, OUR_SEMANTICS)
    noted = tuple([_noted_test(each) for each in tests])
    return NotedCondition(condition, condition.negated, condition.name, claim_type, noted)


def _noted_test(test: Test) -> NotedTest:
    reference = test.expression if isinstance(test.expression, Reference) else None
    return NotedTest(test.property, test.comparison, literal_of(test), reference)


def read_notes(
    authorization: Sequence[NotedRule], issuance: Sequence[NotedRule], decision: Decision
) -> tuple[RuleTrace, ...]:
    """How each rule came out."""
    reader = _Reader(decision)
    trace = [reader.rule(each) for each in authorization]
    if decision.permit and not decision.deny:
        trace += [reader.rule(each) for each in issuance]
    return tuple(trace)


class _Reader:
    """Goes through the notes rule by rule; `places` finds the claims that have arrived."""

    __slots__ = ("_bound", "_incoming", "_next", "_note", "_places")

    def __init__(self, decision: Decision) -> None:
        self._incoming = decision.incoming
        self._note = iter(decision.notes).__next__
        self._next = decision.given
        self._bound: dict[str, tuple[int, ...]] = {}
        places: dict[str, list[int]] = {}
        for place in range(decision.given):
            name = decision.incoming[place][0]
            if name in places:
                places[name].append(place)
            else:
                places[name] = [place]
        self._places = places

    def rule(self, rule: NotedRule) -> RuleTrace:
        """How the next rule came out."""
        place, conditions, _, _ = rule
        traces: tuple[ConditionTrace, ...] = ()
        found: Sequence[int]
        for condition, negated, name, claim_type, tests in conditions:
            found = range(self._next)
            if claim_type is not None:
                found = self._places.get(claim_type, ())
            matched, missed = self._tried(found, tests) if tests else (tuple(found), ())
            traces += (_new(ConditionTrace, (condition, matched, missed)),)
            if bool(matched) is negated:
                return _new(RuleTrace, (place, False, traces, ()))
            if name:
                self._bound[name] = matched
        return _new(RuleTrace, (place, True, traces, self._effects(rule)))

    def _tried(self, found: Sequence[int], tests: tuple[NotedTest, ...]) -> Matches:
        if len(found) == 1:
            miss = self._miss(found[0], tests)
            return ((found[0],), ()) if miss is None else ((), (miss,))
        matched: list[int] = []
        missed: list[Miss] = []
        for place in found:
            miss = self._miss(place, tests)
            if miss is None:
                matched.append(place)
            else:
                missed.append(miss)
        return tuple(matched), tuple(missed)

    def _miss(self, place: int, tests: tuple[NotedTest, ...]) -> Miss | None:
        """The test that a claim failed; None when it passed them all."""
        number = self._note()
        if not number:
            return None
        name, comparison, expected, reference = tests[number - 1]
        claim = self._incoming[place]
        actual = claim[1] if name == "value" else property_of(claim, name)
        if reference is not None:
            bound = [self._incoming[each] for each in self._bound[reference.name]]
            expected = tuple([property_of(each, reference.property) for each in bound])
        return _new(Miss, (place, name, comparison, expected, actual))

    def _effects(self, rule: NotedRule) -> tuple[Effect, ...]:
        _, _, action, source = rule
        verb = action[0]
        if verb in VERDICTS:
            return VERDICTS[verb]
        if action.copy:
            copies = [self._copy(each) for each in self._bound[action.copy]]
            return tuple([_new(Effect, (verb, each)) for each in copies])
        if source:
            return tuple([_new(Effect, (verb, self._arrived())) for _ in self._bound[source]])
        return (_new(Effect, (verb, self._arrived())),)

    def _copy(self, place: int) -> Claim:
        if self._note():
            return self._arrived()
        return self._incoming[place]._replace(issuer=POLICY_ISSUER)

    def _arrived(self) -> Claim:
        """The claim that arrived next."""
        place = self._next
        claim = self._incoming[place]
        self._places.setdefault(claim[0], []).append(place)
        self._next = place + 1
        return claim
