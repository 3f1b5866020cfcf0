"""The findings of one text with their places, each worked out when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.desktop.policies.words import count, plain_sentence, severity_tone
from sealwright.desktop.widgets.editor.marks import Mark, MarkMap
from sealwright.desktop.widgets.editor.positions import Positions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealwright.policy import Diagnostic
    from sealwright.policy.findings import Findings as Found
    from sealwright.policy.source import Lines


class Findings:
    """Making it costs next to nothing; what is in sight is placed when it is looked at."""

    __slots__ = ("_lines", "_text", "_where", "all", "counts", "marks")

    def __init__(self, found: Found, text: str) -> None:
        self.all = found
        self.counts = count(found.severities())
        self._text = text
        self._lines: Lines | None = None
        self._where = Positions(text)
        self.marks = MarkMap(self._marks_in if self.counts.total else None)

    def place(self, index: int) -> tuple[int, int]:
        """Line and column of a finding, from 1."""
        return self._lined().position(self.all[index].span.start)[:2]

    def on_line(self, number: int) -> Iterator[Diagnostic]:
        """Those that begin on a line, counted from 1."""
        lines = self._lined()
        first = lines.offset(number, 1)
        for finding in self.all.touching(first, max(first, lines.offset(number + 1, 1))):
            if lines.position(finding.span.start).line == number:
                yield finding

    def _lined(self) -> Lines:
        if self._lines is None:
            from sealwright.policy.source import Lines  # noqa: PLC0415 - after the first paint

            self._lines = Lines(self._text)
        return self._lines

    def _marks_in(self, first: int, last: int) -> Iterator[tuple[int, int, Mark]]:
        where = self._where
        for finding in self.all.touching(where.to_points(first), where.to_points(last)):
            span = finding.span
            yield where.to_units(span.start), where.to_units(span.end), _mark(finding)


def _mark(finding: Diagnostic) -> Mark:
    return Mark(
        finding.span.start,
        finding.span.end,
        severity_tone(finding),
        f"{plain_sentence(finding.message)} ({finding.code})",
        faint=finding.severity.value in ("hint", "info"),
    )
