"""Parses conditions, actions and whole rules (spec policy-language, 3)."""

from __future__ import annotations

from typing import Final

from sealwright.policy.diagnostics import Edit, Fix, brief
from sealwright.policy.nearest import nearest
from sealwright.policy.reading.cursor import Finding, Stop
from sealwright.policy.reading.expressions import ExpressionParser
from sealwright.policy.reading.lexer import END, NAME
from sealwright.policy.source import Span
from sealwright.policy.syntax import (
    COMPARISONS,
    PROPERTIES,
    VERBS,
    Action,
    Assignment,
    Condition,
    Expression,
    Literal,
    Rule,
    Test,
)

_RULE: Final = "policy > ruleSection > claimRule"
_CONDITION: Final = f"{_RULE} > condition"
_TEST: Final = f"{_CONDITION} > test"
_ACTION: Final = f"{_RULE} > action"
_ASSIGNMENT: Final = f"{_ACTION} > assignment"
_AFTER_TEST: Final = ("','", "']'")
_AFTER_ARGUMENT: Final = ("','", "')'")
_COMPARISONS: Final = frozenset(COMPARISONS)
_VERBS: Final = frozenset(VERBS)
_QUOTED_VERBS: Final = tuple(f"'{each}'" for each in VERBS)
_OTHER_WORDS: Final = {
    **dict.fromkeys(("allow", "accept", "grant", "approve", "pass"), "permit"),
    **dict.fromkeys(("reject", "refuse", "block", "forbid", "disallow"), "deny"),
}


