"""Bytes as hex and letters, with coloured ranges and a selection; paints only what is in sight.

Invariants
- Work and memory of a paint depend on the rows in sight, never on the size of the data.
- Ranges lie in the data and are sorted by their beginning; they may nest, the inner one shows.
"""

from __future__ import annotations

import base64
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetricsF, QGuiApplication, QKeySequence, QPainter
from PySide6.QtWidgets import QAbstractScrollArea, QMenu, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.hex_grid import HexGrid, grid_for
from sealwright.desktop.widgets.painting import focus_ring, rounded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PySide6.QtGui import (
        QColor,
        QContextMenuEvent,
        QFocusEvent,
        QKeyEvent,
        QMouseEvent,
        QPaintEvent,
        QResizeEvent,
    )

_ROW, _PAD = 20, 14
_PRINTABLE = range(0x20, 0x7F)
_SMALLEST_ROWS = 6


@dataclass(frozen=True, slots=True)
class HexRange:
    """Bytes from `start` up to but not including `end`, on a ground named by its token."""

    start: int
    end: int
    color: str = "hex_a"
    name: str = ""


class HexView(QAbstractScrollArea):
    """A window on bytes that can be walked, marked and copied by keyboard."""

    selected = Signal(int, int)
    """The user marked the bytes from the first number up to the second."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._data = b""
        self._ranges: tuple[HexRange, ...] = ()
        self._reach: tuple[int, ...] = ()
        self._cursor = self._anchor = 0
        self._marked: tuple[int, int] | None = None
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self._font = theme.font(Role.CODE_SMALL)
        self._grid = self._make_grid()

    # --- content ------------------------------------------------------------------------------

    @property
    def data(self) -> bytes:
        """What is shown."""
        return self._data

    def set_data(self, data: bytes, ranges: Sequence[HexRange] = ()) -> None:
        """Show other bytes from their beginning."""
        self._data = data
        self.set_ranges(ranges)
        self._cursor = self._anchor = 0
        self._marked = None
        self._lay_out()
        self.verticalScrollBar().setValue(0)
        self._tell()

    def set_ranges(self, ranges: Sequence[HexRange]) -> None:
        """Colour other ranges of the same bytes."""
        self._ranges = tuple(sorted(ranges, key=lambda each: (each.start, -each.end)))
        self._reach = tuple(accumulate((each.end for each in self._ranges), max))
        self.viewport().update()

    @property
    def marked(self) -> tuple[int, int] | None:
        """The marked bytes as start and end, or None."""
        return self._marked

    def mark(self, start: int, end: int) -> None:
        """Mark bytes for the program, and bring them into sight; `selected` is not emitted."""
        end = min(max(end, start), len(self._data))
        start = min(start, end)
        self._marked = (start, end) if end > start else None
        self._anchor = self._cursor = start
        self.show_offset(start, end)
        self._tell()
        self.viewport().update()

    def show_offset(self, start: int, end: int = -1) -> None:
        """Scroll so that `start`, and what follows it as far as there is room, can be seen."""
        bar, rows = self.verticalScrollBar(), self._rows_in_sight()
        first = start // self._grid.across
        last = max(first, (max(end, start + 1) - 1) // self._grid.across)
        if first < bar.value() or last >= bar.value() + rows:
            height = last - first + 1
            bar.setValue(first - max((rows - height) // 3, 0) if height < rows else first)

    @property
    def sight(self) -> tuple[int, int]:
        """Offsets of the first byte in sight and of the one after the last."""
        first = self.verticalScrollBar().value() * self._grid.across
        rows = self._rows_in_sight()
        return first, min(len(self._data), first + rows * self._grid.across)

    # --- places -------------------------------------------------------------------------------

    def _make_grid(self) -> HexGrid:
        advance = QFontMetricsF(self._font).horizontalAdvance("0")
        row = max(theme.px(_ROW), round(QFontMetricsF(self._font).height()) + 2)
        pad = theme.px(_PAD)
        width = self.viewport().width()
        return grid_for(width, advance, row=row, pad=pad, size=len(self._data))

    def _rows_in_sight(self) -> int:
        return max((self.viewport().height() - self._grid.top) // self._grid.row, 1)

    def _lay_out(self) -> None:
        bar = self.verticalScrollBar()
        first = bar.value() * self._grid.across
        self._font = theme.font(Role.CODE_SMALL)
        self._grid = self._make_grid()
        rows = -(-len(self._data) // self._grid.across)
        bar.setRange(0, max(rows - self._rows_in_sight(), 0))
        bar.setPageStep(self._rows_in_sight())
        bar.setSingleStep(1)
        bar.setValue(first // self._grid.across)
        self.viewport().update()

    def _offset_at(self, x: float, y: float) -> int:
        row = int((y - self._grid.top) // self._grid.row) + self.verticalScrollBar().value()
        offset = row * self._grid.across + self._grid.column_at(x)
        return min(max(offset, 0), max(len(self._data) - 1, 0))

    # --- painting -----------------------------------------------------------------------------

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows in sight."""
        painter = QPainter(self.viewport())
        colors = theme.palette()
        painter.fillRect(self.viewport().rect(), colors.surface)
        painter.setFont(self._font)
        first = self.verticalScrollBar().value()
        ascent = (self._grid.row + QFontMetricsF(self._font).ascent()) / 2 - 1
        for line in range(self._rows_in_sight() + 1):
            start = (first + line) * self._grid.across
            if start >= len(self._data):
                break
            top = self._grid.top + line * self._grid.row
            self._paint_grounds(painter, start, top)
            self._paint_row(painter, start, top + ascent)
        if self.hasFocus():
            focus_ring(painter, self.viewport().rect(), theme.px(4))

    def _paint_grounds(self, painter: QPainter, start: int, top: float) -> None:
        end = min(start + self._grid.across, len(self._data))
        for held in self._ranges_in(start, end):
            self._ground(painter, (held.start, held.end), (start, top), theme.color(held.color))
        if self._marked is not None:
            ground, edge = theme.palette().sel_text, theme.palette().focus
            self._ground(painter, self._marked, (start, top), ground, edge)

    def _ranges_in(self, start: int, end: int) -> Iterator[HexRange]:
        first = bisect_right(self._reach, start)
        last = bisect_right(self._ranges, end - 1, key=lambda each: each.start)
        return (each for each in self._ranges[first:last] if each.end > start)

    def _ground(
        self,
        painter: QPainter,
        span: tuple[int, int],
        row: tuple[int, float],
        ground: QColor,
        edge: QColor | None = None,
    ) -> None:
        start, top = row
        low = max(span[0], start) - start
        high = min(span[1], start + self._grid.across, len(self._data)) - start
        if high <= low:
            return
        grid, inset = self._grid, 1
        left, right = grid.byte_x(low), grid.byte_x(high - 1) + 2 * grid.advance
        for x, width in (
            (left - 3, right - left + 6),
            (grid.letter_x(low), (high - low) * grid.advance),
        ):
            box = QRectF(x, top + inset, width, grid.row - 2 * inset)
            rounded(painter, box, 3, ground, edge)

    def _paint_row(self, painter: QPainter, start: int, baseline: float) -> None:
        colors, grid = theme.palette(), self._grid
        painter.setPen(colors.lineno)
        painter.drawText(int(grid.left), int(baseline), f"{start:0{grid.digits}x}")
        piece = self._data[start : start + grid.across]
        for column, value in enumerate(piece):
            painter.setPen(colors.text if value else colors.text3)
            painter.drawText(round(grid.byte_x(column)), int(baseline), f"{value:02x}")
        painter.setPen(colors.text2)
        for column, value in enumerate(piece):
            letter = chr(value) if value in _PRINTABLE else "\u00b7"
            painter.drawText(round(grid.letter_x(column)), int(baseline), letter)

    # --- mouse and keys -----------------------------------------------------------------------

    @virtual
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to mark."""
        if event.button() == Qt.MouseButton.LeftButton and self._data:
            spot = event.position()
            offset = self._offset_at(spot.x(), spot.y())
            extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._move(offset, extend=extend)

    @virtual
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on marking."""
        if event.buttons() & Qt.MouseButton.LeftButton and self._data:
            spot = event.position()
            self._move(self._offset_at(spot.x(), spot.y()), extend=True)

    @virtual
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """What is marked stays marked."""
        event.accept()

    @virtual
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, pages and ends move, Shift marks, Ctrl+C copies."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_hex()
        elif event.matches(QKeySequence.StandardKey.SelectAll) and self._data:
            self._anchor = 0
            self._move(len(self._data) - 1, extend=True)
        elif (target := self._target(event)) is not None and self._data:
            extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._move(target, extend=extend)
        else:
            super().keyPressEvent(event)

    def _target(self, event: QKeyEvent) -> int | None:
        across, key = self._grid.across, event.key()
        page = across * max(self._rows_in_sight() - 1, 1)
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -across,
            Qt.Key.Key_Down: across,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
        }
        step = steps.get(Qt.Key(key))
        if step is not None:
            return self._cursor + step
        whole = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        row = self._cursor - self._cursor % across
        if key == Qt.Key.Key_Home:
            return 0 if whole else row
        if key == Qt.Key.Key_End:
            return len(self._data) - 1 if whole else row + across - 1
        return None

    def _move(self, offset: int, *, extend: bool) -> None:
        offset = min(max(offset, 0), len(self._data) - 1)
        self._cursor = offset
        if not extend:
            self._anchor = offset
        low, high = sorted((self._anchor, self._cursor))
        self._marked = (low, high + 1)
        self.show_offset(offset)
        self._tell()
        self.viewport().update()
        self.selected.emit(low, high + 1)

    @virtual
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be copied."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, run in (
            (self.tr("Copy as hex"), self.copy_hex),
            (self.tr("Copy as Base64"), self.copy_base64),
            (self.tr("Copy as text"), self.copy_text),
        ):
            action = menu.addAction(theme.icon("copy"), text)
            action.triggered.connect(run)
            action.setEnabled(self._marked is not None)
        menu.popup(event.globalPos())

    @property
    def marked_bytes(self) -> bytes:
        """The marked bytes themselves."""
        return self._data[slice(*self._marked)] if self._marked is not None else b""

    @Slot()
    def copy_hex(self) -> None:
        """The marked bytes as hex digits."""
        self._copy(self.marked_bytes.hex())

    @Slot()
    def copy_base64(self) -> None:
        """The marked bytes as Base64."""
        self._copy(base64.b64encode(self.marked_bytes).decode("ascii"))

    @Slot()
    def copy_text(self) -> None:
        """The marked bytes as letters, with a replacement where there is none."""
        self._copy(self.marked_bytes.decode("utf-8", "replace"))

    @staticmethod
    def _copy(text: str) -> None:
        if text:
            QGuiApplication.clipboard().setText(text)

    # --- Qt's questions -----------------------------------------------------------------------

    def _tell(self) -> None:
        """What a screen reader says of the marked bytes."""
        if self._marked is None:
            words = self.tr("{0} bytes").format(len(self._data))
        else:
            start, end = self._marked
            shown = self.marked_bytes[:32].hex(" ")
            words = self.tr("{0} bytes from {1}: {2}").format(end - start, f"{start:04x}", shown)
        self.setAccessibleDescription(words)

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may hold another number of bytes."""
        super().resizeEvent(event)
        self._lay_out()

    @virtual
    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring."""
        super().focusInEvent(event)
        self.viewport().update()

    @virtual
    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the ring away."""
        super().focusOutEvent(event)
        self.viewport().update()

    @virtual_value(QSize(560, 300))
    def sizeHint(self) -> QSize:
        """Wide enough for sixteen bytes."""
        advance = QFontMetricsF(self._font).horizontalAdvance("0")
        wide = grid_for(1 << 20, advance, row=20, pad=theme.px(_PAD), size=len(self._data))
        return QSize(round(wide.width) + theme.px(_PAD) + theme.px(14), theme.px(_ROW * 14))

    @virtual_value(QSize(320, 140))
    def minimumSizeHint(self) -> QSize:
        """Eight bytes a row are always possible."""
        advance = QFontMetricsF(self._font).horizontalAdvance("0")
        narrow = grid_for(0, advance, row=20, pad=theme.px(_PAD), size=len(self._data))
        width = round(narrow.width) + theme.px(_PAD) + theme.px(12)
        return QSize(width, theme.px(_ROW * _SMALLEST_ROWS))
