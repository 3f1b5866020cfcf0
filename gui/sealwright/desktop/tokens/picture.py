"""Two pictures of a token: its compact text in three colours, and its time on a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.labels import ElidingLabel, Label
from sealwright.desktop.widgets.painting import rounded, words
from sealwright.desktop.wording import local_time, now, utc_time

if TYPE_CHECKING:
    from datetime import datetime

    from PySide6.QtGui import QPaintEvent

_LINES = 3
_CUT = " … "
_COLORS = ("token_header", "token_payload", "token_signature")
_HOUR, _MINUTE, _DAY = 3600, 60, 86400


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where characters stand."""

    left: float
    top: float
    line: float
    advance: float
    columns: int


class TokenPicture(QWidget):
    """Three lines of the compact form; what does not fit is left out of the middle."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._token = ""
        self._ends = (0, 0)
        self.setAccessibleName(self.tr("Token text"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_token(self, token: str) -> None:
        """Show another token."""
        self._token = token
        header, _, rest = token.partition(".")
        payload, _, _ = rest.partition(".")
        self._ends = (len(header), len(header) + 1 + len(payload))
        self.setAccessibleDescription(self.tr("{0} characters").format(len(token)))
        self.update()

    @virtual_value(QSize(300, 74))
    def sizeHint(self) -> QSize:
        """Three lines."""
        return QSize(theme.px(300), theme.px(74))

    def _runs(self, columns: int) -> list[tuple[int, int]]:
        """Start and end in the token of what is shown; a cut stands between two runs."""
        room = columns * _LINES
        if len(self._token) <= room:
            return [(0, len(self._token))]
        head = columns * (_LINES - 1) - len(_CUT)
        return [(0, head), (len(self._token) - columns, len(self._token))]

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """The box and the coloured text."""
        painter = QPainter(self)
        colors = theme.palette()
        rounded(painter, self.rect(), theme.px(6), colors.sunken, colors.border2)
        font = theme.font(Role.CODE_SMALL)
        painter.setFont(font)
        advance = QFontMetricsF(font).horizontalAdvance("0")
        pad = theme.px(12)
        columns = max(int((self.width() - 2 * pad) / advance), 10)
        line = theme.px(18)
        top = (self.height() - _LINES * line) // 2
        grid = _Grid(pad, top, line, advance, columns)
        place = 0
        for number, (start, end) in enumerate(self._runs(columns)):
            if number:
                painter.setPen(colors.text3)
                _draw(painter, _CUT, place, grid)
                place += len(_CUT)
            place = self._draw_run(painter, start, end, place, grid)

    def _draw_run(self, painter: QPainter, start: int, end: int, place: int, grid: _Grid) -> int:
        first, second = self._ends
        for part, (low, high) in enumerate(
            ((0, first + 1), (first + 1, second + 1), (second + 1, len(self._token)))
        ):
            piece = self._token[max(start, low) : min(end, high)]
            if piece:
                painter.setPen(theme.color(_COLORS[part]))
                _draw(painter, piece, place, grid)
                place += len(piece)
        return place


def _draw(painter: QPainter, text: str, place: int, grid: _Grid) -> None:
    while text:
        column = place % grid.columns
        room = grid.columns - column
        piece, text = text[:room], text[room:]
        y = grid.top + (place // grid.columns) * grid.line
        left = grid.left + column * grid.advance
        box = QRectF(left, y, len(piece) * grid.advance + 4, grid.line)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, piece)
        place += len(piece)


class _Square(QWidget):
    """A colour of the legend."""

    def __init__(self, color: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._color = color
        self.setFixedSize(theme.px(9), theme.px(9))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """A small rounded square."""
        rounded(QPainter(self), self.rect(), 2, theme.color(self._color), None)


class TokenLegend(QWidget):
    """What the three colours are, in numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(6))
        self._labels = []
        for color in _COLORS:
            label = Label(role=Role.SMALL, color="text2")
            self._labels.append(label)
            row.addWidget(_Square(color))
            row.addWidget(label)
            row.addSpacing(theme.px(6))
        row.addStretch(1)
        self._length = ElidingLabel(role=Role.SMALL, color="text3")
        row.addWidget(self._length)

    def show_token(self, algorithm: str, claims: int, signature: int, length: int) -> None:
        """Numbers of another token."""
        none = self.tr("no signature")
        held = self.tr("Signature, {0} bytes").format(signature) if signature else none
        texts = (
            self.tr("Header, {0}").format(algorithm or "?"),
            self.tr("Payload, {0} claims").format(claims),
            held,
        )
        for label, text in zip(self._labels, texts, strict=True):
            label.setText(text)
        self._length.setText(self.tr("{0} characters").format(f"{length:,}"))


class TimeLine(QWidget):
    """From `nbf` or `iat` to `exp`, with now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._start: datetime | None = None
        self._end: datetime | None = None
        self.setFixedHeight(theme.px(48))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_times(self, start: datetime | None, end: datetime | None) -> None:
        """Show other times; without both of them the line goes."""
        self._start, self._end = start, end
        self.setVisible(start is not None and end is not None)
        if start is not None and end is not None:
            self.setAccessibleName(
                self.tr("Valid from {0} to {1}; {2}").format(
                    utc_time(start), utc_time(end), self._remaining()
                )
            )
            self.setToolTip(f"{utc_time(start)} - {utc_time(end)}")
        self.update()

    def _remaining(self) -> str:
        if self._start is None or self._end is None:
            return ""
        if now() < self._start:
            return self.tr("not valid yet")
        seconds = (self._end - now()).total_seconds()
        if seconds < 0:
            return self.tr("expired {0} ago").format(_span(-seconds))
        return self.tr("now, {0} left").format(_span(seconds))

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
        valid = self._start <= now() <= self._end
        inside = ok.mark if valid else colors.edge
        painter.fillRect(QRectF(left, y, right - left, height), inside)
        for x in (left, right):
            painter.fillRect(QRectF(x - 0.5, y - 4, 1, height + 8), colors.text2)
        whole = max((self._end - self._start).total_seconds(), 1)
        share = (now() - self._start).total_seconds() / whole
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
        half, line = theme.px(110), theme.px(16)
        center = Qt.AlignmentFlag.AlignHCenter
        low = min(max(at - half, 0), max(self.width() - 2 * half, 0))
        box = QRect(low, 0, 2 * half, line)
        words(painter, box, self._remaining(), theme.font(Role.SECTION), colors.text, align=center)
        below = theme.px(30)
        for x, text in (
            (left, self.tr("from {0}").format(local_time(self._start))),
            (right, self.tr("exp {0}").format(local_time(self._end))),
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
