"""A table of many equal rows, of which only those in sight cost anything.

A tree asks its model about every row whenever one is added; this one asks about those it paints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from sealwright.desktop import theme
from sealwright.desktop.theme import Role
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.tables.delegate import CellDelegate
from sealwright.desktop.widgets.tables.rows import CELL_ROLE, ROW_ROLE, cell_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sealwright.desktop.widgets.tables.cells import Column, Row

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_ROW = 34
_NAME_MIN = 140


class FlatModel(QAbstractTableModel):
    """Rows in order, narrowed by words."""

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._all: list[Row] = []
        self._texts: list[str] = []
        self._words: tuple[str, ...] = ()
        self._shown: list[int] = []

    @property
    def total(self) -> int:
        """Rows without regard to the filter."""
        return len(self._all)

    @property
    def shown(self) -> int:
        """Rows that pass the filter."""
        return len(self._shown)

    def clear(self) -> None:
        """No rows."""
        self.beginResetModel()
        self._all, self._texts, self._shown = [], [], []
        self.endResetModel()

    def add_rows(self, rows: Sequence[tuple[Row, str]]) -> None:
        """Add rows at the end, each with its `row_text`."""
        first = len(self._all)
        self._all += [row for row, _ in rows]
        self._texts += [text for _, text in rows]
        passing = self._passing(range(first, len(self._all)))
        if passing:
            place = len(self._shown)
            self.beginInsertRows(_ROOT, place, place + len(passing) - 1)
            self._shown += passing
            self.endInsertRows()

    def set_filter(self, text: str) -> None:
        """Show the rows that hold every word of `text`."""
        self._words = tuple(text.lower().split())
        passing = self._passing(range(len(self._texts)))
        # Most letters of a word leave the same rows: then there is nothing to lay out or paint.
        if passing != self._shown:
            self.beginResetModel()
            self._shown = passing
            self.endResetModel()

    def _passing(self, places: Iterable[int]) -> list[int]:
        for word in self._words:
            places = [at for at in places if word in self._texts[at]]
        return list(places)

    def row_at(self, index: _Index) -> Row | None:
        """The row behind an index."""
        if not index.isValid() or index.row() >= len(self._shown):
            return None
        return self._all[self._shown[index.row()]]

    @virtual_value(0)
    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Rows that pass the filter."""
        return 0 if parent.isValid() else len(self._shown)

    @virtual_value(0)
    def columnCount(self, parent: _Index = _ROOT) -> int:
        """Columns."""
        return 0 if parent.isValid() else len(self.columns)

    @virtual
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Row and cell for the delegate, words for everybody else."""
        row = self.row_at(index)
        if row is None:
            return None
        if role == ROW_ROLE:
            return row
        cell = cell_of(row.cells, index.column())
        if role == CELL_ROLE:
            return cell
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return cell.words
        if role == Qt.ItemDataRole.ToolTipRole:
            return cell.hint or None
        return None

    @virtual
    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Titles of the columns."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None


def row_text(row: Row) -> str:
    """What the filter looks at; may run on any thread."""
    return " ".join([*(cell.words for cell in row.cells), row.search]).lower()


class _GroundedDelegate(CellDelegate):
    """Paints the ground of its cell too: a table has no rows to paint."""

    def __init__(self, table: FlatTable) -> None:
        super().__init__(table)
        self._table = table

    @virtual
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        rect: QRect = option.rect
        colors = theme.palette()
        chosen = self._table.selectionModel().isSelected(index)
        ground = colors.surface
        if chosen:
            focused = self._table.hasFocus()
            ground = colors.sel if focused else colors.tone(theme.Tone.NEU).ground
        painter.fillRect(rect, ground)
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), colors.border)
        if chosen and index.column() == 0:
            mark = colors.focus if self._table.hasFocus() else colors.edge
            painter.fillRect(QRect(rect.left(), rect.top(), theme.px(2), rect.height()), mark)
        super().paint(painter, option, index)


class FlatTable(QTableView):
    """Many rows with columns that leave when the window is narrow."""

    row_opened = Signal(object)
    """Enter or double click on a row."""

    def __init__(self, name: str, columns: Sequence[Column], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.rows = FlatModel(columns, self)
        self._placeholder: QWidget | None = None
        self.setItemDelegate(_GroundedDelegate(self))
        self.setModel(self.rows)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setCornerButtonEnabled(False)
        side, head = self.verticalHeader(), self.horizontalHeader()
        side.hide()
        side.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        side.setDefaultSectionSize(theme.px(_ROW))
        side.setAccessibleName(self.tr("Row numbers"))
        head.setAccessibleName(self.tr("Columns"))
        head.setHighlightSections(False)
        head.setSectionsMovable(False)
        self.doubleClicked.connect(self._on_opened)
        self.rows.modelReset.connect(self.settle)
        self.rows.rowsInserted.connect(self.settle)

    def set_placeholder(self, widget: QWidget) -> None:
        """What stands in the table while it shows no rows."""
        self._placeholder = widget
        widget.setParent(self.viewport())
        self.settle()

    @Slot()
    def settle(self) -> None:
        """Show or hide what stands for no rows."""
        if self._placeholder is not None:
            self._placeholder.setGeometry(self.viewport().rect())
            self._placeholder.setVisible(self.rows.shown == 0)

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width there is."""
        super().resizeEvent(event)
        columns = self.rows.columns
        body, head = QFontMetrics(theme.font(Role.BODY)), QFontMetrics(theme.font(Role.HEAD))
        widths = [
            max(body.horizontalAdvance(each.sample), head.horizontalAdvance(each.title))
            + theme.px(38 if each.icon else 20)
            for each in columns
        ]
        shown = set(range(len(columns)))
        room = self.viewport().width()
        for at in sorted((i for i in shown if columns[i].drop), key=lambda i: columns[i].drop):
            if sum(widths[i] for i in shown if i) + theme.px(_NAME_MIN) > room:
                shown.discard(at)
        spare = room - sum(widths[i] for i in shown)
        whole = sum(columns[i].stretch for i in shown) or 1
        for at, each in enumerate(columns):
            self.setColumnHidden(at, at not in shown)
            extra = spare * each.stretch // whole if spare > 0 else 0
            if at == 0:
                extra = min(spare, 0)
            self.setColumnWidth(at, max(widths[at] + extra, theme.px(60)))
        self.settle()

    @virtual
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_opened(self.currentIndex())
        else:
            super().keyPressEvent(event)

    @Slot(QModelIndex)
    def _on_opened(self, index: QModelIndex) -> None:
        row = self.rows.row_at(index)
        if row is not None:
            self.row_opened.emit(row)
