"""The rules in the order of evaluation, each with its conditions and the nearest misses."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    QStringListModel,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QWidget

from sealwright.desktop import theme
from sealwright.desktop.messages import quoted
from sealwright.desktop.policies.words import tr
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.painting import rounded, words

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QKeyEvent
    from PySide6.QtWidgets import QStyleOptionViewItem

    from sealwright.services.policies.rule_rows import CheckRow, NearMiss, RuleRow

_Index = QModelIndex | QPersistentModelIndex
_TITLE, _LINE, _GAP, _BOX = 22, 20, 12, 6
_LEFT = 28
NOTHING: object = None
_FLAGS = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

_ICONS = {
    "fired": ("ok", "ok.mark"),
    "denied": ("denied", "err.mark"),
    "nearly": ("warn", "warn.mark"),
    "quiet": ("minus", "text3"),
    "not-reached": ("minus", "text3"),
}
_MARKS = {
    "holds": ("check", "ok.mark"),
    "fails": ("close", "text3"),
    "open": ("minus", "text3"),
}


def title_words(row: RuleRow) -> str:
    """`permit() nearly fired`."""
    if row.state.value == "nearly":
        return tr("{0} nearly fired").format(row.title)
    if row.state.value == "not-reached":
        return tr("{0} not reached").format(row.title)
    return row.title


def line_words(row: RuleRow) -> str:
    """`Line 6`, or the first and the last one."""
    if row.first_line == row.last_line:
        return tr("Line {0}").format(row.first_line)
    return tr("Line {0}\u2013{1}").format(row.first_line, row.last_line)


def miss_lines(miss: NearMiss | None) -> list[tuple[str, str, str]]:
    """Expected and actual, each with value and type."""
    if miss is None:
        return []
    expected = miss.expected
    if miss.operator and miss.operator != "==":
        expected = f"{miss.operator} {expected}"
    return [
        (tr("expected"), expected, miss.expected_type.lower()),
        (tr("actual"), miss.actual, miss.actual_type.lower()),
    ]


class _Rules(QStringListModel):
    """The rows of one run.

    The rows are Qt's own, empty strings: a view asks for the index of each at every layout, and
    thousands of calls into Python would hold the window.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: tuple[RuleRow, ...] = ()

    def show_rows(self, rows: tuple[RuleRow, ...]) -> None:
        """Take over the rules of a run. Rows come and go at the end."""
        self.rows = rows
        new, old = len(rows), self.rowCount()
        if new > old:
            self.insertRows(old, new - old)
        elif new < old:
            self.removeRows(new, old - new)

    @virtual_value(_FLAGS)
    def flags(self, index: _Index) -> Qt.ItemFlag:
        return _FLAGS if index.isValid() else Qt.ItemFlag.NoItemFlags

    @virtual_value(NOTHING)
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not 0 <= index.row() < len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return title_words(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return quoted(row.sentence)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return _spoken(row)
        return None


def _spoken(row: RuleRow) -> str:
    parts = [title_words(row), line_words(row)]
    parts += [f"{check.text} {check.value}: {check.mark.value}" for check in row.checks]
    if row.state.value == "nearly":
        parts += [" ".join(line) for line in miss_lines(row.miss)]
    return ". ".join(parts)


class TraceView(QListView):
    """`went_to(start, end)` when a rule is chosen, in code points of the text."""

    went_to = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rules = _Rules(self)
        self.sizes: list[QSize] = []
        """Of the rows: a view asks for that of each of thousands at every layout."""
        self.setModel(self._rules)
        self.setAccessibleName(self.tr("Rules in the order of evaluation"))
        self.setItemDelegate(_Rows(self))
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self._on_chosen)

    @property
    def rows(self) -> tuple[RuleRow, ...]:
        """What is shown."""
        return self._rules.rows

    def show_rows(self, rows: tuple[RuleRow, ...]) -> None:
        """Show the rules of a run; the one that decided, or nearly did, comes into sight."""
        sizes = [_size(_lines(row), boxed=_boxed(row)) for row in rows]
        moved, self.sizes = sizes != self.sizes, sizes
        self._rules.show_rows(rows)
        if moved:
            self.scheduleDelayedItemsLayout()
        else:
            # Most keys change no more than what a rule says.
            self.viewport().update()
        place = next((n for n, row in enumerate(rows) if row.state in ("nearly", "denied")), -1)
        if place >= 0:
            self.scrollTo(self._rules.index(place))

    def step(self, by: int = 1) -> int:
        """Go on to the next rule, from the last to the first; its place, -1 when there is none."""
        if not self.rows:
            return -1
        place = (self.currentIndex().row() + by) % len(self.rows)
        index = self._rules.index(place)
        self.setCurrentIndex(index)
        self.scrollTo(index)
        self._on_chosen(index)
        return place

    @Slot(QModelIndex)
    def _on_chosen(self, index: QModelIndex) -> None:
        if index.isValid():
            self.went_to.emit(*self.rows[index.row()].span)

    @virtual
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_chosen(self.currentIndex())
        else:
            super().keyPressEvent(event)


