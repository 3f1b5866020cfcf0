"""The compact text of a token in three colours, tied to the claims below it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.keyboard_ring import KeyboardRing, keyboard_focus
from sealwright.desktop.widgets.labels import ElidingLabel, Label
from sealwright.desktop.widgets.painting import (
    focus_ring,
    rounded,
)
from sealwright.desktop.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent

_LINES = 3
_CUT = " … "
_COLORS = ("token_header", "token_payload", "token_signature")
PARTS = ("header", "claims", "signature")


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where characters stand."""

    left: float
    top: float
    line: float
    advance: float
    columns: int


class TokenPicture(KeyboardRing, QWidget):
    """Three lines of the compact form; what does not fit is left out, but never the selection."""

    part_chosen = Signal(str)
    """`header`, `claims` or `signature`: one of the parts was pressed."""
    claim_chosen = Signal(str)
    """The name of a claim whose text was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._token = ""
        self._ends = (0, 0)
        self._spans: Sequence[tuple[int, int, str]] = ()
        self._marked: tuple[int, int] | None = None
        self.setAccessibleName(self.tr("Token text"))
        self.setToolTip(self.tr("Press a part to see what it says; left and right walk the parts"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def marked(self) -> tuple[int, int] | None:
        """Begin and end of the marked characters."""
        return self._marked

    def show_token(self, token: str, spans: Sequence[tuple[int, int, str]] = ()) -> None:
        """Show another token; `spans` says, in order, where each claim stands in it."""
        self._token = token
        self._marked = None
        first = token.find(".")
        second = token.find(".", first + 1)
        first = len(token) if first < 0 else first
        self._ends = (first, len(token) if second < 0 else second)
        self._spans = spans
        self.setAccessibleDescription(self.tr("{0} characters").format(len(token)))
        self.update()

    def mark_claim(self, name: str) -> None:
        """Mark where a claim stands; an unknown name marks nothing."""
        found = ((start, end) for start, end, known in self._spans if known == name)
        self._marked = next(found, None)
        self.update()

    def mark_part(self, part: str) -> None:
        """Mark header, claims or signature."""
        first, second = self._ends
        whole = len(self._token)
        bounds = ((0, first), (first + 1, second), (second + 1, whole))
        self._marked = bounds[PARTS.index(part)]
        self.update()

    @virtual_value(QSize(300, 74))
    def sizeHint(self) -> QSize:
        """Three lines."""
        return QSize(theme.px(300), theme.px(74))

    def _runs(self, columns: int) -> list[tuple[int, int]]:
        """Start and end in the token of what is shown; a cut stands between two runs."""
        whole, room = len(self._token), columns * _LINES
        if whole <= room:
            return [(0, whole)]
        head = columns * (_LINES - 1) - len(_CUT)
        tail = whole - columns
        if self._marked is None or self._marked[0] < head or self._marked[0] >= tail:
            return [(0, head), (tail, whole)]
        # The middle line is for the selection, with a little of what stands before it.
        first = columns - len(_CUT)
        start = max(self._marked[0] - columns // 6, first)
        stop = min(start + columns - len(_CUT), tail)
        return [(0, first), (start, stop), (tail, whole)]

    def _grid(self) -> _Grid:
        advance = QFontMetricsF(theme.font(Role.CODE_SMALL)).horizontalAdvance("0")
        pad, line = theme.px(12), theme.px(18)
        columns = max(int((self.width() - 2 * pad) / advance), 10)
        return _Grid(pad, (self.height() - _LINES * line) // 2, line, advance, columns)

    def _pieces(self, grid: _Grid) -> Iterator[tuple[int, int, int]]:
        """(place on the grid, start, end) of everything that is shown; a cut has start -1."""
        place = 0
        for number, (start, end) in enumerate(self._runs(grid.columns)):
            if number:
                yield place, -1, -1
                place += len(_CUT)
            yield place, start, end
            place += end - start

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """The box and the coloured text."""
        painter = QPainter(self)
        colors = theme.palette()
        rounded(painter, self.rect(), theme.px(6), colors.sunken, colors.border2)
        painter.setFont(theme.font(Role.CODE_SMALL))
        grid = self._grid()
        for place, start, end in self._pieces(grid):
            if start < 0:
                painter.setPen(colors.text3)
                _draw(painter, _CUT, place, grid)
                continue
            self._paint_mark(painter, place, start, end, grid)
            self._paint_run(painter, place, start, end, grid)
        if keyboard_focus(self):
            focus_ring(painter, self.rect(), theme.px(6))

    def _paint_mark(self, painter: QPainter, place: int, start: int, end: int, grid: _Grid) -> None:
        if self._marked is None:
            return
        low, high = max(start, self._marked[0]), min(end, self._marked[1])
        at = place + low - start
        ground = theme.palette().match
        while low < high:
            column = at % grid.columns
            count = min(grid.columns - column, high - low)
            y = grid.top + (at // grid.columns) * grid.line
            left = grid.left + column * grid.advance
            painter.fillRect(QRectF(left, y, count * grid.advance, grid.line), ground)
            low, at = low + count, at + count

    def _paint_run(self, painter: QPainter, place: int, start: int, end: int, grid: _Grid) -> None:
        first, second = self._ends
        bounds = ((0, first + 1), (first + 1, second + 1), (second + 1, len(self._token)))
        for part, (low, high) in enumerate(bounds):
            piece = self._token[max(start, low) : min(end, high)]
            if piece:
                painter.setPen(theme.color(_COLORS[part]))
                _draw(painter, piece, place, grid)
                place += len(piece)

    def _character_at(self, event: QMouseEvent) -> int | None:
        grid, spot = self._grid(), event.position()
        column = min(int(max(spot.x() - grid.left, 0) / grid.advance), grid.columns - 1)
        row = int(max(spot.y() - grid.top, 0) / grid.line)
        wanted = row * grid.columns + column
        for place, start, end in self._pieces(grid):
            if start >= 0 and place <= wanted < place + end - start:
                return start + wanted - place
        return None

    @virtual
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A claim, or a part, under the mouse."""
        at = self._character_at(event)
        if at is None:
            return
        first, second = self._ends
        part = PARTS[0 if at <= first else 1 if at <= second else 2]
        name = self._claim_at(at) if part == "claims" else ""
        if name:
            self.mark_claim(name)
            self.claim_chosen.emit(name)
        else:
            self.choose_part(part)

    def _claim_at(self, at: int) -> str:
        found = bisect_right(self._spans, (at, len(self._token), "")) - 1
        if found < 0:
            return ""
        _, end, name = self._spans[found]
        return name if at < end else ""

    def choose_part(self, part: str) -> None:
        """Mark a part and tell who listens."""
        self.mark_part(part)
        self.part_chosen.emit(part)

    @virtual
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right choose among the three parts."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() not in steps:
            super().keyPressEvent(event)
            return
        at = self._marked[0] if self._marked is not None else -1
        now = -1 if at < 0 else 0 if at <= self._ends[0] else 1 if at <= self._ends[1] else 2
        self.choose_part(PARTS[min(max(now + steps[Qt.Key(event.key())], 0), 2)])


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
        box = QRect(0, 0, self.width(), self.height())
        rounded(QPainter(self), box, 2, theme.color(self._color), None)


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
        payload = counted(claims, self.tr("Payload, 1 claim"), self.tr("Payload, {0} claims"))
        held = self.tr("Signature, {0} bytes").format(signature) if signature else none
        self._tell((self.tr("Header, {0}").format(algorithm or "?"), payload, held), length)

    def show_unread(self, length: int) -> None:
        """A token that could not be taken apart."""
        self._tell((self.tr("Header"), self.tr("Payload"), self.tr("Signature")), length)

    def _tell(self, texts: tuple[str, str, str], length: int) -> None:
        for label, text in zip(self._labels, texts, strict=True):
            label.setText(theme.one_line(text))
        self._length.setText(self.tr("{0} characters").format(f"{length:,}"))
