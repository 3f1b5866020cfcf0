"""Things that move or fill: spinner, progress line, validity bar, skeleton rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QRect, QRectF, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from sealwright.desktop import theme
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.painting import rounded

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QPaintEvent, QShowEvent

TURN_MS = 900
FRAME_MS = 30
LATE_MS = 150
"""Nothing shows that it waits before this."""


def paint_spinner(painter: QPainter, rect: QRectF, turn: float) -> None:
    """A ring with a quarter in the accent; `turn` runs from 0 to 1."""
    colors = theme.palette()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ring = rect.adjusted(1.5, 1.5, -1.5, -1.5)
    painter.setPen(QPen(colors.border2, 1.8))
    painter.drawEllipse(ring)
    pen = QPen(colors.focus if colors.dark else colors.accent, 1.8)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawArc(ring, round((90 - turn * 360) * 16), -100 * 16)
    painter.restore()


class _Moving(QWidget):
    """Repaints itself while it can be seen and the system allows motion."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = QElapsedTimer()
        self._clock.start()
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._on_frame)

    @property
    def turn(self) -> float:
        """Where in the turn it stands, 0 to 1."""
        return (self._clock.elapsed() % TURN_MS) / TURN_MS if theme.motion() else 0.12

    def moves(self) -> bool:
        """Whether there is anything to animate."""
        return True

    def follow(self) -> None:
        """Start or stop the timer after a change."""
        wanted = self.isVisible() and self.moves() and theme.motion()
        if wanted and not self._timer.isActive():
            self._timer.start()
        elif not wanted:
            self._timer.stop()
        self.update()

    @Slot()
    def _on_frame(self) -> None:
        self.update()

    @virtual
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.follow()

    @virtual
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()


class Spinner(_Moving):
    """Work is going on; says nothing about how much."""

    def __init__(self, size: int = 20, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(theme.px(size), theme.px(size))
        self.setAccessibleName(name or self.tr("Working"))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_spinner(painter, QRectF(self.rect()), self.turn)


class ProgressLine(_Moving):
    """A flat line, 4 px by default; without a value a part of it wanders."""

    def __init__(self, height: int = 4, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value: float | None = 0.0
        self._failed = False
        self.setFixedHeight(height)
        self.setAccessibleName(name or self.tr("Progress"))

    @property
    def value(self) -> float | None:
        """0 to 1, None while unknown."""
        return self._value

    def set_value(self, value: float | None, *, failed: bool = False) -> None:
        """0 to 1, or None for unknown; `failed` colours it as an error."""
        self._value = value
        self._failed = failed
        if value is not None:
            self.setAccessibleDescription(self.tr("{0} %").format(round(value * 100)))
        self.follow()

    def moves(self) -> bool:
        """Only the unknown wanders."""
        return self._value is None

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.palette()
        painter = QPainter(self)
        painter.fillRect(self.rect(), colors.border)
        bar = colors.tone(theme.Tone.ERR).mark if self._failed else colors.accent
        if self._value is not None:
            painter.fillRect(QRectF(0, 0, self.width() * self._value, self.height()), bar)
            return
        length = self.width() * 0.3
        start = (self.width() + length) * self.turn - length
        painter.fillRect(QRectF(start, 0, length, self.height()), bar)


def validity_tone(days_left: float) -> theme.Tone:
    """Amber from 30 days before the end, red from 7."""
    red, amber = 7, 30
    if days_left <= red:
        return theme.Tone.ERR
    return theme.Tone.WARN if days_left <= amber else theme.Tone.OK


def paint_validity(painter: QPainter, rect: QRect, left: float, tone: theme.Tone) -> None:
    """A 4 px bar across `rect`, filled by the share of time left (0 to 1)."""
    colors = theme.palette()
    bar = QRect(rect.left(), rect.center().y() - 1, rect.width(), 4)
    rounded(painter, bar, 2, colors.border, None)
    share = round(bar.width() * min(max(left, 0.0), 1.0))
    if share:
        filled = QRect(bar.left(), bar.top(), max(share, 4), 4)
        rounded(painter, filled, 2, colors.tone(tone).mark, None)


class ValidityBar(QWidget):
    """How much of a certificate's life is left; the number stands beside it in words."""

    def __init__(self, width: int = 90, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._left = 0.0
        self._tone = theme.Tone.NEU
        self.setFixedSize(theme.px(width), theme.px(12))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Validity"))

    def set_validity(self, left: float, days_left: float) -> None:
        """The share of the validity that is left (0 to 1), and the days."""
        self._left = left
        self._tone = validity_tone(days_left)
        self.setAccessibleName(self.tr("{0} days left").format(int(days_left)))
        self.update()

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_validity(painter, self.rect(), self._left, self._tone)


class Skeleton(QWidget):
    """Rows of bars where a list will stand; shows itself 150 ms late, and does not move."""

    _WIDTHS = (0.55, 0.72, 0.4, 0.63, 0.5, 0.68)

    def __init__(self, rows: int = 6, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = rows
        self._late = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LATE_MS)
        self._timer.timeout.connect(self._on_late)
        self.setAccessibleName(name or self.tr("Loading"))

    @Slot()
    def _on_late(self) -> None:
        self._late = True
        self.update()

    @virtual_value(QSize(200, 200))
    def sizeHint(self) -> QSize:
        return QSize(theme.px(240), theme.px(34) * self._rows)

    @virtual
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._late = False
        self._timer.start()

    @virtual
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._late:
            return
        painter = QPainter(self)
        fill = QColor(theme.palette().border)
        pitch = theme.px(34)
        for row in range(self._rows):
            share = self._WIDTHS[row % len(self._WIDTHS)]
            width = round((self.width() - theme.px(32)) * share)
            box = QRect(theme.px(16), row * pitch + (pitch - 10) // 2, width, 10)
            rounded(painter, box, 3, fill, None)
