"""Knows what was meant by slips of the pen, so that one key puts them right and reading goes on."""

from __future__ import annotations

import re
from typing import Final

from sealwright.policy.diagnostics import Edit, Fix
from sealwright.policy.reading.cursor import Finding
from sealwright.policy.reading.foreign import ForeignWords
from sealwright.policy.reading.lexer import END, NAME
from sealwright.policy.source import Span
from sealwright.policy.syntax import COMPARISONS, PROPERTIES

_RULE: Final = "policy > ruleSection > claimRule"
_TEST: Final = f"{_RULE} > condition > test"
_QUOTED_COMPARISONS: Final = tuple(f"'{each}'" for each in COMPARISONS)
_COMPARES: Final = frozenset((*COMPARISONS, "="))
_WORDS: Final = frozenset(each.lower() for each in PROPERTIES)
_WITH_HYPHENS: Final = re.compile(r"\w++(?:\.\w++)*-(?:[.$-]|\w)*")


class Slips(ForeignWords):
    """The part of the parser that reads on behind what is plainly a slip, once it is reported."""

    __slots__ = ()

    def word_here(self) -> tuple[Span, str]:
        """The name at the cursor, with the hyphens that a claim type has; they are no tokens."""
        start = self.starts[self.at]
        end = self.end_of(self.at)
        match = _WITH_HYPHENS.match(self.text, self.begin + start)
        if match is not None:
            end = match.end() - self.begin
            # The word is reported as one, and not sign by sign.
            self.forget_strays(Span(start, end))
        return Span(start, end), self.text[self.begin + start : self.begin + end]

    def forget_strays(self, span: Span) -> None:
        """Take back what was said about single characters."""
        self.problems = [
            each
            for each in self.problems
            if each.code != "SW009" or not span.start <= each.span.start < span.end
        ]

    # --- between conditions -------------------------------------------------------------------

    def mistaken_arrow(self) -> bool:
        """Whether `->`, `==>` or `= >` stands here; then the cursor is left on what follows."""
        at = self.at
        kinds = self.kinds
        width = 2 if kinds[at] in {"==", "="} and kinds[at + 1] == ">" else 1
        if kinds[at + width - 1] != ">" or kinds[at + width] != NAME:
            return False
        span = Span(self.starts[at], self.end_of(at + width - 1))
        if width == 1 and self.gap_text(at).endswith("-"):
            span = Span(span.start - 1, span.end)
        self.forget_strays(span)
        fix = Fix("Replace with `=>`", (Edit(span, "=>"),))
        message = "An arrow is written `=>`"
        self.report(Finding("SW001", message, "", ("'&&'", "'=>'"), _RULE, fix), span)
        self.at = at + width
        return True

    def mistaken_joint(self) -> bool:
        """Whether a further condition stands here without `&&`, or behind a comma."""
        at = self.at
        comma = self.kinds[at] == ","
        first = at + comma
        if not self._condition_starts(first):
            return False
        between = self.gap_text(at)
        if between:
            # A sign between them that is not of the language has been reported.
            gap = Span(self.end_of(at - 1), self.starts[at])
            return any(gap.start <= each.span.start < gap.end for each in self.problems)
        if "\n" in self.text[self.begin + self.end_of(at - 1) : self.begin + self.starts[first]]:
            return False
        fix = self.replacement("Replace with `&&`", at, "&&")
        if not comma:
            close = self.starts[at] == self.end_of(at - 1)
            fix = self.insertion("Insert `&&`", at, " && " if close else " &&")
        elif self.starts[at] == self.end_of(at - 1):
            fix = self.replacement("Replace with `&&`", at, " &&")
        message = "Conditions are joined by `&&`"
        finding = Finding("SW001", message, "", ("'&&'", "'=>'"), _RULE, fix)
        self.report(finding, self.span_at(at))
        self.at = first
        return True

    def gap_text(self, at: int) -> str:
        """What stands between a token and the one before it, blanks aside."""
        start, end = self.end_of(at - 1), self.starts[at]
        return self.text[self.begin + start : self.begin + end].strip()

    def _condition_starts(self, at: int) -> bool:
        kinds = self.kinds
        if kinds[at] == "!":
            at += 1
        return kinds[at] == "[" or kinds[at : at + 3] == [NAME, ":", "["]

    # --- in brackets --------------------------------------------------------------------------

    def mistaken_comma(self, expected: tuple[str, ...], path: str, ending: str) -> bool:
        """Whether a property stands here without a comma before it, or behind `&&`.

        Args:
            expected: what the service would name.
            path: the rule of the grammar.
            ending: what follows a property: comparisons, or `=`.
        """
        at = self.at
        joined = self.kinds[at] == "&&"
        place = at + joined
        known = self.kinds[place] == NAME and self.texts[place].lower() in _WORDS
        if not known or self.kinds[place + 1] not in _COMPARES or self.gap_text(at):
            return False
        if joined:
            blank = self.starts[at] > self.end_of(at - 1)
            span = Span(self.end_of(at - 1) if blank else self.starts[at], self.end_of(at))
            fix = Fix("Replace with `,`", (Edit(span, ","),))
        else:
            fix = self.insertion("Insert `,`", at, ",")
        message = f"A comma stands between {ending}"
        self.report(Finding("SW001", message, "", expected, path, fix), self.span_at(at))
        # Whoever called steps over the comma.
        self.at = place - 1
        return True

    def missing_bracket(self, expected: tuple[str, ...], path: str) -> bool:
        """Whether the selector ends here without its `]`; then the cursor is left before here."""
        at = self.at
        further = self.kinds[at] == "&&" and self._condition_starts(at + 1)
        if self.kinds[at] != "=>" and not further:
            return False
        close = self.starts[at] == self.end_of(at - 1)
        fix = self.insertion("Insert `]`", at, "] " if close else "]")
        message = "`]` is missing at the end of the condition"
        self.report(Finding("SW001", message, "", expected, path, fix), self.gap(at))
        self.at = at - 1
        return True

    def missing_parenthesis(self, title: str, text: str, expected: str, path: str) -> bool:
        """Whether the rule ends here, before the parentheses of its action do."""
        if self.kinds[self.at] not in {";", "}", END}:
            return False
        fix = self.insertion(title, self.at, text)
        message = f"`{text}` is missing at the end of the action"
        finding = Finding("SW001", message, "", (expected,), path, fix)
        self.report(finding, self.gap(self.at))
        return True

    # --- comparisons --------------------------------------------------------------------------

    def mistaken_comparison(self) -> str:
        """What was meant by `=` and the like; the cursor is left on the last token of it.

        Raises:
            Stop: nothing like a comparison stands here.
        """
        kind = self.kinds[self.at]
        after = self.kinds[self.at + 1] if self.at + 1 < len(self.kinds) else ""
        if kind == "=>":
            meant, code = ">=", "SW001"
        elif kind == "=" and after == "<":
            meant, code = "<=", "SW001"
        elif kind == "=":
            meant, code = "==", "SW004"
        else:
            self.fail_expecting(_QUOTED_COMPARISONS, _TEST, "a comparison")
        width = 2 if meant == "<=" else 1
        advice = "`=` only assigns, inside the parentheses of an action." if code == "SW004" else ""
        self._report_comparison(meant, width, code, advice)
        return meant

    def doubled_comparison(self, meant: str) -> None:
        """`===` and `!==`: the cursor stands on their first token, and is left on the last."""
        if self.kinds[self.at + 1] == "=":
            self._report_comparison(meant, 2, "SW001", "")

    def _report_comparison(self, meant: str, width: int, code: str, advice: str) -> None:
        last = self.at + width - 1
        span = Span(self.starts[self.at], self.end_of(last))
        fix = Fix(f"Replace with `{meant}`", (Edit(span, meant),))
        written = "".join(self.texts[self.at : last + 1])
        message = f"`{written}` does not compare; write `{meant}`"
        self.report(Finding(code, message, advice, _QUOTED_COMPARISONS, _TEST, fix), span)
        self.at = last
