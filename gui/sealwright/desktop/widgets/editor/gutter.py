"""The strip left of the text: finding icon, line number, fold column, change bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QPlainTextEdit, QToolTip, QWidget

from sealwright.desktop import theme
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.editor.marks import LineChange
from sealwright.desktop.widgets.surfaces import TONE_ICONS

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent, QPaintEvent, QTextBlock

    from sealwright.desktop.widgets.editor.lines import Lined
    from sealwright.desktop.widgets.editor.marks import Mark

_ICON = 14
_LEFT = 8
_FOLD = 16
_CHEVRON = 12
_BAR = 3
_GAP = 8
_NUMBER = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Gutter(QWidget):
    """Paints beside the lines of an editor; a click selects a line, one on the bulb presses it."""

    bulb_pressed = Signal()

    def __init__(self, editor: QPlainTextEdit, lines: Lined) -> None:
        super().__init__(editor)
        self._editor, self._lines = editor, lines
        self._bulb: int | None = None
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def show_bulb(self, line: int | None) -> None:
        """Show beside a line, from 0, that something can be done there; None for no line."""
        if line == self._bulb:
            return
        changed = (self._bulb, line)
        self._bulb = line
        for block, rect in self._lines.visible_lines():
            if block.blockNumber() in changed:
                self.update(0, rect.top(), self.width(), rect.height())

    @property
    def bulb(self) -> int | None:
        """The line with the bulb."""
        return self._bulb

    def wanted_width(self) -> int:
        """As wide as the largest line number needs."""
        digits = max(len(str(max(self._editor.blockCount(), 1))), 2)
        number = QFontMetrics(self._editor.font()).horizontalAdvance("9" * digits)
        fixed = theme.px(_LEFT + _ICON + 4 + 6 + _FOLD + 4 + _GAP) + _BAR
        return number + fixed

    @virtual_value(QSize(60, 0))
    def sizeHint(self) -> QSize:
        return QSize(self.wanted_width(), 0)

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.palette().editor)
        painter.setFont(self._editor.font())
        top, bottom = event.rect().top(), event.rect().bottom()
        current, width = self._editor.textCursor().blockNumber(), self.width()
        marks = self._lines.heaviest_marks()
        for block, rect in self._lines.visible_lines():
            if rect.bottom() >= top and rect.top() <= bottom:
                number, line = block.blockNumber(), QRect(0, rect.top(), width, rect.height())
                self._paint_number(painter, number, line, current=number == current)
                self._paint_icon(painter, number, line, marks.get(number))
                self._paint_fold(painter, block, line)
                self._paint_change(painter, number, line)

    def _paint_number(self, painter: QPainter, number: int, line: QRect, *, current: bool) -> None:
        colors = theme.palette()
        if current and self._lines.shows_current_line():
            painter.fillRect(line, colors.curline)
        painter.setPen(colors.lineno_current if current else colors.lineno)
        right = line.width() - theme.px(6 + _FOLD + 4 + _GAP) - _BAR + theme.px(4)
        box = QRect(0, line.top(), right, line.height())
        painter.drawText(box, _NUMBER, str(number + 1))

    def _paint_icon(self, painter: QPainter, number: int, line: QRect, mark: Mark | None) -> None:
        if number == self._bulb:
            icon, color = "bulb", "warn.mark"
        elif mark is not None and not mark.faint:
            icon, color = TONE_ICONS[mark.tone], f"{mark.tone.value}.mark"
        else:
            return
        size = theme.px(_ICON)
        top = line.top() + (line.height() - size) // 2
        theme.paint(painter, theme.px(_LEFT - 2), top, icon, size=size, color=color)

    def _paint_fold(self, painter: QPainter, block: QTextBlock, line: QRect) -> None:
        if not self._lines.folds.opens(block):
            return
        size = theme.px(_CHEVRON)
        name = "right" if self._lines.folds.is_folded(block) else "down"
        top = line.top() + (line.height() - size) // 2
        theme.paint(painter, self._fold_left(), top, name, size=size, color="text3")

    def _fold_left(self) -> int:
        return self.width() - theme.px(_GAP + 4 + _FOLD) - _BAR + theme.px(2)

    def _paint_change(self, painter: QPainter, number: int, line: QRect) -> None:
        change = self._lines.line_change(number)
        if change is None:
            return
        mark = theme.palette().tone(change.value).mark
        left = self.width() - theme.px(_GAP) - _BAR
        if change is LineChange.REMOVED_BELOW:
            painter.fillRect(QRect(left, line.bottom() - 1, _BAR + 3, 3), mark)
        else:
            painter.fillRect(QRect(left, line.top(), _BAR, line.height()), mark)

    def _line_at(self, y: int) -> int | None:
        for block, rect in self._lines.visible_lines():
            if rect.top() <= y <= rect.bottom():
                return block.blockNumber()
        return None

    @virtual
    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._line_at(round(event.position().y()))
        if number is None or event.button() != Qt.MouseButton.LeftButton:
            return
        block = self._editor.document().findBlockByNumber(number)
        if number == self._bulb and event.position().x() < theme.px(_LEFT + _ICON + 4):
            self.bulb_pressed.emit()
        elif event.position().x() >= self._fold_left() and self._lines.folds.opens(block):
            self._lines.folds.toggle(block)
        else:
            self._lines.select_line(number)

    @virtual
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        number = self._line_at(round(event.position().y()))
        message = "" if number is None else self._lines.line_message(number)
        if message:
            QToolTip.showText(event.globalPosition().toPoint(), message, self)
        else:
            QToolTip.hideText()

    @virtual
    def leaveEvent(self, event: QEvent) -> None:
        QToolTip.hideText()
