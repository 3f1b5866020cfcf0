"""A policy as one Python function, for policies that are asked often.

It is written out rule by rule as Python text in which nothing of the policy stands: each literal
is a global `K0`, `K1` and so on, each claim type that conditions name has a list `t0`, `t1` and so
on. It looks like this, for `[type=="svn", value>=2] => permit();`:

    n0 = False
    for c in t0:
        if not (c[1].__class__ is int and c[1] >= K1): note(1)
        else:
            note(0)
            n0 = True
    if n0:
        permit = permit or 1

The function decides, and notes all that it found out: for every condition that has more than the
type to test, claim by claim, the number of the test that failed first, or 0; and for every claim
that is to be copied, whether it was new. `sealwright.policy.evaluation.notes` reads them.

Rules of a rare shape, and those that call functions, are not written out. Whenever something
unusual happens, a read-only value or a limit, the function gives None. In both cases the policy is
evaluated by `sealwright.policy.evaluation.recorder`, which also says how each rule came out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.claims.claim import POLICY_ISSUER, SERVICE_ISSUER, VALUE_TYPES, Claim
from sealwright.policy.checking.rule_checks import PROPERTY_TYPES
from sealwright.policy.facts import literal_string
from sealwright.policy.syntax import (
    AUTHORIZATION,
    ISSUANCE,
    Action,
    Condition,
    Literal,
    Reference,
    Rule,
    Test,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sealwright.policy.limits import Limits
    from sealwright.policy.semantics import Semantics

    Decide = Callable[[Iterable[Claim], Callable[[], bool] | None], "Decision | None"]

_HEAD: Final = """\
def decide(given, late):
    incoming = list(given)
    n = len(incoming)
    if n > ROOM:
        return None
    outgoing = []
    properties = []
    notes = []
    note = notes.append
    permit = deny = 0
{lists}
    lists = {{{names}}}
    others = False
    for claim in incoming:
        kind, value, issuer, read_only = claim
        if read_only or (value.__class__ is str and len(value) > LONG):
            return None
        if issuer != SERVICE:
            others = True
        elif others:
            return decide(sorted(incoming, key=is_other), late)
        if kind in lists:
            lists[kind].append(claim)
    if kept_back:
        return None
