"""Names what is not in the language but in its relatives (spec policy-language, 18)."""

from __future__ import annotations

from typing import Final

from sealwright.policy.diagnostics import Edit, Fix
from sealwright.policy.reading.cursor import Cursor, Finding
from sealwright.policy.reading.lexer import NAME
from sealwright.policy.source import Span

_RULE: Final = "policy > ruleSection > claimRule"
_CONDITION: Final = f"{_RULE} > condition"
_QUANTIFIERS: Final = {
    "exists": "A plain condition already means that such a claim exists.",
    "not": "Put `!` before the condition; version 1.2 has it.",
    "count": "There are no aggregates; test the values themselves.",
}
_JOINING: Final = {
    "and": "Conditions are joined by `&&`.",
    "or": "Write one rule for each alternative.",
}
_STORE: Final = frozenset(("store", "query", "param"))


class ForeignWords(Cursor):
    """The part of the parser that knows the words of related languages.

    Each method steps back when nothing of the kind stands at the cursor, and raises `Stop` after
    it has reported what does.
    """

    __slots__ = ()

    def refuse_quantifier(self) -> None:
        """`EXISTS`, `NOT`, `NOT EXISTS` and `COUNT` before a selector."""
        name = self.texts[self.at]
        advice = _QUANTIFIERS.get(name.lower())
        if advice and self.kinds[self.at + 1] in {"(", "[", NAME}:
            self._refuse(name, advice, "'['", _CONDITION, self._quantified())

    def _quantified(self) -> Fix | None:
        """`NOT EXISTS [...]`, `NOT [...]` and `EXISTS [...]` in this language."""
        at = self.at
        negated = self.texts[at].lower() == "not"
        last = at + 1 if negated and self.texts[at + 1].lower() == "exists" else at
        if self.kinds[last + 1] != "[" or self.texts[last].lower() not in {"not", "exists"}:
            return None
        span = Span(self.starts[at], self.starts[last + 1])
        title = "Replace with `!`" if negated else f"Remove `{self.texts[at]}`"
        return Fix(title, (Edit(span, "!" if negated else ""),))

    def refuse_joining_word(self) -> None:
        """`and` and `or` between conditions."""
        text = self.texts[self.at]
        advice = _JOINING.get(text.lower())
        if advice:
            joins = text.lower() == "and"
            fix = self.replacement("Replace with `&&`", self.at, "&&") if joins else None
            self._refuse(text, advice, "'&&'", _RULE, fix)

    def refuse_parenthesis(self) -> None:
        """Conditions that are grouped."""
        if self.kinds[self.at] == "(":
            message = "Conditions cannot be grouped with parentheses"
            advice = "`&&` joins conditions; alternatives are rules of their own."
            self.fail(Finding("SW014", message, advice, ("'['",), _CONDITION))

    def refuse_store(self) -> None:
        """What AD FS asks attribute stores with."""
        text = self.texts[self.at]
        if text.lower() in _STORE:
            advice = "A rule sees the incoming claims only; nothing is looked up in a store."
            self._refuse(text, advice, "'type'", _RULE, None)

    def _refuse(self, text: str, advice: str, expected: str, path: str, fix: Fix | None) -> None:
        message = f"There is no `{text}` in this language"
        self.fail(Finding("SW014", message, advice, (expected,), path, fix))
