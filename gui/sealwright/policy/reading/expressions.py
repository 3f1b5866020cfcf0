"""Parses the values of tests and assignments (spec policy-language, 3)."""

from __future__ import annotations

import re
from typing import Final, NoReturn

from sealwright.policy.diagnostics import Edit, Fix, brief
from sealwright.policy.literals import bad_escapes, integer_value, string_value
from sealwright.policy.nearest import nearest
from sealwright.policy.reading.cursor import Finding, Stop
from sealwright.policy.reading.lexer import NAME, NUMBER, STRING
from sealwright.policy.reading.slips import Slips
from sealwright.policy.source import Span
from sealwright.policy.syntax import PROPERTIES, Call, Expression, Literal, Reference

PATH: Final = "policy > ruleSection > claimRule > expression"
EXPECTED: Final = ("string", "integer", "boolean", "identifier")
_COMPARED: Final = re.compile(r"\s*(?:[=!<>]=|[<>])")
_NEAR: Final = 40
_PROPERTIES: Final = {name: name for name in PROPERTIES}
_BY_LOWER: Final = {name.lower(): name for name in PROPERTIES}
_QUOTED_PROPERTIES: Final = tuple(f"'{name}'" for name in PROPERTIES)


class ExpressionParser(Slips):
    """The part of the parser that reads expressions."""

    __slots__ = ()

    def expression(self, depth: int = 0) -> Expression:
        """A literal, a reference or a call.

        Raises:
            Stop: none of them stands here.
        """
        at = self.at
        kind = self.kinds[at]
        if kind == STRING:
            return self._string()
        if kind == NAME:
            text = self.texts[at]
            if text in {"true", "false"}:
                self.at = at + 1
                start = self.starts[at]
                return Literal(text == "true", start, start + len(text))
            if self.kinds[at + 1] == ".":
                return self._reference()
            if self.kinds[at + 1] == "(":
                return self._call(depth)
            self._fail_bare_word()
        if kind != NUMBER:
            self.fail_expecting(EXPECTED, PATH, "a value")
        return self._integer()

    def _string(self) -> Literal:
        text, start = self.texts[self.at], self.starts[self.at]
        if "\\" in text:
            for begin, end, reason in bad_escapes(text):
                self._report_escape(text[begin:end], start + begin, reason)
        self.at += 1
        return Literal(string_value(text), start, start + len(text))

    def _report_escape(self, escape: str, start: int, reason: str) -> None:
        span = Span(start, start + len(escape))
        fix = Fix("Write the backslash twice", (Edit(Span(start, start), "\\"),))
        advice = "A backslash itself is written `\\\\`."
        self.report(Finding("SW007", reason, advice, ("escape",), PATH, fix), span)

    def _integer(self) -> Literal:
        at = self.at
        text, start = self.texts[at], self.starts[at]
        value = integer_value(text)
        if value is None or self.kinds[at + 1] == ".":
            fraction = self.kinds[at + 1 : at + 3] == [".", NUMBER]
            whole = "".join(self.texts[at : at + 3]) if fraction else text
            finding = Finding(
                "SW016",
                f"`{whole[:40]}` is not a whole decimal number of 64 bits",
                "Numbers have digits and at most a leading minus: no fraction, no hexadecimal.",
                ("integer",),
                PATH,
            )
            self.report(finding, Span(start, self.end_of(at + 2 if fraction else at)))
            raise Stop
        self.at = at + 1
        return Literal(value, start, start + len(text))

    def _reference(self) -> Reference:
        at = self.at
        start = self.starts[at]
        name = self.texts[at]
        self.at = at + 2
        if self.kinds[at + 2] != NAME:
            self.fail_expecting(_QUOTED_PROPERTIES, PATH, "a property")
        found = self.property_here()
        self.at = at + 3
        return Reference(name, found, start, self.end_of(at + 2), self.starts[at + 2])

    def property_here(self) -> str:
        """The property named by the token here, which is a name; another case is noted.

        Raises:
            Stop: it is not a property.
        """
        text = self.texts[self.at]
        found = _PROPERTIES.get(text)
        if found is not None:
            return found
        found = _BY_LOWER.get(text.lower())
        if found is None:
            self.refuse_store()
            self._fail_property()
        fix = self.replacement(f"Write `{found}`", self.at, found)
        self.warn("SW202", f"`{text}` is written `{found}`", self.span_at(self.at), fix)
        return found

    def _call(self, depth: int) -> Call:
        at = self.at
        start = self.starts[at]
        if depth >= self.limits.call_depth:
            message = f"Calls are nested more than {self.limits.call_depth} deep"
            self.fail(Finding("SW020", message, "", (), PATH))
        self.at = at + 2
        arguments: list[Expression] = []
        while self.kinds[self.at] != ")":
            if arguments:
                self.expect(",", PATH, "`,` or `)`")
            arguments.append(self.expression(depth + 1))
        self.at += 1
        return Call(self.texts[at], tuple(arguments), start, self.end_of(self.at - 1))

    def _fail_property(self) -> NoReturn:
        word, text = self.word_here()
        meant = nearest(text, PROPERTIES)
        after = self.text[self.begin + word.end : self.begin + word.end + _NEAR]
        fix = None
        advice = "A claim has `type`, `value`, `issuer` and `valueType`."
        if meant:
            fix = Fix(f"Write `{meant}`", (Edit(word, meant),))
        elif _COMPARED.match(after):
            advice = "A claim is named by its type."
            tests = f'type=="{text}", value'
            fix = Fix("Test the type and the value", (Edit(word, tests),))
        message = f"`{brief(text)}` is not a property of a claim"
        self.report(Finding("SW025", message, advice, _QUOTED_PROPERTIES, fix=fix), word)
        raise Stop

    def _fail_bare_word(self) -> NoReturn:
        word, text = self.word_here()
        lower = text.lower()
        if lower in {"true", "false"}:
            fix = Fix(f"Write `{lower}`", (Edit(word, lower),))
            message, advice = f"`{text}` is written `{lower}`", ""
        else:
            fix = Fix("Put it in quotes", (Edit(word, f'"{text}"'),))
            message = f"`{brief(text)}` is neither a value nor part of a claim"
            advice = (
                f'Write `"{brief(text)}"` for the text, or `{brief(text)}.value` for a named claim.'
            )
            if "-" in text:
                advice = "Texts, and so the types of claims, stand in quotes."
        self.report(Finding("SW026", message, advice, EXPECTED, PATH, fix), word)
        raise Stop


__all__ = ["EXPECTED", "PATH", "ExpressionParser", "Stop"]