class RuleParser(ExpressionParser):
    """The part of the parser that reads rules."""

    __slots__ = ()

    def rule(self) -> Rule:
        """The rule that starts here, with its `;`.

        Raises:
            Stop: it makes no sense; what is wrong has been reported.
        """
        start = self.starts[self.at]
        kinds = self.kinds
        conditions: list[Condition] = []
        while kinds[self.at] != "=>":
            conditions.append(self.condition())
            if kinds[self.at] == "&&":
                self.at += 1
                if self._verb_follows():
                    self._report_arrow(self.at - 1)
                    break
                if kinds[self.at] == "=>":
                    self._report_joint(self.at - 1)
            elif kinds[self.at] != "=>" and not self._goes_on():
                break
        else:
            self.at += 1
        action = self.action()
        if kinds[self.at] == ";":
            self.at += 1
        else:
            self._report_semicolon()
        return Rule(tuple(conditions), action, start, self.end_of(self.at - 1))

    def _verb_follows(self) -> bool:
        at = self.at
        return (
            self.kinds[at] == NAME
            and self.kinds[at + 1] == "("
            and self.texts[at].lower() in _VERBS
        )

    def _report_arrow(self, joint: int) -> None:
        fix = self.replacement("Replace `&&` with `=>`", joint, "=>")
        message = "`=>` is missing between the conditions and the action"
        finding = Finding("SW003", message, "", ("'=>'",), _RULE, fix)
        self.report(finding, self.span_at(joint))

    def _report_joint(self, joint: int) -> None:
        fix = self.replacement("Remove `&&`", joint, "")
        message = "No condition stands between `&&` and `=>`"
        finding = Finding("SW001", message, "", ("'!'", "'['", "identifier"), _CONDITION, fix)
        self.report(finding, self.span_at(joint))

    def _goes_on(self) -> bool:
        """Whether a further condition follows; else the cursor is left on the action.

        Raises:
            Stop: neither stands here.
        """
        if self._verb_follows():
            close = self.starts[self.at] == self.end_of(self.at - 1)
            fix = self.insertion("Insert `=>`", self.at, " => " if close else " =>")
            message = "`=>` is missing between the conditions and the action"
            finding = Finding("SW003", message, "", ("'=>'",), _RULE, fix)
            self.report(finding, self.span_at(self.at))
            return False
        if self.mistaken_arrow():
            return False
        if not self.mistaken_joint():
            self.refuse_joining_word()
            self.fail_expecting(("'&&'", "'=>'"), _RULE, "`&&` or `=>`")
        return True

    def _report_semicolon(self) -> None:
        """The missing `;` after an action.

        Raises:
            Stop: it is not the semicolon that is wrong.
        """
        kind = self.kinds[self.at]
        if kind not in {END, NAME, "[", "=>", "!", "}"}:
            self.fail_expecting(("';'",), _RULE, "`;`")
        finding = Finding(
            "SW002",
            "`;` is missing at the end of the rule",
            "Every rule and every section ends with a semicolon.",
            ("';'",),
            _RULE,
            self.insertion("Insert `;`", self.at, ";"),
        )
        self.report(finding, self.gap(self.at))

    def condition(self) -> Condition:
        """`! name:[tests]`.

        Raises:
            Stop: no condition stands here.
        """
        at = self.at
        kinds = self.kinds
        start = self.starts[at]
        negated = kinds[at] == "!"
        if negated:
            at += 1
        name, name_start = "", self.starts[at]
        if kinds[at] == NAME:
            self.at = at
            name = self._claim_name()
            at = self.at
        selector = self.starts[at]
        self.at = at
        if kinds[at] != "[":
            self.refuse_parenthesis()
            self.fail_expecting(("'['", "'=>'"), _CONDITION, "`[`")
        self.at = at + 1
        tests = self._tests() if kinds[at + 1] != "]" else ()
        self.at += 1
        end = self.starts[self.at - 1] + 1
        return Condition(negated, name, tests, start, end, name_start, selector)

    def _claim_name(self) -> str:
        at = self.at
        name = self.texts[at]
        if self.kinds[at + 1] != ":":
            self._fail_name(name)
        if name in {"true", "false"}:
            message = f"`{name}` cannot name a claim"
            self.fail(Finding("SW001", message, "", ("identifier",), _CONDITION))
        self.at = at + 2
        return name

    def _fail_name(self, name: str) -> None:
        self.refuse_quantifier()
        if self.texts[self.at + 1] == "(" or name.lower() in _VERBS:
            spot = Span(self.starts[self.at], self.starts[self.at])
            fix = Fix("Insert `=>`", (Edit(spot, "=> "),)) if self._verb_follows() else None
            message = f"`=>` is missing before `{name}`"
            self.fail(Finding("SW003", message, "", ("'=>'",), _RULE, fix))
        if self.kinds[self.at + 1] == "[":
            fix = self.insertion("Insert `:`", self.at + 1, ":")
            message = f"`:` is missing between `{name}` and `[`"
            self.fail(Finding("SW001", message, "", ("':'",), _CONDITION, fix), self.at + 1)
        self.at += 1
        self.fail_expecting(("':'",), _CONDITION, "`:`")

    def _tests(self) -> tuple[Test, ...]:
        """The tests up to the closing bracket, on which the cursor is left."""
        tests: list[Test] = []
        while True:
            try:
                tests.append(self._test())
                kind = self.kinds[self.at]
                if kind == "]":
                    return tuple(tests)
                if kind != "," and not self.mistaken_comma(_AFTER_TEST, _CONDITION, "tests"):
                    if self.missing_bracket(_AFTER_TEST, _CONDITION):
                        return tuple(tests)
                    self.fail_expecting(_AFTER_TEST, _CONDITION, "`,` or `]`")
            except Stop:
                self._skip_test()
                if self.kinds[self.at] == "]":
                    return tuple(tests)
            self.at += 1

    def _skip_test(self) -> None:
        """Find the `,` or `]` after a broken test.

        Raises:
            Stop: the selector does not go on.
        """
        depth = 0
        while True:
            kind = self.kinds[self.at]
            if kind in {END, "=>", "&&", "[", ";"}:
                raise Stop
            if depth == 0 and kind in {",", "]"}:
                return
            depth += (kind == "(") - (kind == ")")
            self.at += 1

    def _test(self) -> Test:
        at = self.at
        start = self.starts[at]
        if self.kinds[at] != NAME:
            self.fail_expecting(_QUOTED_PROPERTIES, _TEST, "a property")
        name = self.property_here()
        self.at = at + 1
        comparison = self.kinds[at + 1]
        if comparison not in _COMPARISONS:
            comparison = self.mistaken_comparison()
        elif self.kinds[at + 2] == "=":
            self.doubled_comparison(comparison)
        operator = self.starts[at + 1]
        self.at += 1
        value = self.expression()
        return Test(name, comparison, value, start, value.end, operator)

    def action(self) -> Action:
        """`verb(...)`.

        Raises:
            Stop: no action stands here.
        """
        at = self.at
        start = self.starts[at]
        verb = self.texts[at]
        if verb not in _VERBS:
            verb = self._mistaken_verb()
        self.at = at + 1
        assignments: tuple[Assignment, ...] = ()
        copy, copy_start = "", 0
        decides = verb in {"permit", "deny"}
        if decides and self.missing_parenthesis("Insert `()`", "()", "'('", _ACTION):
            return Action(verb, (), "", start, self.end_of(at), 0)
        self.expect("(", _ACTION)
        if not decides:
            assignments, copy, copy_start = self._claim_argument()
        elif self.kinds[self.at] not in {")", ";", "}", END}:
            self.fail_expecting(("')'",), _ACTION, f"`)`: `{verb}` takes nothing")
        if not self.missing_parenthesis("Insert `)`", ")", "')'", _ACTION):
            self.expect(")", _ACTION, "`,` or `)`")
        return Action(verb, assignments, copy, start, self.end_of(self.at - 1), copy_start)

    def _mistaken_verb(self) -> str:
        text = self.texts[self.at]
        if self.kinds[self.at] == "(":
            message = "The action has no name"
            advice = f"Write {', '.join(f'`{verb}`' for verb in VERBS[:-1])} or `{VERBS[-1]}`."
            self.fail(Finding("SW024", message, advice, _QUOTED_VERBS, _ACTION))
        if self.kinds[self.at] != NAME:
            self.fail_expecting(_QUOTED_VERBS, _ACTION, "an action")
        lower = text.lower()
        span = self.span_at(self.at)
        if lower in _VERBS:
            fix = self.replacement(f"Write `{lower}`", self.at, lower)
            self.warn("SW201", f"`{text}` is written `{lower}`", span, fix)
            return lower
        meant = nearest(text, VERBS) or _OTHER_WORDS.get(lower, "")
        fix_or_none = self.replacement(f"Write `{meant}`", self.at, meant) if meant else None
        advice = f"Did you mean `{meant}`?" if meant else ""
        message = f"There is no action `{brief(text)}`"
        finding = Finding("SW013", message, advice, _QUOTED_VERBS, _ACTION, fix_or_none)
        self.report(finding, span)
        if not meant:
            raise Stop
        return meant

    def _claim_argument(self) -> tuple[tuple[Assignment, ...], str, int]:
        """`claim=name` or the assignments."""
        assignments: list[Assignment] = []
        copy, copy_start = "", 0
        while True:
            at = self.at
            if self.kinds[at] == NAME and self.texts[at].lower() == "claim":
                copy, copy_start = self._copy(bool(assignments))
                if self.kinds[self.at] == ",":
                    self._fail_company(self.at)
                return (), copy, copy_start
            if self.kinds[at] == NAME and self.kinds[at + 1] in {"=", "=="}:
                assignments.append(self._assignment())
            else:
                self._positional(len(assignments))
            if self.kinds[self.at] != "," and not self.mistaken_comma(
                _AFTER_ARGUMENT, _ACTION, "arguments"
            ):
                return tuple(assignments), copy, copy_start
            self.at += 1

    def _fail_company(self, at: int) -> None:
        message = "`claim=` copies whole claims and stands alone"
        self.fail(Finding("SW001", message, "", ("')'",), _ACTION), at)

    def _copy(self, late: bool) -> tuple[str, int]:  # noqa: FBT001 - one caller
        at = self.at
        text = self.texts[at]
        if late:
            self._fail_company(at)
        if text != "claim":
            fix = self.replacement("Write `claim`", at, "claim")
            self.warn("SW202", f"`{text}` is written `claim`", self.span_at(at), fix)
        self.at = at + 1
        self._equals()
        if self.kinds[self.at] != NAME or self.texts[self.at] in {"true", "false"}:
            self.fail_expecting(("identifier",), _ACTION, "the name of a condition")
        self.at += 1
        return self.texts[self.at - 1], self.starts[self.at - 1]

    def _equals(self) -> None:
        if self.kinds[self.at] == "==":
            fix = self.replacement("Replace with `=`", self.at, "=")
            message = "`==` does not assign; write `=`"
            finding = Finding("SW022", message, "", ("'='",), _ASSIGNMENT, fix)
            self.report(finding, self.span_at(self.at))
            self.at += 1
        else:
            self.expect("=", _ASSIGNMENT)

    def _assignment(self) -> Assignment:
        start = self.starts[self.at]
        name = self.property_here()
        self.at += 1
        self._equals()
        value = self.expression()
        return Assignment(name, value, start, value.end)

    def _positional(self, place: int) -> None:
        """An argument without a name: say which one was meant.

        Raises:
            Stop: it is no value at all.
        """
        at = self.at
        if self.kinds[at] == ")" or self.kinds[at] == END:
            self.fail_expecting(("'type'", "'claim'"), _ACTION, "`type=` or `claim=`")
        value: Expression = self.expression()
        missing = ("type", "value")[place] if place < 2 else ""  # noqa: PLR2004 - two names
        safe = missing and (missing != "type" or isinstance(value, Literal))
        spot = Span(value.start, value.start)
        fix = Fix(f"Insert `{missing}=`", (Edit(spot, f"{missing}="),)) if safe else None
        finding = Finding(
            "SW010",
            "Arguments of an action have names",
            'Write `type="...", value=...`, or `claim=` and the name of a condition.',
            ("'type'", "'claim'"),
            _ACTION,
            fix,
        )
        self.report(finding, Span(value.start, value.end), at)


_QUOTED_PROPERTIES: Final = tuple(f"'{each}'" for each in PROPERTIES)
