"""A text difference as lines with numbers, signs, and the changed words marked.

It is a read-only text, so it can be selected, copied and read out; the signs stay, since colour
alone says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetrics,
    QPainter,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from sealwright.desktop import theme
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.editor.positions import Positions

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent, QTextBlock

    from sealwright.services.policies.textdiff import DiffLine, Hunk, TextDiff

_SIGNS = {"added": "+", "removed": "-", "same": ""}
_END_NAMES = {"\r\n": "CRLF", "\n": "LF", "\r": "CR", "": ""}
MOST_LINES = 20_000
"""Further lines are counted, not shown."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One row of the view."""

    kind: str
    number: str
    text: str
    tail: str = ""
    changes: tuple[tuple[int, int], ...] = ()


class DiffView(QPlainTextEdit):
    """Shows a `TextDiff`. With `full_height` it is as high as its text, without a bar."""

    def __init__(
        self, name: str, *, full_height: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._lines: list[_Line] = []
        self._full_height = full_height
        self._colors = theme.palette()
        self.setProperty("k", "code")
        self.setAccessibleName(name)
        self.setReadOnly(True)
        self.setFont(theme.font(theme.Role.CODE_SMALL))
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.document().setDocumentMargin(0)
        self._margin = _DiffMargin(self)
        self.updateRequest.connect(self._on_update)
        if full_height:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def set_diff(self, diff: TextDiff | None) -> None:
        """Show a difference; None or equal texts show nothing."""
        ends = _ends_differ(diff) if diff is not None else False
        self._lines = []
        for hunk in diff.hunks if diff is not None else ():
            self._lines += _rows(hunk, ends=ends)
        total = len(self._lines)
        if total > MOST_LINES:
            more = self.tr("{0} more lines").format(total - MOST_LINES)
            self._lines = [*self._lines[:MOST_LINES], _Line("head", "", more)]
        if diff is not None:
            words = self.tr("{0} lines added, {1} removed").format(diff.added, diff.removed)
            self.setAccessibleDescription(words)
        self._fill()

    def line(self, number: int) -> _Line | None:
        """The row of a block, counted from 0."""
        return self._lines[number] if number < len(self._lines) else None

    def _fill(self) -> None:
        self._colors = theme.palette()
        self.setPlainText("\n".join(line.text + line.tail for line in self._lines))
        cursor = QTextCursor(self.document())
        block = self.document().begin()
        for line in self._lines:
            self._style(cursor, block, line)
            block = block.next()
        self.setTextCursor(QTextCursor(self.document()))
        digits = max((len(line.number) for line in self._lines), default=1)
        width = QFontMetrics(self.font()).horizontalAdvance("9" * (digits + 2))
        self._margin.setFixedWidth(width + theme.px(22))
        self.setViewportMargins(self._margin.width(), 0, 0, 0)
        self._place()
        self.updateGeometry()

    def _style(self, cursor: QTextCursor, block: QTextBlock, line: _Line) -> None:
        colors = theme.palette()
        ground, word, ink = _colors(line.kind)
        cursor.setPosition(block.position())
        if ground is not None:
            shape = QTextBlockFormat()
            shape.setBackground(QBrush(ground))
            cursor.setBlockFormat(shape)
        look = QTextCharFormat()
        look.setForeground(ink)
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        cursor.setCharFormat(look)
        where = Positions(line.text)
        if word is not None:
            mark = QTextCharFormat(look)
            mark.setBackground(word)
            for start, end in line.changes:
                cursor.setPosition(block.position() + where.to_units(start))
                cursor.setPosition(
                    block.position() + where.to_units(end), QTextCursor.MoveMode.KeepAnchor
                )
                cursor.setCharFormat(mark)
        if line.tail:
            faint = QTextCharFormat()
            faint.setForeground(colors.text3)
            cursor.setPosition(block.position() + where.to_units(len(line.text)))
            cursor.movePosition(
                QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor
            )
            cursor.setCharFormat(faint)

    def visible_rows(self) -> list[tuple[int, QRect]]:
        """Rows in view with their places."""
        found = []
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        while block.isValid() and top <= self.viewport().height():
            height = self.blockBoundingRect(block).height()
            place = QRect(0, round(top), self._margin.width(), round(top + height) - round(top))
            found.append((block.blockNumber(), place))
            top += height
            block = block.next()
        return found

    def _place(self) -> None:
        area = self.contentsRect()
        self._margin.setGeometry(area.left(), area.top(), self._margin.width(), area.height())

    def _on_update(self, _rect: QRect, _dy: int) -> None:
        self._margin.update()

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    @virtual
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        changed = event.type() == QEvent.Type.PaletteChange and getattr(self, "_lines", None)
        # Qt tells many times of a theme, and once more when the view is shown first.
        if changed and self._colors is not theme.palette():
            self._fill()

    @virtual_value(QSize(200, 80))
    def sizeHint(self) -> QSize:
        if not self._full_height:
            return QSize(theme.px(300), theme.px(160))
        line = self.blockBoundingRect(self.document().begin()).height()
        bar = self.horizontalScrollBar().sizeHint().height()
        return QSize(theme.px(300), round(line * max(len(self._lines), 1)) + bar + 2)

    @virtual_value(QSize(200, 60))
    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint() if self._full_height else QSize(0, theme.px(60))
        return QSize(theme.px(200), hint.height())


class _DiffMargin(QWidget):
    """Numbers and signs."""

    def __init__(self, view: DiffView) -> None:
        super().__init__(view)
        self._view = view

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colors = theme.palette()
        painter.fillRect(self.rect(), colors.editor)
        painter.setFont(self._view.font())
        for number, place in self._view.visible_rows():
            line = self._view.line(number)
            if line is None:
                continue
            ground, _, ink = _colors(line.kind)
            if ground is not None:
                painter.fillRect(place, ground)
            painter.setPen(ink if line.kind in ("added", "removed") else colors.lineno)
            sign = theme.px(16)
            align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(place.adjusted(0, 0, -sign - theme.px(6), 0), align, line.number)
            painter.drawText(
                QRect(place.right() - sign, place.top(), sign, place.height()),
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
                _SIGNS.get(line.kind, ""),
            )


def _rows(hunk: Hunk, *, ends: bool) -> list[_Line]:
    return [_Line("head", "", hunk.header), *(_row(line, ends=ends) for line in hunk.lines)]


def _row(line: DiffLine, *, ends: bool) -> _Line:
    kind = line.kind.value
    number = line.old_number if kind == "removed" else line.new_number
    name = _END_NAMES.get(line.line_end, "")
    tail = f"  {name}" if ends and kind != "same" and name else ""
    changes = tuple((change.start, change.end) for change in line.changes)
    return _Line(kind, str(number or ""), line.text, tail, changes)


def _ends_differ(diff: TextDiff) -> bool:
    found = {
        line.line_end
        for hunk in diff.hunks
        for line in hunk.lines
        if line.kind.value != "same" and line.line_end
    }
    return len(found) > 1


def _colors(kind: str) -> tuple[QColor | None, QColor | None, QColor]:
    """Ground, ground of a changed word, and text of a row."""
    colors = theme.palette()
    diff = colors.diff
    if kind == "added":
        return diff.added_line, diff.added_word, diff.added_text
    if kind == "removed":
        return diff.removed_line, diff.removed_word, diff.removed_text
    if kind == "head":
        return colors.raised, None, colors.text3
    return None, None, colors.text2
