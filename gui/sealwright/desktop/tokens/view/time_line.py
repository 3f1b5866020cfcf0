"""The times of a token on a line, with now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QTimer, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.painting import rounded, words
from sealwright.desktop.wording import local_time, now, span, utc_time

if TYPE_CHECKING:
    from datetime import datetime

    from PySide6.QtGui import QHideEvent, QPaintEvent, QShowEvent

_TURN = 30_000
"""Milliseconds after which now is elsewhere."""


class TimeLine(QWidget):
    """From `nbf` or `iat` to `exp`, with now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._start: datetime | None = None
        self._end: datetime | None = None
        self._at: datetime | None = None
        self._first = ""
        self._skew = 60
        self._timer = QTimer(self)
        self._timer.setInterval(_TURN)
        self._timer.timeout.connect(self._tell)
        self.setFixedHeight(theme.px(48))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def first(self) -> str:
        """The names of the claims that it begins with."""
        return self._first

    def show_times(
        self,
        start: datetime | None,
        end: datetime | None,
        at: datetime | None = None,
        first: str = "nbf",
    ) -> None:
        """Show other times; without both of them the line goes.

        `at` is when it is checked, None for now; `first` names the claims that it begins with.
        """
        self._start, self._end, self._at, self._first = start, end, at, first
        self.setVisible(start is not None and end is not None)
        self._tell()

    @Slot()
    def _tell(self) -> None:
        if self._start is not None and self._end is not None:
            times = utc_time(self._start), utc_time(self._end)
            self.setAccessibleName(
                self.tr("Valid from {0} to {1}; {2}").format(*times, self._remaining())
            )
            skew = self.tr("a clock difference of {0} s is allowed").format(self._skew)
            self.setToolTip(f"{times[0]} - {times[1]}\n{skew}")
        self.update()

    @virtual
    def showEvent(self, event: QShowEvent) -> None:
        """Time goes on while it is looked at."""
        super().showEvent(event)
        self._timer.start()

    @virtual
    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody sees it."""
        super().hideEvent(event)
        self._timer.stop()

    def _remaining(self) -> str:
        if self._start is None or self._end is None:
            return ""
        when = self._when()
        if when < self._start:
            return self.tr("not valid yet")
        if when > self._end:
            return self.tr("expired {0} ago").format(span(when - self._end))
        left = span(self._end - when)
        if self._at is not None:
            return self.tr("at {0}, {1} left").format(utc_time(when), left)
        return self.tr("now, {0} left").format(left)

    def _when(self) -> datetime:
        return self._at or now()

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """The bar, the ticks, the ring of now."""
        if self._start is None or self._end is None:
            return
        painter = QPainter(self)
        colors = theme.palette()
        ok = colors.tone(Tone.OK)
        y, height = theme.px(18), theme.px(6)
        width = self.width()
        left, right = width * 0.08, width * 0.92
        rounded(painter, QRectF(0, y, width, height), height / 2, colors.border2, None)
        when = self._when()
        valid = self._start <= when <= self._end
        for x in (left - width * 0.015, right):
            painter.fillRect(QRectF(x, y, width * 0.015, height), ok.border)
        inside = ok.mark if valid else colors.edge
        painter.fillRect(QRectF(left, y, right - left, height), inside)
        for x in (left, right):
            painter.fillRect(QRectF(x - 0.5, y - 4, 1, height + 8), colors.text2)
        whole = max((self._end - self._start).total_seconds(), 1)
        share = (when - self._start).total_seconds() / whole
        at = min(max(left + (right - left) * share, 8), width - 8)
        ring = theme.px(6.5)
        tone = ok if valid else colors.tone(Tone.WARN)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(tone.mark, 2))
        painter.setBrush(colors.surface)
        painter.drawEllipse(QPointF(at, y + height / 2), ring - 1, ring - 1)
        self._draw_words(painter, round(at), round(left), round(right))

    def _draw_words(self, painter: QPainter, at: int, left: int, right: int) -> None:
        if self._start is None or self._end is None:
            return
        self._draw_at(painter, at, 0, self._remaining(), Role.SECTION)
        below = theme.px(30)
        first = f"{self._first} {_shown(self._start, self._end)}"
        self._draw_at(painter, left, below, first, Role.SMALL)
        last = f"exp {_shown(self._end, self._start)}"
        self._draw_at(painter, right, below, last, Role.SMALL)

    def _draw_at(self, painter: QPainter, x: int, top: int, text: str, role: Role) -> None:
        """Words in the middle of a place on the bar, and whole also at its ends."""
        font, colors = theme.font(role), theme.palette()
        width = QFontMetrics(font).horizontalAdvance(text) + 2
        low = max(min(x - width // 2, self.width() - width), 0)
        color = colors.text if role is Role.SECTION else colors.text2
        words(painter, QRect(low, top, width, theme.px(16)), text, font, color)


def _shown(moment: datetime, other: datetime) -> str:
    """The time of day, with the date where the token is not of today."""
    today = moment.date() == other.date() == now().date()
    return local_time(moment) if today else f"{moment.astimezone():%Y-%m-%d %H:%M}"