class _Rows(QStyledItemDelegate):
    """Icon on a line, title, conditions, and the box of a near miss."""

    def __init__(self, view: TraceView) -> None:
        super().__init__(view)
        self._view = view

    @virtual_value(QSize(100, 40))
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return self._view.sizes[index.row()]

    @virtual
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row = self._view.rows[index.row()]
        painter.save()
        colors = theme.palette()
        rect = option.rect
        self._paint_rail(painter, rect, index.row(), row)
        left = rect.left() + theme.px(_LEFT)
        box = QRect(left, rect.top(), rect.right() - left, rect.height() - theme.px(_GAP) + 4)
        if _boxed(row):
            tone = colors.tone(Tone.WARN)
            rounded(painter, box, theme.px(6), tone.ground, tone.border)
            box.adjust(0, theme.px(_BOX) - 1, 0, 0)
        elif index.row() == self._view.currentIndex().row():
            focused = self._view.hasFocus()
            ground = colors.sel if focused else colors.tone(Tone.NEU).ground
            rounded(painter, box, theme.px(6), ground, None)
        self._paint_row(painter, box.adjusted(theme.px(9), 0, -theme.px(9), 0), row)
        painter.restore()

    def _paint_rail(self, painter: QPainter, rect: QRect, place: int, row: RuleRow) -> None:
        size = theme.px(16)
        middle = rect.left() + theme.px(10)
        top = rect.top() + theme.px(4 + (_BOX if _boxed(row) else 0))
        line = theme.palette().border
        if place + 1 < len(self._view.rows):
            from_, to = top + size + theme.px(3), rect.bottom() + theme.px(1)
            painter.fillRect(QRect(middle, from_, max(1, round(theme.px(3) / 2)), to - from_), line)
        icon, color = _ICONS[row.state.value]
        theme.paint(painter, middle - size // 2, top, icon, size=size, color=color)

    def _paint_row(self, painter: QPainter, box: QRect, row: RuleRow) -> None:
        colors = theme.palette()
        title = QRect(box.left(), box.top(), box.width(), theme.px(_TITLE))
        place = line_words(row)
        width = QFontMetrics(theme.font(Role.SMALL)).horizontalAdvance(place) + theme.px(4)
        name = title.adjusted(0, 0, -width - theme.px(8), 0)
        faint = row.state.value == "not-reached"
        shade = colors.text2 if faint else colors.text
        words(painter, name, title_words(row), theme.font(Role.NAME), shade)
        right = QRect(title.right() - width, title.top(), width, title.height())
        align = Qt.AlignmentFlag.AlignRight
        words(painter, right, place, theme.font(Role.SMALL), colors.text2, align=align)
        top = title.bottom() + 1
        for check in row.checks:
            line = QRect(box.left(), top, box.width(), theme.px(_LINE))
            self._paint_check(painter, line, check, near=_boxed(row))
            top += theme.px(_LINE)
        if _boxed(row):
            self._paint_miss(painter, QRect(box.left(), top, box.width(), 0), row.miss)

    def _paint_check(self, painter: QPainter, line: QRect, check: CheckRow, *, near: bool) -> None:
        colors = theme.palette()
        icon, mark = _MARKS[check.mark.value]
        fails = near and check.mark.value == "fails"
        size = theme.px(13)
        top = line.top() + (line.height() - size) // 2
        theme.paint(painter, line.left(), top, icon, size=size, color="err.mark" if fails else mark)
        font = theme.font(Role.CODE_SMALL)
        value = tr("differs") if fails and check.value != "no such claim" else check.value
        width = QFontMetrics(font).horizontalAdvance(value) + theme.px(2)
        width = min(width, line.width() // 2)
        text = line.adjusted(theme.px(20), 0, -width - theme.px(8), 0)
        words(painter, text, check.text, font, colors.text2)
        right = QRect(line.right() - width, line.top(), width, line.height())
        shade = colors.tone(Tone.ERR).text if fails else colors.text
        if check.mark.value == "open":
            shade = colors.text3
        words(painter, right, value, font, shade, align=Qt.AlignmentFlag.AlignRight)

    def _paint_miss(self, painter: QPainter, box: QRect, miss: NearMiss | None) -> None:
        colors = theme.palette()
        font = theme.font(Role.CODE_SMALL)
        metrics = QFontMetrics(font)
        lead = metrics.horizontalAdvance(tr("expected") + "  ")
        shades: list[QColor] = [colors.tone(Tone.ERR).text, colors.tone(Tone.OK).text]
        top = box.top()
        for (title, value, kind), shade in zip(miss_lines(miss), shades, strict=False):
            left, height = box.left() + theme.px(20), theme.px(_LINE)
            words(painter, QRect(left, top, lead, height), title, font, colors.text2)
            left += lead
            room = box.right() - left
            width = min(metrics.horizontalAdvance(value) + theme.px(2), room)
            words(painter, QRect(left, top, width, height), value, font, shade)
            left += width + theme.px(8)
            rest = QRect(left, top, max(0, box.right() - left), height)
            words(painter, rest, kind, font, colors.text2)
            top += height


def _boxed(row: RuleRow) -> bool:
    return row.state == "nearly"


def _lines(row: RuleRow) -> int:
    return len(row.checks) + (2 if row.miss is not None and _boxed(row) else 0)


@cache
def _size(lines: int, *, boxed: bool) -> QSize:
    height = _TITLE + lines * _LINE + _GAP + (2 * _BOX if boxed else 0)
    return QSize(theme.px(100), theme.px(height))
