"""Static checks of one rule (spec policy-language, 3 and 23); offsets stay those of its piece."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.policy.catalogue import SEVERITIES
from sealwright.policy.diagnostics import Diagnostic, Edit, Fix, Label, brief
from sealwright.policy.facts import in_order
from sealwright.policy.literals import literal_text
from sealwright.policy.nearest import nearest
from sealwright.policy.source import Span
from sealwright.policy.syntax import (
    AUTHORIZATION,
    CONFIGURATION,
    FUNCTIONS,
    ISSUANCE,
    Action,
    Call,
    Condition,
    Expression,
    Literal,
    Reference,
    Rule,
    Test,
)

if TYPE_CHECKING:
    from sealwright.policy.limits import Limits

ALLOWED: Final = {
    CONFIGURATION: ("issueproperty",),
    AUTHORIZATION: ("permit", "deny", "add", "issue"),
    ISSUANCE: ("add", "issue", "issueproperty"),
}
"""Actions of each section; `issue` in authorizationrules acts as `add` (spec, 7)."""

MASK_MAX: Final = 0xFFFFFF
VALIDITY: Final = "report_validity_in_minutes"
VALIDITY_MAX: Final = 525_600
"""Minutes: a year."""
PROPERTY_TYPES: Final = {
    CONFIGURATION: {
        "require_valid_aik_cert": bool,
        "required_pcr_mask": int,
        "x-ms-sgx-tcbidentifier": str,
    },
    ISSUANCE: {VALIDITY: int, "omit_x5c": bool},
}
"""Known property claims by section, and the type of their value (spec, 10 and 11)."""

UNDECLARED: Final = "SW109"
"""The code of a name that no condition declares, or one further right."""
VALUE_TYPES: Final = {str: "String", int: "Integer", bool: "Boolean"}
_EQUALITY: Final = frozenset(("==", "!="))
_PARAMETERS: Final = {
    "JmesPath": (str, str),
    "JsonToClaimValue": (str,),
    "AppendString": (str, str),
    "NegateBool": (bool,),
}
_LAST_VERSION: Final = 2


class RuleContext(NamedTuple):
    """What a rule cannot know by itself; `version` is 0, 1 or 2 for 1.0, 1.1 and 1.2.

    `looks_left` unless names may be used that are declared further right.
    """

    section: str
    version: int
    limits: Limits
    looks_left: bool = True


def check_rule(rule: Rule, context: RuleContext) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with a rule as such."""
    return tuple(RuleChecker(context).check(rule))


