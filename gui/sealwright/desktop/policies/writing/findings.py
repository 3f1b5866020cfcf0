"""The findings of one text with their places, each worked out when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.desktop.policies.words import count, plain_sentence, severity_tone
from sealwright.desktop.widgets.editor.marks import Mark, MarkMap
from sealwright.desktop.widgets.editor.positions import Positions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealwright.policy import Diagnostic
    from sealwright.policy.checking.findings import Findings as Found


class Findings:
    """Making it costs next to nothing; what is in sight is placed when it is looked at."""

    __slots__ = ("_places", "_text", "_where", "all", "counts")

    def __init__(self, found: Found, text: str) -> None:
        self.all = found
        self.counts = count(found.severities())
        self._text = text
        self._places: dict[int, tuple[int, int]] = {}
        self._where = Positions(text)

    def marks(self) -> MarkMap:
        """What an editor shows of them; it moves along with what is typed there."""
        return MarkMap(self._marks_in if self.counts.total else None)

    def place(self, index: int) -> tuple[int, int]:
        """Line and column of a finding, from 1."""
        place = self._places.get(index)
        if place is None:
            # Counting to the few in sight takes a tenth of finding every line of a long text.
            start = self.all[index].span.start
            line = self._text.count("\n", 0, start) + 1
            place = line, start - self._text.rfind("\n", 0, start)
            self._places[index] = place
        return place

    def beginning(self, first: int, last: int) -> Iterator[Diagnostic]:
        """Those that begin from one document position to another, both included."""
        start, end = self._where.to_points(first), self._where.to_points(last)
        for finding in self.all.touching(start, end):
            if start <= finding.span.start <= end:
                yield finding

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
