# ruff: noqa: ANN401, C901, PLR0912 - written down straight, in the order of the reference
"""A second evaluator, written straight from the reference for comparison: slow and plain.

It shares the tree and the switches with the real one and nothing else; every claim is looked at for
every condition.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from helpers.naive_functions import Members, NaiveError, call, equal
from sealwright.policy.semantics import OUR_SEMANTICS, Semantics
from sealwright.policy.syntax import Call, Condition, Expression, Literal, Reference, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealwright.policy import Policy

Row = tuple[str, Any, str, bool]  # type, value, issuer, read-only
Names = dict[str, list[int]]  # places in the incoming set
KINDS = {str: "String", int: "Integer", bool: "Boolean"}
ORDER = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
CONFIGURATION = {
    "require_valid_aik_cert": bool,
    "required_pcr_mask": int,
    "x-ms-sgx-tcbidentifier": str,
}
ISSUANCE = {"report_validity_in_minutes": int, "omit_x5c": bool}


@dataclass
class Naive:
    """The sets of one evaluation; run it with `run`."""

    policy: Policy
    incoming: list[Row]
    semantics: Semantics = OUR_SEMANTICS
    outgoing: list[Row] = field(default_factory=list)
    properties: list[Row] = field(default_factory=list)
    configuration: dict[str, Any] = field(default_factory=dict)
    permitted: bool = False
    trying: tuple[str, int] | None = None
    made_by_configuration: list[Row] = field(default_factory=list)
    done: bool = False

    def run(self) -> None:
        semantics = self.semantics
        given = [self.marked(row, row[2] == "AttestationService") for row in self.incoming]
        if semantics.service_comes_first:
            given.sort(key=lambda row: row[2] != "AttestationService")
        self.start([] if semantics.configuration_is_blind else given)
        for _ in self.rules("configurationrules"):
            pass
        self.configure()
        kept = [] if semantics.configuration_is_apart else self.made_by_configuration
        self.start([*kept, *given])
        marks = []
        for verb in self.rules("authorizationrules"):
            if verb in {"permit", "deny"}:
                marks.append(verb)
                if not semantics.every_rule_runs:
                    break
        self.permitted = bool(marks) and marks[0] == "permit"
        if semantics.deny_wins and "deny" in marks:
            self.permitted = False
        if self.permitted:
            for _ in self.rules("issuancerules"):
                pass
        self.trying = None
        if any(row[0] not in ISSUANCE for row in self.properties):
            self.idle()

    def start(self, given: list[Row]) -> None:
        self.incoming = []
        for row in given:
            if self.semantics.repeats_stay or not self.present(row):
                self.incoming.append(row)

    def configure(self) -> None:
        self.trying = None
        for kind, value, _, _ in self.properties:
            if kind not in CONFIGURATION:
                self.idle()
            elif self.semantics.last_setting_wins or kind not in self.configuration:
                self.configuration[kind] = value
        self.properties = []

    def idle(self) -> None:
        if not self.semantics.idle_settings_are_ignored:
            raise NaiveError

    def marked(self, row: Row, ours: bool) -> Row:  # noqa: FBT001 - whether it is as it came
        """The claim, read-only when its type makes it so."""
        by_type = row[0] in self.semantics.read_only_types
        counts = ours or not self.semantics.read_only_is_of_service
        return (*row[:3], row[3] or (by_type and counts))

    def rules(self, section: str) -> Iterator[str]:
        """Try the rules of a section; what each that fires does."""
        for number, placed in enumerate(self.policy.section(section), 1):
            self.trying = (section, number)
            yield self.rule(placed.rule, section)

    def rule(self, rule: Rule, section: str) -> str:
        names = self.fired(rule)
        if names is None:
            return ""
        action, semantics = rule.action, self.semantics
        if action.verb in {"permit", "deny"}:
            return action.verb
        adds = action.verb == "add" or section == "authorizationrules"
        if adds and action.verb == "issue" and not semantics.issue_may_authorize:
            raise NaiveError
        if action.copy:
            made = [self.incoming[place] for place in names[action.copy]]
            if semantics.copies_become_ours:
                made = [(t, v, "AttestationPolicy", ro) for t, v, _, ro in made]
        else:
            made = self.made(rule, names)
        made = [self.marked(row, ours=False) for row in made]
        if not adds and any(row[3] for row in made):
            if semantics.read_only_fails:
                raise NaiveError
            made = [row for row in made if not row[3]]
        before = list(self.incoming)
        for at, row in enumerate(made):
            known = before + made[:at] if semantics.copies_see_each_other else before
            there = any(same_claim(row, old) for old in known) or row[2] != "AttestationPolicy"
            if not (action.copy and there and semantics.copies_once):
                self.arrive(row)
            if section == "configurationrules":
                self.made_by_configuration.append(row)
            if action.verb == "issueproperty" and self.takes(row, section):
                self.properties.append(row)
            if action.verb == "issue" and not adds:
                self.outgoing.append(row)
        return action.verb

    def fired(self, rule: Rule) -> Names | None:
        """What the names stand for; None when a condition does not hold."""
        names: Names = {}
        pairs: list[tuple[str, str, set[tuple[int, int]]]] = []
        holding = True
        for number, condition in enumerate(self.ordered(rule)):
            if not self.semantics.rules_stop_early:
                for test in condition.tests:
                    self.value(test.expression, names)
            elif not holding:
                return None
            found = [
                place
                for place, row in enumerate(self.incoming)
                if self.satisfies(row, condition, names)
            ]
            own = condition.name or f"condition {number}"
            names[own] = found
            if found and not condition.negated and not self.semantics.bindings_stay_whole:
                pairs += self.pairs(condition, own, names)
                narrow(names, pairs)
            holding = holding and bool(names[own]) is not condition.negated
        return names if holding else None

    def ordered(self, rule: Rule) -> list[Condition]:
        if self.semantics.references_look_left:
            return list(rule.conditions)
        ordered: list[Condition] = []
        waiting = list(rule.conditions)
        while waiting:
            for condition in waiting:
                wanted = {name for test in condition.tests for name in names_in(test.expression)}
                if wanted <= {each.name for each in ordered}:
                    ordered.append(condition)
                    waiting.remove(condition)
                    break
        return ordered

    def pairs(
        self, condition: Condition, own: str, names: Names
    ) -> list[tuple[str, str, set[tuple[int, int]]]]:
        """For each name that a condition refers to, the claims that agree in all its tests."""
        tests = [
            (test, test.expression)
            for test in condition.tests
            if isinstance(test.expression, Reference)
        ]
        found = []
        for name in dict.fromkeys(side.name for _, side in tests):
            agreeing = set()
            for place in names[own]:
                for member in names[name]:
                    if all(
                        self.compares(
                            prop(self.incoming[place], test.property),
                            test.comparison,
                            prop(self.incoming[member], side.property),
                        )
                        for test, side in tests
                        if side.name == name
                    ):
                        agreeing.add((place, member))
            found.append((own, name, agreeing))
        return found

    def arrive(self, row: Row) -> None:
        if not self.semantics.repeats_stay and self.present(row):
            return
        if not self.semantics.read_only_follows:
            row = self.marked((*row[:3], False), ours=False)
        self.incoming.append(row)

    def present(self, row: Row) -> bool:
        return any(same_claim(row, old) for old in self.incoming)

    def takes(self, row: Row, section: str) -> bool:
        kinds = CONFIGURATION if section == "configurationrules" else ISSUANCE
        if row[0] not in kinds:
            return True
        right = type(row[1]) is kinds[row[0]]
        if right and row[0] == "required_pcr_mask":
            right = 0 <= row[1] <= 16777215
        if not right and self.semantics.wrong_settings_fail:
            raise NaiveError
        return right

    def made(self, rule: Rule, names: Names) -> list[Row]:
        semantics = self.semantics
        sides = {each.property: each.expression for each in rule.action.assignments}
        values = {name: self.value(side, names) for name, side in sides.items()}
        kinds = [kind for kind, _ in values["type"]]
        if not semantics.type_is_one_member and all(equal(each, kinds[0]) for each in kinds):
            kinds = kinds[:1]
        if len(kinds) != 1 or type(kinds[0]) is not str:
            raise NaiveError
        if kinds[0] == "" and semantics.empty_type_fails:
            raise NaiveError
        members = values["value"]
        if isinstance(sides["value"], Reference) and not semantics.references_multiply:
            members = members[:1]
        if "valueType" in values:
            declared = [kind for kind, _ in values["valueType"]]
            if len(declared) != 1 or type(declared[0]) is not str or declared[0] == "":
                raise NaiveError
            agree = all(KINDS[type(value)] == declared[0] for value, _ in members)
            if not agree and semantics.value_types_bind:
                raise NaiveError
        taints = any(ro for _, ro in values["type"]) and not semantics.read_only_spares_types
        return [(kinds[0], v, "AttestationPolicy", ro or taints) for v, ro in members]

    def satisfies(self, row: Row, condition: Condition, names: Names) -> bool:
        for test in condition.tests:
            actual = prop(row, test.property)
            wanted = [value for value, _ in self.value(test.expression, names)]
            if not self.holds(actual, test.comparison, wanted):
                return False
        return True

    def value(self, expression: Expression, names: Names) -> Members:
        if isinstance(expression, Literal):
            return [(expression.value, False)]
        if isinstance(expression, Reference):
            rows = [self.incoming[place] for place in names[expression.name]]
            return [
                (prop(row, expression.property), row[3] and expression.property == "value")
                for row in rows
            ]
        arguments = [self.value(each, names) for each in expression.arguments]
        return call(expression.function, arguments, self.semantics)

    def holds(self, actual: Any, comparison: str, wanted: list[Any]) -> bool:
        one_is_enough = {
            "==": self.semantics.equal_to_any,
            "!=": not self.semantics.different_from_all,
        }.get(comparison, self.semantics.order_with_any)
        results = [self.compares(actual, comparison, each) for each in wanted]
        return any(results) if one_is_enough else all(results)

    def compares(self, actual: Any, comparison: str, wanted: Any) -> bool:
        alike = type(actual) is type(wanted)
        if comparison in ORDER:
            if type(actual) is str and self.semantics.strings_have_no_order:
                return False
            return alike and type(actual) is not bool and bool(ORDER[comparison](actual, wanted))
        if not alike:
            return comparison == "!=" and self.semantics.types_are_strict
        same = equal(actual, wanted)
        if type(actual) is str and not self.semantics.strings_match_case:
            same = actual.lower() == wanted.lower()
        return same is (comparison == "==")


def narrow(names: Names, pairs: list[tuple[str, str, set[tuple[int, int]]]]) -> None:
    """Take away whatever agrees with nothing, one by one, until nothing is left to take."""
    while True:
        for own, name, agreeing in pairs:
            live = [(a, b) for a, b in agreeing if a in names[own] and b in names[name]]
            lost = [(own, a) for a in names[own] if a not in [pair[0] for pair in live]]
            lost += [(name, b) for b in names[name] if b not in [pair[1] for pair in live]]
            if lost:
                for key, place in lost:
                    names[key] = [each for each in names[key] if each != place]
                break
        else:
            return


def names_in(expression: Expression) -> set[str]:
    if isinstance(expression, Reference):
        return {expression.name}
    if isinstance(expression, Call):
        return {name for each in expression.arguments for name in names_in(each)}
    return set()


def same_claim(row: Row, old: Row) -> bool:
    return row[0] == old[0] and equal(row[1], old[1]) and row[2] == old[2]


def prop(row: Row, name: str) -> Any:
    kind, value, issuer, _ = row
    return {"type": kind, "value": value, "issuer": issuer, "valueType": KINDS[type(value)]}[name]