class RuleChecker:
    """Checks the rules of a section, one after the other."""

    __slots__ = (
        "_astray",
        "_conditions",
        "_context",
        "_declared",
        "_found",
        "_limits",
        "_newest",
        "_used",
    )

    def __init__(self, context: RuleContext) -> None:
        self._context = context
        self._limits = context.limits
        self._newest = context.version >= _LAST_VERSION
        self._begin()

    def _begin(self) -> None:
        """Know nothing of any rule."""
        self._declared: dict[str, Condition] = {}
        self._conditions: tuple[Condition, ...] = ()
        self._used: set[str] = set()
        self._astray = False
        self._found: list[Diagnostic] = []

    def _report(  # noqa: PLR0913, PLR0917 - the members of a diagnostic
        self,
        code: str,
        message: str,
        span: Span,
        advice: str = "",
        fix: Fix | None = None,
        labels: tuple[Label, ...] = (),
    ) -> None:
        self._found.append(Diagnostic(code, SEVERITIES[code], message, span, advice, fix, labels))

    def check(self, rule: Rule) -> list[Diagnostic]:
        """Everything that is wrong with a rule as such."""
        self._begin()
        conditions = self._conditions = rule.conditions
        if not self._context.looks_left:
            conditions = in_order(conditions)
        if len(conditions) > self._limits.conditions:
            self._too_many("conditions in a rule", self._limits.conditions, rule)
        for condition in conditions:
            self._condition(condition)
        self._action(rule.action)
        for name, condition in self._declared.items():
            if name not in self._used and not self._astray:
                span = Span(condition.name_start, condition.name_start + len(name))
                fix = Fix("Remove the name", (_removal(condition),))
                self._report("SW206", f"`{brief(name)}` is never used", span, "", fix)
        return self._found

    def _too_many(self, what: str, limit: int, node: Rule | Condition) -> None:
        self._report("SW123", f"More than {limit:,} {what}", Span(node.start, node.end))

    def _condition(self, condition: Condition) -> None:
        negated, name, tests, start, end, _, selector = condition
        if negated and not self._newest:
            message = "`!` needs version 1.2"
            self._report("SW106", message, Span(start, start + 1), "Write `version=1.2;`.")
        if not self._tests(tests):
            self._untyped(tests, Span(selector, end))
        if len(tests) > self._limits.tests:
            self._too_many("tests in a selector", self._limits.tests, condition)
        if name:
            self._declare(name, condition)

    def _tests(self, tests: tuple[Test, ...]) -> bool:
        """Check every test; whether one of them is of `type`."""
        typed = False
        for test in tests:
            name, comparison, expression, _, _, _ = test
            if name == "type":
                typed = True
            if not isinstance(expression, Literal):
                self._expression(expression)
            elif comparison not in _EQUALITY and type(expression.value) is not int:
                self._ordering(test, expression)
        return typed

    def _untyped(self, tests: tuple[Test, ...], span: Span) -> None:
        if tests:
            message = "Without a test of `type` this matches claims of every type"
            self._report("SW204", message, span)
        else:
            self._report("SW205", "`[]` matches every claim there is", span)

    def _ordering(self, test: Test, literal: Literal) -> None:
        kind = "Booleans" if isinstance(literal.value, bool) else "Strings"
        advice, fix = "Only integers have an order; use `==` or `!=`.", None
        if isinstance(literal.value, str) and literal.value.isdecimal():
            span = Span(literal.start, literal.end)
            fix = Fix("Remove the quotes", (Edit(span, literal.value),))
        message = f"{kind} cannot be compared with `{test.comparison}`"
        self._report("SW117", message, Span(test.comparison_start, test.end), advice, fix)

    def _declare(self, name: str, condition: Condition) -> None:
        first = self._declared.get(name)
        if first is None:
            self._declared[name] = condition
            return
        where = Label(Span(first.name_start, first.name_start + len(name)), "first here")
        span = Span(condition.name_start, condition.name_start + len(name))
        self._report("SW110", f"`{brief(name)}` is declared twice", span, "", None, (where,))

    def _expression(self, expression: Expression) -> None:
        if isinstance(expression, Reference):
            self._use(expression.name, expression.start)
        elif isinstance(expression, Call):
            self._call(expression)

    def _use(self, name: str, start: int) -> None:
        span = Span(start, start + len(name))
        condition = self._declared.get(name)
        if condition is None:
            self._undeclared(name, span)
            return
        self._used.add(name)
        if condition.negated:
            message = f"`{brief(name)}` is always empty: its condition is negated"
            where = Label(Span(condition.start, condition.end), "negated here")
            self._report("SW111", message, span, "", None, (where,))

    def _undeclared(self, name: str, span: Span) -> None:
        self._astray = True
        if any(each.name == name for each in self._conditions):
            message = f"`{brief(name)}` is declared further right, or by this very condition"
            self._report(UNDECLARED, message, span, "Conditions are read from left to right.")
            return
        meant = nearest(name, self._declared)
        if not meant and len(self._declared) == 1:
            meant = next(iter(self._declared))
        fix = Fix(f"Write `{meant}`", (Edit(span, meant),)) if meant else None
        before = [each for each in self._conditions if each.end <= span.start and not each.negated]
        if not self._declared and len(before) == 1:
            at = before[0].selector_start
            fix = Fix(f"Name the condition `{brief(name)}`", (Edit(Span(at, at), f"{name}:"),))
        advice = "Give a condition of this rule that name: `name:[...]`."
        self._report(
            UNDECLARED, f"No condition of this rule is named `{brief(name)}`", span, advice, fix
        )

    def _call(self, call: Call) -> None:
        name = call.function
        span = Span(call.start, call.start + len(name))
        if not self._newest:
            message = "Functions need version 1.2"
            self._report("SW107", message, span, "Write `version=1.2;`.")
        for argument in call.arguments:
            self._expression(argument)
        wanted = FUNCTIONS.get(name)
        if wanted is None:
            meant = nearest(name, FUNCTIONS)
            fix = Fix(f"Write `{meant}`", (Edit(span, meant),)) if meant else None
            advice = f"Did you mean `{meant}`?" if meant else f"There are {', '.join(FUNCTIONS)}."
            self._report("SW118", f"There is no function `{brief(name)}`", span, advice, fix)
        elif wanted != len(call.arguments):
            plural = "argument" if wanted == 1 else "arguments"
            message = f"`{name}` takes {wanted} {plural}, not {len(call.arguments)}"
            self._report("SW119", message, Span(call.start, call.end))
        else:
            self._arguments(call)

    def _arguments(self, call: Call) -> None:
        for kind, argument in zip(_PARAMETERS.get(call.function, ()), call.arguments, strict=False):
            if isinstance(argument, Literal) and type(argument.value) is not kind:
                span = Span(argument.start, argument.end)
                wanted, found = VALUE_TYPES[kind], VALUE_TYPES[type(argument.value)]
                message = f"`{call.function}` takes a value of type {wanted} here, not {found}"
                self._report("SW120", message, span)

    def _action(self, action: Action) -> None:
        section, verb = self._context.section, action.verb
        span = Span(action.start, action.start + len(verb))
        if section and verb not in ALLOWED[section]:
            allowed = ", ".join(f"`{each}`" for each in ALLOWED[section])
            message = f"`{verb}` is not allowed in {section}"
            self._report("SW108", message, span, f"Allowed: {allowed}.")
        elif verb == "issue" and section == AUTHORIZATION:
            message = "`issue` in authorizationrules only acts as `add`"
            advice = "Issue the claim in issuancerules to put it into the token."
            fix = Fix("Write `add`", (Edit(span, "add"),))
            self._report("SW203", message, span, advice, fix)
        if verb in {"permit", "deny"}:
            return
        if action.copy:
            self._use(action.copy, action.copy_start)
            return
        self._assignments(action, span)

    def _assignments(self, action: Action, span: Span) -> None:
        values: dict[str, Expression] = {}
        for name, expression, start, end in action.assignments:
            if name in values:
                self._report("SW121", f"`{name}` is assigned twice", Span(start, end))
            values[name] = expression
            if not isinstance(expression, Literal):
                self._expression(expression)
            if name == "issuer":
                message = "`issuer` cannot be assigned"
                advice = "It is always `AttestationPolicy` for claims of the policy."
                self._report("SW115", message, Span(start, end), advice)
        self._claim(action, values, span)

    def _claim(self, action: Action, values: dict[str, Expression], span: Span) -> None:
        for code, name in (("SW112", "type"), ("SW114", "value")):
            if name not in values:
                self._report(code, f"`{action.verb}` needs `{name}=`", span)
        claim_type, value = values.get("type"), values.get("value")
        if isinstance(claim_type, Literal) and not (
            isinstance(claim_type.value, str) and claim_type.value
        ):
            message = "The type of a claim is a non-empty string"
            self._report("SW113", message, Span(claim_type.start, claim_type.end))
        if "valueType" in values:
            self._value_type(values["valueType"], value)
        if action.verb == "issueproperty":
            self._property(claim_type, value)

    def _value_type(self, declared: Expression, value: Expression | None) -> None:
        if not isinstance(declared, Literal):
            return
        span = Span(declared.start, declared.end)
        if declared.value not in VALUE_TYPES.values():
            message = "`valueType` is `String`, `Integer` or `Boolean`"
            self._report("SW116", message, span)
        elif isinstance(value, Literal) and VALUE_TYPES[type(value.value)] != declared.value:
            actual = VALUE_TYPES[type(value.value)]
            message = f"The value is of type {actual}, not {declared.value}"
            fix = Fix(f'Write `"{actual}"`', (Edit(span, f'"{actual}"'),))
            self._report("SW116", message, span, "", fix)

    def _property(self, name: Expression | None, value: Expression | None) -> None:
        if not isinstance(name, Literal) or not isinstance(value, Literal):
            return
        known = PROPERTY_TYPES.get(self._context.section, {}).get(str(name.value))
        if known is None:
            return
        span = Span(value.start, value.end)
        if type(value.value) is not known:
            message = f"`{name.value}` takes a value of type {VALUE_TYPES[known]}"
            self._report("SW122", message, span, "", _conversion(value, known))
        elif name.value == "required_pcr_mask" and not 0 <= int(value.value) <= MASK_MAX:
            message = f"`{name.value}` is a number from 0 to {MASK_MAX}"
            self._report("SW122", message, span)


def _removal(condition: Condition) -> Edit:
    return Edit(Span(condition.name_start, condition.selector_start), "")


def _conversion(value: Literal, kind: type) -> Fix | None:
    """A literal of the right type that clearly says the same."""
    text = str(value.value).strip()
    new: str | int | bool | None = None
    if kind is str and type(value.value) is int:
        new = text
    elif kind is int and text.isdecimal():
        new = int(text)
    elif kind is bool and text.lower() in {"true", "false"}:
        new = text.lower() == "true"
    if new is None:
        return None
    written = literal_text(new)
    return Fix(f"Write `{written}`", (Edit(Span(value.start, value.end), written),))
