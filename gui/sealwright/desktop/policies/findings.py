"""The findings of one text with their places, each worked out when it is asked for."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from sealwright.desktop.policies.words import count, plain_sentence, severity_tone
from sealwright.desktop.widgets.editor.marks import Mark, MarkMap
from sealwright.desktop.widgets.editor.positions import Positions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sealwright.policy import Diagnostic


class Findings:
    """Made away from the Qt thread; what a view asks of it afterwards costs microseconds."""

    __slots__ = ("_lines", "_starts", "all", "counts", "marks")

    def __init__(self, found: Sequence[Diagnostic], text: str) -> None:
        from sealwright.policy.source import Lines  # noqa: PLC0415 - after the first paint

        self.all = found
        self.counts = count(found)
        self._lines = Lines(text)
        self._starts = [finding.span.start for finding in found]
        where = Positions(text)
        spans: list[tuple[int, int]] = [finding.span for finding in found]
        if not where.plain:
            spans = [(where.to_units(start), where.to_units(end)) for start, end in spans]
        self.marks = MarkMap(spans, self._mark)

    def place(self, index: int) -> tuple[int, int]:
        """Line and column of a finding, from 1."""
        return self._lines.position(self._starts[index])[:2]

    def on_line(self, number: int) -> Iterator[Diagnostic]:
        """Those that begin on a line, counted from 1."""
        index = bisect_left(self._starts, self._lines.offset(number, 1))
        while index < len(self.all) and self.place(index)[0] == number:
            yield self.all[index]
            index += 1

    def _mark(self, index: int) -> Mark:
        finding = self.all[index]
        return Mark(
            finding.span.start,
            finding.span.end,
            severity_tone(finding),
            f"{plain_sentence(finding.message)} ({finding.code})",
            faint=finding.severity.value in ("hint", "info"),
        )