"""
_FULL: Final = "if len(incoming) > ROOM or len(outgoing) > ROOM: return None"
_LATE: Final = "if late is not None and late(): return None"
_DECIDED: Final = "if deny or not permit: return Decision(permit, deny, n, incoming, [], [], notes)"
_DONE: Final = "return Decision(permit, deny, n, incoming, outgoing, properties, notes)"
_CLOCK_EVERY: Final = 16
_DEEPEST: Final = 64
"""Conditions stand within each other, and Python takes no more than 100 steps to the right."""
_FIELDS: Final = {
    "type": "{0}[0]",
    "value": "{0}[1]",
    "issuer": "{0}[2]",
    "valueType": "KINDS[{0}[1].__class__]",
}


class Decision(NamedTuple):
    """What a request comes to; the verdicts are numbers of authorization rules, 0 for none.

    The first `given` claims of `incoming` are those of the request.
    """

    permit: int
    deny: int
    given: int
    incoming: list[Claim]
    outgoing: list[Claim]
    properties: list[Claim]
    notes: list[int]


class _UnfitError(Exception):
    """A rule has a shape that is not written out."""


def compile_rules(
    rules: Mapping[str, Sequence[Rule]], semantics: Semantics, limits: Limits
) -> Decide | None:
    """A function that decides; None when a rule does not fit.

    Args:
        rules: of `authorizationrules` and `issuancerules`; they have passed the static checks.
        semantics: with every switch as it is by default.
        limits: what the function keeps to.
    """
    types = {
        name
        for rule in (*rules[AUTHORIZATION], *rules[ISSUANCE])
        for condition in rule.conditions
        for test in condition.tests
        if test.property == "type" and (name := literal_string(test.expression)) is not None
    }
    if types.intersection(semantics.read_only_types):
        return None
    writer = _Writer(types, semantics.read_only_types)
    try:
        for number, rule in enumerate(rules[AUTHORIZATION], 1):
            writer.rule(rule, AUTHORIZATION, number)
        writer.line(0, _FULL)
        writer.line(0, _DECIDED)
        for number, rule in enumerate(rules[ISSUANCE], 1):
            writer.rule(rule, ISSUANCE, number)
    except _UnfitError:
        return None
    writer.line(0, _FULL)
    writer.line(0, _DONE)
    code = compile(writer.text(), "<policy>", "exec")
    names = {"ROOM": limits.claims, "LONG": limits.value_bytes // 4, **writer.constants}
    exec(code, names)  # noqa: S102 - the text holds nothing of the policy, see above
    decide: Decide = names["decide"]  # type: ignore[assignment] # the function just defined
    return decide


def _is_other(claim: Claim) -> bool:
    return claim.issuer != SERVICE_ISSUER


class _Source(NamedTuple):
    """Where claims come from: a variable, and their type when it is known."""

    variable: str
    claim_type: str | None


class _Writer:
    """Writes rules as Python, one after the other."""

    def __init__(self, claim_types: set[str], read_only_types: tuple[str, ...]) -> None:
        self._read_only = read_only_types
        self._lines: list[str] = []
        self._lists = {name: f"t{place}" for place, name in enumerate(sorted(claim_types))}
        self._bound: dict[str, _Source] = {}
        self.constants: dict[str, object] = {
            "Claim": Claim,
            "Decision": Decision,
            "KINDS": VALUE_TYPES,
            "POLICY": POLICY_ISSUER,
            "SERVICE": SERVICE_ISSUER,
            "is_other": _is_other,
            # The constructor of a named tuple takes twice the time.
            "new": tuple.__new__,
        }

    def text(self) -> str:
        """The whole function."""
        variables = ["kept_back", *self._lists.values()]
        lists = "\n".join(f"    {variable} = []" for variable in variables)
        pairs = [(each, "kept_back") for each in self._read_only]
        pairs += [(name, variable) for name, variable in self._lists.items()]
        names = ", ".join(f"{self._constant(name)}: {variable}" for name, variable in pairs)
        return _HEAD.format(lists=lists, names=names) + "\n".join(self._lines) + "\n"

    def line(self, depth: int, text: str) -> None:
        """One line of the function, `depth` steps further in than its body."""
        self._lines.append("    " * (depth + 1) + text)

    def rule(self, rule: Rule, section: str, number: int) -> None:
        """One rule.

        Raises:
            _UnfitError: it has a rare shape.
        """
        if len(rule.conditions) > _DEEPEST:
            raise _UnfitError
        self._bound = {}
        depth = 0
        for place, condition in enumerate(rule.conditions):
            depth = self._condition(condition, f"n{place}", depth)
        self._action(rule.action, section, number, depth)
        if number % _CLOCK_EVERY == 0:
            self.line(0, _LATE)

    def _condition(self, condition: Condition, variable: str, depth: int) -> int:
        """Lines that go on, at the depth that is given back, when the condition holds."""
        source, tests = self._source(condition)
        keeps = bool(condition.name) and not condition.negated
        found = source.variable
        if tests:
            found = variable
            self._candidates(source.variable, found, tests, depth, keeps=keeps)
        if keeps:
            self._bound[condition.name] = _Source(found, source.claim_type)
        self.line(depth, f"if {'not ' if condition.negated else ''}{found}:")
        return depth + 1

    def _candidates(
        self, source: str, found: str, tests: list[Test], depth: int, *, keeps: bool
    ) -> None:
        """Lines that try every claim, and keep those that pass or only that there is one."""
        checks = [self._test(test, f"{found}_{place}", depth) for place, test in enumerate(tests)]
        self.line(depth, f"{found} = {'[]' if keeps else 'False'}")
        self.line(depth, f"for c in {source}:")
        for place, check in enumerate(checks, 1):
            self.line(depth + 1, f"{'el' * (place > 1)}if not ({check}): note({place})")
        self.line(depth + 1, "else:")
        self.line(depth + 2, "note(0)")
        self.line(depth + 2, f"{found}.append(c)" if keeps else f"{found} = True")

    def _source(self, condition: Condition) -> tuple[_Source, list[Test]]:
        """The claims that can satisfy a condition, and the tests that are left."""
        tests = list(condition.tests)
        for place, test in enumerate(tests):
            name = literal_string(test.expression)
            if test.property == "type" and test.comparison == "==" and name is not None:
                del tests[place]
                return _Source(self._lists[name], name), tests
        return _Source("incoming", None), tests

    def _test(self, test: Test, variable: str, depth: int) -> str:
        """Python that is true when the claim `c` passes."""
        actual, comparison, expression = (
            _FIELDS[test.property].format("c"),
            test.comparison,
            test[2],
        )
        if isinstance(expression, Reference):
            return self._compared_with_set(test, expression, variable, depth)
        if not isinstance(expression, Literal):
            raise _UnfitError
        wanted = self._constant(expression.value)
        kind = type(expression.value).__name__
        if test.property != "value" and kind != "str":
            return str(comparison == "!=")
        if kind == "str":
            return f"{actual} {comparison} {wanted}"
        if comparison == "!=":
            return f"(c[1].__class__ is not {kind} or c[1] != {wanted})"
        return f"c[1].__class__ is {kind} and c[1] {comparison} {wanted}"

    def _compared_with_set(
        self, test: Test, reference: Reference, variable: str, depth: int
    ) -> str:
        found = self._bound[reference.name].variable
        if test.comparison in {"==", "!="}:
            member = _typed(reference.property, "m")
            self.line(depth, f"{variable} = {{{member} for m in {found}}}")
            joint = "in" if test.comparison == "==" else "not in"
            return f"{_typed(test.property, 'c')} {joint} {variable}"
        if test.property != "value" or reference.property != "value":
            return "False"
        farthest = "max" if test.comparison[0] == "<" else "min"
        numbers = f"[m[1] for m in {found} if m[1].__class__ is int]"
        self.line(depth, f"{variable} = {farthest}({numbers}, default=None)")
        held = f"c[1].__class__ is int and c[1] {test.comparison} {variable}"
        return f"{variable} is not None and {held}"

    def _action(self, action: Action, section: str, number: int, depth: int) -> None:
        verb = action.verb
        if verb in {"permit", "deny"}:
            self.line(depth, f"{verb} = {verb} or {number}")
            return
        sends = "" if verb == "add" or section == AUTHORIZATION else "outgoing"
        if verb == "issueproperty":
            sends = "properties"
        if action.copy:
            self._copy(self._bound[action.copy], sends, verb, depth)
            return
        name, value = action.assigned("type"), action.assigned("value")
        if not isinstance(name, Literal) or not isinstance(name.value, str):
            raise _UnfitError
        if isinstance(value, Literal):
            claim = Claim(name.value, value.value, POLICY_ISSUER)
            self._arrive(self._constant(claim), name.value, sends, depth)
        elif isinstance(value, Reference) and action.assigned("valueType") is None:
            self._rename(name.value, value, sends, depth)
        else:
            raise _UnfitError

    def _rename(self, claim_type: str, value: Reference, sends: str, depth: int) -> None:
        if sends == "properties" and claim_type in PROPERTY_TYPES[ISSUANCE]:
            raise _UnfitError
        found = self._bound[value.name]
        # What grows must not be walked through.
        grows = found.variable == "incoming" or found.claim_type == claim_type
        self.line(depth, f"for m in {found.variable}{'[:]' if grows else ''}:")
        field = _FIELDS[value.property].format("m")
        kind = self._constant(claim_type)
        self.line(depth + 1, f"made = new(Claim, ({kind}, {field}, POLICY, False))")
        self._arrive("made", claim_type, sends, depth + 1)
        self.line(depth, _FULL)

    def _arrive(self, claim: str, claim_type: str, sends: str, depth: int) -> None:
        self.line(depth, f"incoming.append({claim})")
        if claim_type in self._lists:
            self.line(depth, f"{self._lists[claim_type]}.append({claim})")
        if sends:
            self.line(depth, f"{sends}.append({claim})")

    def _copy(self, found: _Source, sends: str, verb: str, depth: int) -> None:
        if found.claim_type is None or verb == "issueproperty":
            raise _UnfitError
        kind, all_of_type = self._constant(found.claim_type), self._lists[found.claim_type]
        known = f"{{(m[1].__class__, m[1]) for m in {all_of_type} if m[2] == POLICY}}"
        self.line(depth, f"known = {known}")
        self.line(depth, f"for m in {found.variable}[:]:")
        self.line(depth + 1, f"made = new(Claim, ({kind}, m[1], POLICY, False))")
        if sends:
            self.line(depth + 1, f"{sends}.append(made)")
        self.line(depth + 1, "if (m[1].__class__, m[1]) in known: note(0)")
        self.line(depth + 1, "else:")
        self.line(depth + 2, "note(1)")
        self.line(depth + 2, "known.add((m[1].__class__, m[1]))")
        self.line(depth + 2, "incoming.append(made)")
        self.line(depth + 2, f"{all_of_type}.append(made)")
        self.line(depth, _FULL)

    def _constant(self, value: object) -> str:
        name = f"K{len(self.constants)}"
        self.constants[name] = value
        return name


def _typed(name: str, claim: str) -> str:
    """A property with its class: true is not 1."""
    kind = f"{claim}[1].__class__" if name == "value" else "str"
    return f"({kind}, {_FIELDS[name].format(claim)})"
