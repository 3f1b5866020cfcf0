"""Parses one piece: version line, section header, rules, section end (spec policy-language, 3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NoReturn

from sealwright.policy.diagnostics import Edit, Fix, brief
from sealwright.policy.nearest import nearest
from sealwright.policy.reading.cursor import Finding, Stop
from sealwright.policy.reading.lexer import END, NAME, NUMBER, OPEN_STRING, Piece
from sealwright.policy.reading.rules import RuleParser
from sealwright.policy.source import Span
from sealwright.policy.syntax import (
    SECTIONS,
    Node,
    SectionClose,
    SectionOpen,
    VersionLine,
)

if TYPE_CHECKING:
    from sealwright.policy.limits import Limits

START: Final = 0
BETWEEN: Final = 1
INSIDE: Final = 2
IGNORED: Final = 3

_VERSION: Final = "policy > versionInfo"
_VERSION_FORM: Final = ("=", NUMBER, ".", NUMBER)
_SECTION: Final = "policy > ruleSection"
_SECTION_END: Final = re.compile(r"\}[ \t]*+;\s*+\Z")
_QUOTED_SECTIONS: Final = tuple(f"'{each}'" for each in SECTIONS)


class PieceParser(RuleParser):
    """Parses one piece in a state; afterwards `nodes`, `problems` and `state` hold the outcome."""

    __slots__ = ("nodes", "state")

    def __init__(self, piece: Piece, text: str, begin: int, state: int, limits: Limits) -> None:
        super().__init__(piece, text, begin, limits)
        self.state = state
        self.nodes: list[Node] = []
        if state == IGNORED:
            self.problems = []

    def parse(self) -> None:
        """Read everything that makes sense; report the first thing that does not."""
        kinds = self.kinds
        try:
            while kinds[self.at] != END and self.state != IGNORED:
                if self.state == INSIDE:
                    self._inside()
                elif self.state == START:
                    self._version()
                else:
                    self._between()
        except Stop:
            self._recover()

    def finish(self) -> None:
        """Report what the text ends without."""
        if self.state == START:
            self._report_version(Span(0, 0))
        elif self.state == INSIDE:
            fix = Fix("Insert `};`", (Edit(Span(0, 0), "\n};\n"),))
            message = "The last section is not closed"
            advice = "A section ends with `};`."
            finding = Finding("SW023", message, advice, ("'}'",), _SECTION, fix)
            self.report(finding, Span(0, 0))

    def _recover(self) -> None:
        last = self.kinds[-2] if len(self.kinds) > 1 else END
        # An open string takes the rest of its line with it, and may take the section's end.
        swallowed = last == OPEN_STRING and _SECTION_END.search(self.texts[-2]) is not None
        if swallowed or "}" in self.kinds[self.at :]:
            self.state = BETWEEN
        elif last == "{" and self.state == BETWEEN:
            self.state = INSIDE

    def _inside(self) -> None:
        at = self.at
        kind = self.kinds[at]
        if kind == "}":
            self._close()
        elif kind == NAME and self.kinds[at + 1] in {"{", "="} and self._is_section(at):
            spot = self.starts[at]
            before = self.text[: self.begin + spot].rpartition("\n")[2]
            line = "\n" if before.strip() else ""
            fix = Fix("Insert `};`", (Edit(Span(spot, spot), f"{line}}};\n"),))
            message = "The section before this one is not closed"
            advice = "A section ends with `};`."
            self.report(
                Finding("SW023", message, advice, ("'}'",), _SECTION, fix), self.span_at(at)
            )
            self.state = BETWEEN
        elif kind == ";":
            self._fail_empty()
        else:
            self.nodes.append(self.rule())

    def _is_section(self, at: int) -> bool:
        return self.texts[at].lower() in SECTIONS

    def _fail_empty(self) -> NoReturn:
        span = self.span_at(self.at)
        fix = Fix("Remove `;`", (Edit(span, ""),))
        finding = Finding("SW001", "This `;` ends no rule", "", ("'=>'", "'['"), _SECTION, fix)
        self.fail(finding)

    def _close(self) -> None:
        at = self.at
        start = self.starts[at]
        self.state = BETWEEN
        if self.kinds[at + 1] == ";":
            self.at = at + 2
        else:
            self.at = at + 1
            finding = Finding(
                "SW002",
                "`;` is missing after `}`",
                "Every rule and every section ends with a semicolon.",
                ("';'",),
                _SECTION,
                self.insertion("Insert `;`", at + 1, ";"),
            )
            self.report(finding, self.span_at(at))
        end = self.end_of(self.at - 1)
        self.nodes.append(SectionClose(start, end))
        if self.piece_end - self.begin > end:
            span = Span(end, self.piece_end - self.begin)
            self.report(_outside(), span)

    def _version(self) -> None:
        at = self.at
        word = self.texts[at]
        self.state = BETWEEN
        if word == "{":
            self._report_json()
            return
        if self.kinds[at] != NAME or word.lower() != "version":
            self._report_version(self.span_at(at))
            return
        if word != "version":
            fix = self.replacement("Write `version`", at, "version")
            self.warn("SW201", f"`{word}` is written `version`", self.span_at(at), fix)
        wrong = next((place for place in range(4) if not self._in_version(place)), None)
        if wrong is not None:
            self._fail_version(wrong)
        major, minor = self.texts[at + 2], self.texts[at + 4]
        self.at = at + 5
        if self.kinds[self.at] == ";":
            self.at += 1
        else:
            self._report_semicolon_after_version()
        end = self.end_of(self.at - 1)
        number = self.starts[at + 2]
        version = f"{major}.{minor}"
        self.nodes.append(VersionLine(version, self.starts[at], end, number, self.end_of(at + 4)))

    def _in_version(self, place: int) -> bool:
        """Whether what stands there after `version` may: a number has no sign there."""
        token = self.at + 1 + place
        return self.kinds[token] == _VERSION_FORM[place] and (
            self.kinds[token] != NUMBER or self.texts[token].isdigit()
        )

    def _report_semicolon_after_version(self) -> None:
        finding = Finding(
            "SW002",
            "`;` is missing after the version",
            "",
            ("';'",),
            _VERSION,
            self.insertion("Insert `;`", self.at, ";"),
        )
        self.report(finding, self.gap(self.at))

    def _report_version(self, span: Span) -> None:
        fix = Fix("Insert `version=1.0;`", (Edit(Span(0, 0), "version=1.0;\n"),))
        message = "A policy starts with its version"
        finding = Finding("SW012", message, "", ("'version'",), _VERSION, fix)
        self.report(finding, span)

    def _fail_version(self, wrong: int) -> NoReturn:
        at = self.at
        self.at += 1 + wrong
        expected = (("'='", "digits", "'.'", "digits")[wrong],)
        message = "The version line is not of the form `version=1.0;`"
        if self.kinds[at + 1 : at + 4] != ["=", NUMBER, ";"]:
            self.fail(Finding("SW012", message, "", expected, _VERSION))
        number = self.texts[at + 2]
        fix = self.replacement("Write `1.0`", at + 2, "1.0") if number == "1" else None
        self.report(Finding("SW012", message, "", expected, _VERSION, fix), self.span_at(at + 2))
        raise Stop

    def _report_json(self) -> None:
        finding = Finding(
            "SW015",
            "This is JSON, not a policy text",
            "The JSON policies of the preview are no longer accepted; write the rules as text.",
            ("'version'",),
            _VERSION,
        )
        self.report(finding, self.span_at(self.at))
        self.state = IGNORED

    def _between(self) -> None:
        at = self.at
        if self.kinds[at] != NAME or self.kinds[at + 1] not in {"{", "="}:
            self._fail_outside()
        word = self.texts[at]
        name = word if word in SECTIONS else self._mistaken_section(word)
        self.at = at + 1
        if self.kinds[self.at] == "=":
            span = self.span_at(self.at)
            fix = Fix("Remove `=`", (Edit(span, ""),))
            message = "No `=` between a section and its `{`"
            self.report(Finding("SW017", message, "", ("'{'",), _SECTION, fix), span)
            self.at += 1
        self.expect("{", _SECTION)
        self.state = INSIDE
        self.nodes.append(SectionOpen(name, self.starts[at], self.starts[self.at - 1] + 1))
        if self.kinds[self.at] == END and self.piece_end - self.begin > self.end_of(self.at - 1):
            self.fail(Finding("SW001", "Unexpected `{`", "", ("'}'",), _SECTION))

    def _mistaken_section(self, word: str) -> str:
        lower = word.lower()
        span = self.span_at(self.at)
        if lower in SECTIONS:
            fix = self.replacement(f"Write `{lower}`", self.at, lower)
            self.warn("SW201", f"`{word}` is written `{lower}`", span, fix)
            return lower
        meant = nearest(word, SECTIONS)
        fix_or_none = self.replacement(f"Write `{meant}`", self.at, meant) if meant else None
        advice = f"Did you mean `{meant}`?" if meant else f"Sections: {', '.join(SECTIONS)}."
        message = f"There is no section `{brief(word)}`"
        self.report(
            Finding("SW018", message, advice, _QUOTED_SECTIONS, _SECTION, fix_or_none), span
        )
        return meant

    def _fail_outside(self) -> NoReturn:
        at = self.at
        if self.kinds[at] == NAME and self._is_section(at):
            self.at = at + 1
            self.fail_expecting(("'{'",), _SECTION, "`{`")
        if self.kinds[at] == NAME and self.kinds[at + 1] == END:
            self._mistaken_section(self.texts[at])
            raise Stop
        self.fail(_outside())


def _outside() -> Finding:
    return Finding(
        "SW019",
        "This stands outside every section",
        "Rules stand between `{` and `};` of a section; nothing follows the last one.",
        _QUOTED_SECTIONS,
        "policy",
    )
