"""The one delegate of all tree tables."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from sealwright.desktop import theme
from sealwright.desktop.theme import Role
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.tables.cell_painter import Place, draw
from sealwright.desktop.widgets.tables.cells import (
    Cell,
    CellChip,
    Column,
    Row,
    RowKind,
    Text,
    TwoLines,
)
from sealwright.desktop.widgets.tables.rows import ROW_ROLE, cell_of

_HEIGHTS = {
    RowKind.GROUP: 32,
    RowKind.SUBGROUP: 30,
    RowKind.LEAF: 34,
    RowKind.TALL: 54,
    RowKind.CLAIM: 28,
}
_Index = QModelIndex | QPersistentModelIndex


class CellDelegate(QStyledItemDelegate):
    """Paints the cell only; ground, selection and lines are the view's."""

    alike = 0
    """Height of every row in a list so long that it is not measured row by row."""

    @virtual
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Hand the cell to its painter."""
        row = index.data(ROW_ROLE)
        if isinstance(row, Row):
            first = index.column() == 0
            painter.save()
            draw_into(painter, option.rect, cell_of(row.cells, index.column()), first=first)
            painter.restore()

    @virtual_value(QSize(20, 34))
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Height by the kind of row; widths are the header's business."""
        row = index.data(ROW_ROLE)
        kind = row.kind if isinstance(row, Row) else RowKind.LEAF
        return QSize(theme.px(20), self.alike or row_height(kind))


def row_height(kind: RowKind) -> int:
    """Logical pixels of a row, with the system's text size."""
    line = QFontMetrics(theme.font(Role.BODY)).height() + theme.px(10)
    return max(theme.px(_HEIGHTS[kind]), line)


def column_width(column: Column) -> int:
    """Logical pixels that a column asks for."""
    if column.fixed:
        return theme.px(column.fixed)
    body = QFontMetrics(theme.font(Role.CODE_SMALL if column.mono else Role.BODY))
    head = QFontMetrics(theme.font(Role.HEAD))
    title = head.horizontalAdvance(column.title) + theme.px(4)
    longest = max(title, body.horizontalAdvance(column.sample))
    return longest + theme.px(38 if column.icon else 16)


def draw_into(painter: QPainter, rect: QRect, cell: Cell, *, first: bool) -> None:
    """Paint a cell into its rectangle, with the padding that all tables have.

    The painter stays clipped to it.
    """
    pad = theme.px(16) if first else theme.px(8)
    left = pad if rect.left() <= 0 else theme.px(8)
    place = Place(rect.left() + left, rect.top(), rect.width() - left - theme.px(6), rect.height())
    painter.setClipRect(rect)
    draw(cell, painter, place)


def plain_group(key: str, title: str, icon: str, *, kind: RowKind = RowKind.GROUP) -> Row:
    """A heading row."""
    weight = 600 if kind == RowKind.GROUP else 400
    color = "text" if kind == RowKind.GROUP else "text2"
    return Row(key, (Text(title, color=color, weight=weight, icon=icon),), kind=kind)


def counted_group(key: str, title: str, count: int, icon: str = "") -> Row:
    """A heading row with the number of rows below it."""
    chip = CellChip(f"{count:,}")
    return Row(key, (TwoLines(title, "", icon=icon, chips=(chip,)),), kind=RowKind.GROUP)
