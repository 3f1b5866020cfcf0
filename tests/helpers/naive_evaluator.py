# ruff: noqa: ANN401, C901, PLR0911 - written down straight, in the order of the reference
"""A second evaluator, written straight from the reference for comparison: slow and plain.

It shares the tree with the real one and nothing else; every claim is looked at for every condition.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jmespath
from jmespath import functions

from sealwright.policy.syntax import Call, Condition, Expression, Literal, Reference, Rule

if TYPE_CHECKING:
    from sealwright.policy import Policy


class NaiveError(Exception):
    """A rule failed."""


Row = tuple[str, Any, str, bool]  # type, value, issuer, read-only
KINDS = {str: "String", int: "Integer", bool: "Boolean"}


class _Functions(functions.Functions):
    @functions.signature({"types": ["string"]}, {"types": ["string"]})
    def _func_equals_ignore_case(self, a: str, b: str) -> bool:
        return a.lower() == b.lower()


@dataclass
class Naive:
    """The sets of one evaluation; run it with `run`."""

    policy: Policy
    incoming: list[Row]
    outgoing: list[Row] = field(default_factory=list)
    properties: list[Row] = field(default_factory=list)
    configuration: dict[str, Any] = field(default_factory=dict)
    permitted: bool = False

    def run(self) -> None:
        given, self.incoming = self.incoming, []
        known = {"require_valid_aik_cert", "required_pcr_mask", "x-ms-sgx-tcbidentifier"}
        for rule in self.rules("configurationrules"):
            self.rule(rule, "configurationrules")
        self.configuration = {row[0]: row[1] for row in self.properties if row[0] in known}
        self.properties = []
        self.incoming = [row for row in given if row[2] == "AttestationService"]
        self.incoming += [row for row in given if row[2] != "AttestationService"]
        marks = [self.rule(rule, "authorizationrules") for rule in self.rules("authorizationrules")]
        self.permitted = "permit" in marks and "deny" not in marks
        if self.permitted:
            for rule in self.rules("issuancerules"):
                self.rule(rule, "issuancerules")

    def rules(self, section: str) -> list[Rule]:
        return [placed.rule for placed in self.policy.section(section)]

    def rule(self, rule: Rule, section: str) -> str:
        names: dict[str, list[Row]] = {}
        for condition in rule.conditions:
            found = [row for row in self.incoming if self.satisfies(row, condition, names)]
            if bool(found) == condition.negated:
                return ""
            if condition.name:
                names[condition.name] = found
        action = rule.action
        if action.verb in {"permit", "deny"}:
            return action.verb
        if action.copy:
            made = [(t, v, "AttestationPolicy", ro) for t, v, _, ro in names[action.copy]]
        else:
            made = self.made(rule, names)
        for row in made:
            issues = action.verb != "add" and section != "authorizationrules"
            if row[3] and issues:
                raise NaiveError
            if action.verb == "issueproperty":
                self.check_property(row, section)
                self.properties.append(row)
            if not (action.copy and self.present(row)):
                self.incoming.append(row)
            if action.verb == "issue" and issues:
                self.outgoing.append(row)
        return action.verb

    def present(self, row: Row) -> bool:
        return any(
            old[0] == row[0] and equal(old[1], row[1]) and old[2] == row[2] for old in self.incoming
        )

    def check_property(self, row: Row, section: str) -> None:
        kinds: dict[str, type] = {"report_validity_in_minutes": int, "omit_x5c": bool}
        if section == "configurationrules":
            kinds = {"require_valid_aik_cert": bool, "required_pcr_mask": int}
            kinds["x-ms-sgx-tcbidentifier"] = str
        if row[0] in kinds and type(row[1]) is not kinds[row[0]]:
            raise NaiveError
        if row[0] == "required_pcr_mask" and section == "configurationrules":
            if 0 <= row[1] <= 16777215:
                return
            raise NaiveError

    def made(self, rule: Rule, names: dict[str, list[Row]]) -> list[Row]:
        values = {
            each.property: self.value(each.expression, names) for each in rule.action.assignments
        }
        kinds = values["type"]
        if len(kinds) != 1 or type(kinds[0][0]) is not str or kinds[0][0] == "":
            raise NaiveError
        if "valueType" in values:
            declared = [kind for kind, _ in values["valueType"]]
            if len(declared) != 1 or declared[0] == "":
                raise NaiveError
            if any(KINDS[type(value)] != declared[0] for value, _ in values["value"]):
                raise NaiveError
        return [(kinds[0][0], v, "AttestationPolicy", ro) for v, ro in values["value"]]

    def satisfies(self, row: Row, condition: Condition, names: dict[str, list[Row]]) -> bool:
        for test in condition.tests:
            actual = prop(row, test.property)
            wanted = [value for value, _ in self.value(test.expression, names)]
            if not holds(actual, test.comparison, wanted):
                return False
        return True

    def value(self, expression: Expression, names: dict[str, list[Row]]) -> list[tuple[Any, bool]]:
        if isinstance(expression, Literal):
            return [(expression.value, False)]
        if isinstance(expression, Reference):
            read_only = expression.property == "value"
            return [
                (prop(row, expression.property), row[3] and read_only)
                for row in names[expression.name]
            ]
        return call(expression, [self.value(each, names) for each in expression.arguments])


def prop(row: Row, name: str) -> Any:
    kind, value, issuer, _ = row
    return {"type": kind, "value": value, "issuer": issuer, "valueType": KINDS[type(value)]}[name]


def equal(a: Any, b: Any) -> bool:
    return type(a) is type(b) and bool(a == b)


def holds(actual: Any, comparison: str, wanted: list[Any]) -> bool:
    if comparison == "==":
        return any(equal(actual, each) for each in wanted)
    if comparison == "!=":
        return not any(equal(actual, each) for each in wanted)
    for each in wanted:
        if type(actual) is not int or type(each) is not int:
            continue
        if comparison == "<" and actual < each:
            return True
        if comparison == "<=" and actual <= each:
            return True
        if comparison == ">" and actual > each:
            return True
        if comparison == ">=" and actual >= each:
            return True
    return False


def one(members: list[tuple[Any, bool]], kind: type | None) -> Any:
    if not members or any(not equal(value, members[0][0]) for value, _ in members):
        raise NaiveError
    if kind is not None and type(members[0][0]) is not kind:
        raise NaiveError
    return members[0][0]


def no_fraction(_: str) -> Any:
    raise NaiveError


def call(expression: Call, arguments: list[list[tuple[Any, bool]]]) -> list[tuple[Any, bool]]:
    name = expression.function
    tainted = any(read_only for members in arguments for _, read_only in members)
    if name == "NegateBool":
        return [(not one(arguments[0], bool), tainted)]
    if name == "AppendString":
        return [(one(arguments[0], str) + one(arguments[1], str), tainted)]
    if name == "IsSubsetOf":
        part, whole = arguments
        return [(all(any(equal(a, b) for b, _ in whole) for a, _ in part), False)]
    if name == "ContainsOnlyValue":
        wanted = one(arguments[1], None)
        values = [value for value, _ in arguments[0]]
        return [(bool(values) and all(equal(value, wanted) for value in values), False)]
    if name == "JmesPath":
        return [(query(one(arguments[0], str), one(arguments[1], str)), tainted)]
    try:
        data = json.loads(one(arguments[0], str), parse_float=no_fraction)
    except ValueError:
        raise NaiveError from None
    values = [each for each in data if each is not None] if isinstance(data, list) else [data]
    if data is None:
        return []
    if any(isinstance(each, dict | list) for each in values):
        raise NaiveError
    if any(isinstance(each, int) and not -(2**63) <= each < 2**63 for each in values):
        raise NaiveError
    return [(value, tainted) for value in values]


def query(document: str, text: str) -> str:
    try:
        found = jmespath.search(
            text, json.loads(document), jmespath.Options(custom_functions=_Functions())
        )
    except (ValueError, jmespath.exceptions.JMESPathError):
        raise NaiveError from None
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))
