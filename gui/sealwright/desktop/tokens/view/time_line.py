"""The times of a token on a line, with now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.painting import rounded, words
from sealwright.desktop.wording import local_time, now, utc_time

if TYPE_CHECKING:
    from datetime import datetime

    from PySide6.QtGui import QPaintEvent

_HOUR, _MINUTE, _DAY = 3600, 60, 86400


class TimeLine(QWidget):
    """From `nbf` or `iat` to `exp`, with now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._start: datetime | None = None
        self._end: datetime | None = None
        self._at: datetime | None = None
        self._skew = 60
        self.setFixedHeight(theme.px(48))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_times(
        self, start: datetime | None, end: datetime | None, at: datetime | None = None
    ) -> None:
        """Show other times; without both of them the line goes. `at` is when it is checked."""
        self._start, self._end, self._at = start, end, at
        self.setVisible(start is not None and end is not None)
        if start is not None and end is not None:
            self.setAccessibleName(
                self.tr("Valid from {0} to {1}; {2}").format(
                    utc_time(start), utc_time(end), self._remaining()
                )
            )
            skew = self.tr("a clock difference of {0} s is allowed").format(self._skew)
            self.setToolTip(f"{utc_time(start)} - {utc_time(end)}\n{skew}")
        self.update()

    def _remaining(self) -> str:
        if self._start is None or self._end is None:
            return ""
        when = self._when()
        if when < self._start:
            return self.tr("not valid yet")
        seconds = (self._end - when).total_seconds()
        if seconds < 0:
            return self.tr("expired {0} ago").format(_span(-seconds))
        if self._at is not None:
            return self.tr("at {0}, {1} left").format(utc_time(when), _span(seconds))
        return self.tr("now, {0} left").format(_span(seconds))

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
        colors = theme.palette()
        if self._start is None or self._end is None:
            return
        half, line = theme.px(180), theme.px(16)
        center = Qt.AlignmentFlag.AlignHCenter
        low = min(max(at - half, 0), max(self.width() - 2 * half, 0))
        box = QRect(low, 0, 2 * half, line)
        words(painter, box, self._remaining(), theme.font(Role.SECTION), colors.text, align=center)
        below = theme.px(30)
        for x, text in (
            (left, self.tr("nbf {0}").format(_shown(self._start, self._end))),
            (right, self.tr("exp {0}").format(_shown(self._end, self._start))),
        ):
            low = min(max(x - half, 0), max(self.width() - 2 * half, 0))
            place = QRect(low, below, 2 * half, line)
            words(painter, place, text, theme.font(Role.SMALL), colors.text2, align=center)


def _span(seconds: float) -> str:
    if seconds >= 2 * _DAY:
        return f"{int(seconds // _DAY)} d"
    if seconds >= _HOUR:
        return f"{int(seconds // _HOUR)} h {int(seconds % _HOUR // _MINUTE)} min"
    return f"{int(seconds // _MINUTE)} min"


def _shown(moment: datetime, other: datetime) -> str:
    """The time of day, with the date where the token is not of today."""
    today = moment.date() == other.date() == now().date()
    return local_time(moment) if today else f"{moment.astimezone():%Y-%m-%d %H:%M}"
