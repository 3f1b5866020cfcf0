"""Changes a day over the last thirty days."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.painting import words
from sealwright.desktop.wording import day, now

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from PySide6.QtGui import QPaintEvent

    from sealwright.services.model import ActivityEntry

_DAYS = 30
_FAILED = frozenset({"failed", "refused"})


class Histogram(QWidget):
    """Bars, failed ones stacked above."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: list[tuple[date, int, int]] = []
        self.setFixedHeight(theme.px(98))
        self.setAccessibleName(self.tr("Changes a day"))

    def show_entries(self, entries: Sequence[ActivityEntry]) -> None:
        """Count anew."""
        today = now().astimezone().date()
        counts = {today - timedelta(days=back): [0, 0] for back in range(_DAYS)}
        for entry in entries:
            held = counts.get(entry.time.astimezone().date())
            if held is not None:
                held[1 if entry.result in _FAILED else 0] += 1
        self._counts = [(when, counts[when][0], counts[when][1]) for when in sorted(counts)]
        changed = sum(count[1] for count in self._counts)
        failed = sum(count[2] for count in self._counts)
        self.setAccessibleDescription(
            self.tr("{0} changed and {1} failed in 30 days").format(changed, failed)
        )
        self.update()

    @virtual_value(QSize(300, 98))
    def sizeHint(self) -> QSize:
        """Takes the width there is."""
        return QSize(theme.px(300), theme.px(98))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """Title, legend, bars, dates, line."""
        painter = QPainter(self)
        colors = theme.palette()
        pad = theme.px(16)
        head = QRect(pad, theme.px(8), self.width() - 2 * pad, theme.px(18))
        words(painter, head, self.tr("Changes a day"), theme.font(Role.SECTION), colors.text2)
        self._draw_legend(painter, head)
        painter.fillRect(0, self.height() - 1, self.width(), 1, colors.border)
        if self._counts:
            self._draw_bars(painter, pad)

    def _draw_legend(self, painter: QPainter, head: QRect) -> None:
        colors, font = theme.palette(), theme.font(Role.SMALL)
        right, side = head.right(), theme.px(9)
        for text, color in (
            (self.tr("failed"), colors.tone(Tone.ERR).mark),
            (self.tr("changed"), colors.accent),
        ):
            width = QFontMetrics(font).horizontalAdvance(text) + 2
            box = QRect(right - width, head.top(), width, head.height())
            words(painter, box, text, font, colors.text2)
            square = right - width - side - theme.px(5)
            painter.fillRect(square, head.center().y() - side // 2, side, side, color)
            right = square - theme.px(12)

    def _draw_bars(self, painter: QPainter, pad: int) -> None:
        colors = theme.palette()
        base, top = theme.px(78), theme.px(30)
        pitch = (self.width() - 2 * pad) / _DAYS
        width = max(int(pitch * 0.44), 4)
        most = max(1, *(changed + failed for _, changed, failed in self._counts))
        unit = min((base - top) / most, theme.px(16))
        painter.fillRect(pad, base, self.width() - 2 * pad, 1, colors.border)
        for i, (_, changed, failed) in enumerate(self._counts):
            left = int(pad + pitch * (i + 0.5) - width / 2)
            high, over = int(unit * changed), int(unit * failed)
            if not (changed or failed):
                painter.fillRect(left, base - 2, width, 2, colors.border2)
            painter.fillRect(left, base - high, width, high, colors.accent)
            if failed:
                mark = colors.tone(Tone.ERR).mark
                painter.fillRect(left, base - high - over - 1, width, over, mark)
        self._draw_dates(painter, pad, pitch, base + 2)

    def _draw_dates(self, painter: QPainter, pad: int, pitch: float, top: int) -> None:
        font, color = theme.font(Role.SMALL), theme.palette().text3
        metrics = QFontMetrics(font)
        for i, text in self.dates:
            width = metrics.horizontalAdvance(text) + 2
            middle = int(pad + pitch * (i + 0.5) - width / 2)
            left = max(pad, min(middle, self.width() - pad - width))
            words(painter, QRect(left, top, width, theme.px(16)), text, font, color)

    @property
    def dates(self) -> list[tuple[int, str]]:
        """Which bars have their date below: today's, and those of whole weeks before."""
        last = len(self._counts) - 1
        return [
            (i, " ".join(day_words(when)))
            for i, (when, _, _) in enumerate(self._counts)
            if (last - i) % 7 == 0
        ]


def day_words(when: date) -> list[str]:
    """Day and month of a date, without the year."""
    # Local noon: that of UTC is tomorrow's in Auckland.
    return day(datetime.combine(when, time(12)).astimezone()).split()[:2]
