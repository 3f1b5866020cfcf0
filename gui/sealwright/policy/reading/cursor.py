"""Walks over the tokens of one piece and words what is wrong with them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from sealwright.policy.catalogue import SEVERITIES
from sealwright.policy.diagnostics import Diagnostic, Edit, Fix, Severity, Unexpected, brief
from sealwright.policy.reading.lexer import (
    BLOCK_COMMENT,
    END,
    OPEN_STRING,
    PLACEHOLDER,
    SMART_QUOTES,
    SMART_STRING,
    STRAY,
    STRING,
    Piece,
    Token,
    next_token,
)
from sealwright.policy.source import Span

if TYPE_CHECKING:
    from sealwright.policy.limits import Limits

_ENDS: Final = frozenset(";{}")
_SWALLOWING: Final = re.compile(r'("[\w.$/:-]++)[ \t]*+[\]),]')
_BLANKS: Final = "\u00a0\u2002\u2003\u2009\u200b\u202f\u3000\v\f"


class Stop(Exception):  # noqa: N818 - never leaves the parser; it ends one piece
    """The rest of the piece makes no sense; the problem has been reported."""


class Finding(NamedTuple):
    """What goes into a diagnostic besides its place."""

    code: str
    message: str
    help: str = ""
    expected: tuple[str, ...] = ()
    path: str = "policy > ruleSection > claimRule"
    fix: Fix | None = None


class Cursor:
    """The tokens of one piece, followed by an `END` token.

    Offsets count from the start of the piece. `text` and `begin` are only looked at for the symbol
    that follows the piece.
    """

    __slots__ = (
        "at",
        "begin",
        "kinds",
        "limits",
        "piece_end",
        "problems",
        "starts",
        "text",
        "texts",
    )

    def __init__(self, piece: Piece, text: str, begin: int, limits: Limits) -> None:
        self.kinds = piece.kinds
        self.texts = piece.texts
        self.starts = piece.starts
        last = self.starts[-1] + len(self.texts[-1]) if self.starts else 0
        self.kinds.append(END)
        self.texts.append("")
        self.starts.append(last)
        self.at = 0
        self.text = text
        self.begin = begin
        self.piece_end = piece.end
        self.limits = limits
        self.problems: list[Diagnostic] = []
        if piece.strays:
            self._report_strays(piece.strays)

    def end_of(self, index: int) -> int:
        """Offset after token `index`."""
        return self.starts[index] + len(self.texts[index])

    def span_at(self, index: int) -> Span:
        """The token, or the last character before a gap."""
        if self.kinds[index] != END:
            return Span(self.starts[index], self.end_of(index))
        return self.gap(index)

    def gap(self, index: int) -> Span:
        """The character before token `index`: where something is missing after it."""
        end = self.end_of(index - 1) if index else 0
        return Span(max(0, end - 1), end)

    def insertion(self, title: str, index: int, new_text: str) -> Fix:
        """A fix that puts `new_text` after the token before `index`."""
        at = self.end_of(index - 1) if index else 0
        return Fix(title, (Edit(Span(at, at), new_text),))

    def replacement(self, title: str, index: int, new_text: str) -> Fix:
        """A fix that puts `new_text` in place of token `index`."""
        return Fix(title, (Edit(self.span_at(index), new_text),))

    def report(self, finding: Finding, span: Span, at: int | None = None) -> None:
        """Note a syntax error; `at` is the token the service would name."""
        index = self.at if at is None else at
        offset, symbol = self.starts[index], self.texts[index]
        if self.kinds[index] == END:
            follower = next_token(self.text, self._next_place(index))
            offset, symbol = follower.start - self.begin, follower.text or "<EOF>"
        self.problems.append(
            Diagnostic(
                finding.code,
                SEVERITIES[finding.code],
                finding.message,
                span,
                finding.help,
                finding.fix,
                unexpected=Unexpected(offset, symbol, finding.expected, finding.path),
            )
        )

    def _next_place(self, index: int) -> int:
        """Offset in the text after which the token stands that follows the last one, `index`."""
        if index and self.kinds[index - 1] in _ENDS:
            # A run of signs that end something has only its first one among the tokens.
            return self.begin + self.end_of(index - 1)
        return self.piece_end

    def warn(self, code: str, message: str, span: Span, fix: Fix | None = None) -> None:
        """Note something that is accepted all the same."""
        self.problems.append(Diagnostic(code, SEVERITIES[code], message, span, fix=fix))

    def fail(self, finding: Finding, at: int | None = None) -> NoReturn:
        """Note a syntax error at a token and give up.

        Raises:
            Stop: always.
        """
        index = self.at if at is None else at
        self.report(finding, self.span_at(index), index)
        raise Stop

    def expect(self, kind: str, path: str, what: str = "") -> None:
        """Step over a token of `kind`.

        Raises:
            Stop: something else stands there.
        """
        if self.kinds[self.at] == kind:
            self.at += 1
            return
        self.fail_expecting((f"'{kind}'",), path, what or f"`{kind}`")

    def fail_expecting(self, expected: tuple[str, ...], path: str, what: str) -> NoReturn:
        """Say that `what` should stand here and give up.

        Raises:
            Stop: always.
        """
        kind, text = self.kinds[self.at], self.texts[self.at]
        if kind == OPEN_STRING:
            self.fail_open_string()
        if kind == SMART_STRING:
            self.fail_smart_string()
        if kind == PLACEHOLDER:
            self.fail(
                Finding(
                    "SW011",
                    f"The placeholder `{brief(text)}` has not been replaced",
                    "Put the value you mean in its place.",
                    expected,
                    path,
                )
            )
        if self.kinds[self.at - 1 : self.at] == [STRING]:
            self._refuse_swallowing(self.at - 1)
        found = f"`{brief(text)}`" if text else "the end of the rule"
        self.fail(Finding("SW001", f"Expected {what}, found {found}", "", expected, path))

    def fail_open_string(self) -> NoReturn:
        """A string that does not end on its line.

        Raises:
            Stop: always.
        """
        text = self.texts[self.at]
        wrong = next((index for index, char in enumerate(text) if char in SMART_QUOTES), 0)
        if wrong:
            start = self.starts[self.at] + wrong
            span = Span(start, start + 1)
            self.report(_smart(Fix('Replace with `"`', (Edit(span, '"'),))), span)
        else:
            match = _SWALLOWING.match(text)
            advice = 'Close it with `"`; write a line break inside a string as `\\n`.'
            message = "This string is not closed on its line"
            fix = self._closing(self.at, match) if match is not None else None
            self.fail(Finding("SW006", message, advice, ("'\"'",), fix=fix))
        raise Stop

    def _closing(self, at: int, match: re.Match[str]) -> Fix:
        spot = self.starts[at] + match.end(1)
        return Fix('Insert `"`', (Edit(Span(spot, spot), '"'),))

    def _refuse_swallowing(self, at: int) -> None:
        """A string that only ends where the next one was to begin.

        Raises:
            Stop: it is one, and has been reported.
        """
        match = _SWALLOWING.match(self.texts[at])
        if match is None or self.starts[at + 1] != self.end_of(at):
            return
        start = self.starts[at]
        message = f"The string `{match[1][1:]}` is not closed"
        fix = self._closing(at, match)
        finding = Finding("SW006", message, 'Close it with `"`.', ("'\"'",), fix=fix)
        self.report(finding, Span(start, start + match.end(1)))
        raise Stop

    def fail_smart_string(self) -> NoReturn:
        """Typographic quotes around a value.

        Raises:
            Stop: always.
        """
        text = self.texts[self.at]
        inner = text[1:-1] if text[-1] in SMART_QUOTES or text[-1] in "\"'" else text[1:]
        fix = self.replacement("Replace with straight quotes", self.at, f'"{inner}"')
        if text[0] == "'":
            message, advice = "Single quotes make no string", 'Write `"` on both sides.'
            self.fail(Finding("SW009", message, advice, ("string",), fix=fix))
        self.fail(_smart(fix))

    def _report_strays(self, strays: list[Token]) -> None:
        previous = -1
        for stray in strays:
            if stray.start != previous:
                span = Span(stray.start, stray.end)
                where = Unexpected(stray.start, stray.text, (), "policy")
                code, message, advice, fix = _stray(stray, span)
                self.problems.append(
                    Diagnostic(code, Severity.ERROR, message, span, advice, fix, (), where)
                )
            previous = stray.end


def _smart(fix: Fix) -> Finding:
    return Finding(
        "SW005",
        "This is a typographic quote",
        'Only the straight quote `"` makes a string; word processors and web pages change it.',
        ("string",),
        fix=fix,
    )


def _stray(stray: Token, span: Span) -> tuple[str, str, str, Fix | None]:
    text = stray.text
    if stray.kind == BLOCK_COMMENT:
        return "SW008", "Block comments are not part of the language", _USE_LINES, _lines(stray)
    if text.startswith("@"):
        fix = Fix("Turn into a `//` comment", (Edit(span, f"// {text[1:]}\n"),))
        return "SW014", "There are no annotations", "Write a comment.", fix
    if text in _ABSENT:
        return "SW014", f"There is no `{text}`", _ABSENT[text], None
    if text in _BLANKS:
        fix = Fix("Replace with a blank", (Edit(span, " "),))
        return "SW009", f"Invisible character U+{ord(text):04X}", "Only plain blanks.", fix
    message = f"`{brief(text)}` is not part of the language"
    meant = _MEANT.get(text)
    fix_or_none = Fix(f"Write `{meant}`", (Edit(span, meant),)) if meant else None
    return "SW009", message, _MISPLACED.get(text, ""), fix_or_none


_USE_LINES: Final = "Start every line of the comment with `//`."
_MISPLACED: Final = {
    '\\"': "The text looks as if it had been copied out of JSON or code with its escapes.",
    "#": "A comment begins with `//`.",
    "&": "Conditions are joined by `&&`.",
}
_MEANT: Final = {"#": "//", "&": "&&"}
_NO_REGEX: Final = (
    "There are no regular expressions; in 1.2, `JmesPath` has `contains`, `starts_with` and "
    "`equals_ignore_case`."
)

_NO_SUMS: Final = "There is no arithmetic; write the result."
_ABSENT: Final = {
    "||": "Write one rule for each alternative.",
    "=~": _NO_REGEX,
    "!~": _NO_REGEX,
    "+": _NO_SUMS,
    "*": _NO_SUMS,
    "%": _NO_SUMS,
}


def _lines(stray: Token) -> Fix:
    inner = stray.text.removeprefix("/*").removesuffix("*/")
    lines = [line.strip().removeprefix("*").strip() for line in inner.split("\n")]
    text = "\n".join(f"// {line}".rstrip() for line in lines)
    return Fix("Turn into `//` comments", (Edit(Span(stray.start, stray.end), f"{text}\n"),))


__all__ = ["STRAY", "Cursor", "Finding", "Stop"]
