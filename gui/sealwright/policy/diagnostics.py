"""What there is to say about a policy text, and where.

A `Problem` is counted from the start of its piece of the text, so that it survives edits elsewhere;
a `Diagnostic` is the same thing placed in the whole text.

All are named tuples: importing dataclasses would take a fifth of the time of `policy lint`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sealwright.policy.source import Span


class Severity(StrEnum):
    """How bad it is; only `error` keeps a policy from being accepted."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    HINT = "hint"


class Edit(NamedTuple):
    """Put `new_text` in place of the characters of `span`."""

    span: Span
    new_text: str


class Fix(NamedTuple):
    """A change that is safe to make on one key press; edits do not overlap."""

    title: str
    edits: tuple[Edit, ...]

    def apply(self, text: str) -> str:
        """The text with every edit made."""
        for edit in sorted(self.edits, key=lambda each: each.span, reverse=True):
            text = text[: edit.span.start] + edit.new_text + text[edit.span.end :]
        return text

    def shifted(self, distance: int) -> Fix:
        """The same fix `distance` characters further on."""
        moved = (Edit(each.span.shifted(distance), each.new_text) for each in self.edits)
        return Fix(self.title, tuple(moved))


class Label(NamedTuple):
    """Another place that helps to understand a diagnostic."""

    span: Span
    text: str


class Unexpected(NamedTuple):
    """What a parser report names: the symbol it stopped at, what it wanted, in which rule."""

    offset: int
    symbol: str
    expected: tuple[str, ...]
    rule_path: str


class Diagnostic(NamedTuple):
    """One finding.

    Args:
        code: stable name, `SW###`; its meaning never changes.
        severity: how bad it is.
        message: one line.
        span: the characters to underline.
        help: what to do about it; may be empty.
        fix: a safe change, where there is one.
        labels: further places.
        unexpected: the facts of a syntax error, None for every other finding.
    """

    code: str
    severity: Severity
    message: str
    span: Span
    help: str = ""
    fix: Fix | None = None
    labels: tuple[Label, ...] = ()
    unexpected: Unexpected | None = None

    def shifted(self, distance: int) -> Diagnostic:
        """The same finding `distance` characters further on."""
        if not distance:
            return self
        where = self.unexpected
        # Thousands are placed after an edit, and `_replace` takes twice the time.
        return Diagnostic(
            self.code,
            self.severity,
            self.message,
            self.span.shifted(distance),
            self.help,
            self.fix and self.fix.shifted(distance),
            self.labels
            and tuple(Label(each.span.shifted(distance), each.text) for each in self.labels),
            where and where._replace(offset=where.offset + distance),
        )

    @property
    def is_syntax_error(self) -> bool:
        """Whether the text does not even follow the grammar."""
        return self.unexpected is not None


def brief(words: str, most: int = 40) -> str:
    """What a message repeats of a policy: one line, and not much of it."""
    line = words.split("\n", 1)[0][:most]
    return line if line == words else f"{line}…"


def order(finding: Diagnostic) -> tuple[int, int, str]:
    """By place, then by code: the order in which findings are told."""
    return (*finding.span, finding.code)
