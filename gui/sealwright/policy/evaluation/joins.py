"""What the names of a rule keep when conditions narrow them: the other reading of section 6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.policy.evaluation.conditions import holds, property_of
from sealwright.policy.outcome import Miss
from sealwright.policy.syntax import Reference

if TYPE_CHECKING:
    from sealwright.policy.evaluation.conditions import Matches
    from sealwright.policy.evaluation.run import Run
    from sealwright.policy.semantics import Semantics
    from sealwright.policy.syntax import Condition, Test

    Link = tuple[str, str, list[tuple[int, int]]]


class Joins:
    """What the names of one rule keep, when conditions further right narrow them.

    A link holds the name of a condition, the name that it refers to, and the pairs of claims that
    agree; a claim stays as long as it stands in a pair of every link of its condition.
    """

    __slots__ = ("_links", "_run", "_semantics")

    def __init__(self, run: Run, semantics: Semantics) -> None:
        self._run = run
        self._semantics = semantics
        self._links: list[Link] = []

    def narrowed(self, condition: Condition, matches: Matches) -> Matches:
        """What a condition matches of claims that agree with the same claims in all its tests."""
        matched, missed = matches
        tests: dict[str, list[Test]] = {}
        for test in condition.tests:
            if isinstance(test.expression, Reference):
                tests.setdefault(test.expression.name, []).append(test)
        if condition.negated or not matched or not tests:
            return matches
        own = condition.name or f"#{len(self._links)}"
        self._run.bound[own] = matched
        self._links += [(own, name, self._pairs(matched, name, tests[name])) for name in tests]
        self._settle()
        kept = self._run.bound[own]
        last = list(tests.values())[-1][-1]
        lost = [self._miss(place, last) for place in matched if place not in kept]
        return kept, (*missed, *lost)

    def _pairs(
        self, matched: tuple[int, ...], name: str, tests: list[Test]
    ) -> list[tuple[int, int]]:
        members = self._run.bound[name]
        self._run.spend(len(matched) * len(members))
        return [
            (place, member)
            for place in matched
            for member in members
            if all(self._agree(test, place, member) for test in tests)
        ]

    def _agree(self, test: Test, place: int, member: int) -> bool:
        assert isinstance(test.expression, Reference)  # noqa: S101 - only these make pairs
        incoming = self._run.incoming
        wanted = property_of(incoming[member], test.expression.property)
        actual = property_of(incoming[place], test.property)
        return holds(test, actual, (wanted,), self._semantics, self._run.choices)

    def _settle(self) -> None:
        bound = self._run.bound
        changes = True
        while changes:
            changes = False
            for own, name, pairs in self._links:
                self._run.spend(len(pairs))
                live = [(a, b) for a, b in pairs if a in bound[own] and b in bound[name]]
                for key, found in ((own, {a for a, _ in live}), (name, {b for _, b in live})):
                    if len(found) < len(bound[key]):
                        bound[key] = tuple([each for each in bound[key] if each in found])
                        changes = True

    def _miss(self, place: int, test: Test) -> Miss:
        actual = property_of(self._run.incoming[place], test.property)
        expected = [each.value for each in self._run.value_of(test.expression)]
        return Miss(place, test.property, test.comparison, tuple(expected), actual)
