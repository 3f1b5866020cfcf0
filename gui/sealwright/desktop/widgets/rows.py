"""The model behind every tree table: rows as they are, filtered by one joined string a row.

The tree itself is Qt's own: a view over thousands of rows asks for parents and children without a
call into Python, which alone would take longer than a person notices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel

from sealwright.desktop.virtual import virtual_value
from sealwright.desktop.widgets.cells import EMPTY, Cell, Column, Row, RowKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

CELL_ROLE = Qt.ItemDataRole.UserRole
ROW_ROLE = Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex
_FLAGS = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
NOTHING: object = None
"""What a model answers when it has nothing to say."""


class _Item(QStandardItem):
    """Where a row stands while it passes the filter."""

    def __init__(self, row: Row) -> None:
        super().__init__()
        self.held = row


class _Kept:
    """A row that passes the filter, with what passes below it."""

    __slots__ = ("below", "row")

    def __init__(self, row: Row, below: list[_Kept]) -> None:
        self.row = row
        self.below = below


class RowModel(QStandardItemModel):
    """Rows under groups; only the first column has items, the cells come from the row."""

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.setColumnCount(len(self.columns))
        self._rows: list[Row] = []
        self._by_key: dict[str, Row] = {}
        self._filter: tuple[str, ...] = ()
        self._search: dict[str, str] = {}
        self._items: dict[str, _Item] = {}
        self._parents: list[_Item] = []
        self._shape: list[tuple[str, RowKind, int]] = []

    @property
    def total(self) -> int:
        """Leaves without regard to the filter."""
        return sum(1 for row in walk(self._rows) if not row.children and not is_group(row))

    @property
    def size(self) -> int:
        """Rows of every kind that pass the filter."""
        return len(self._items)

    @property
    def shown(self) -> int:
        """Leaves that pass the filter."""
        return sum(1 for _ in self.leaves())

    def set_rows(self, rows: Sequence[Row], text: str | None = None) -> bool:
        """Replace everything, and the filter when `text` is given; whether rows came or went."""
        if text is not None:
            self._filter = tuple(text.lower().split())
        self._rows = list(rows)
        self._by_key = {row.key: row for row in walk(self._rows)}
        self._search = {}
        return self._rebuild()

    def set_filter(self, text: str) -> bool:
        """Keep the rows that hold every word of `text`, with the groups above them."""
        self._filter = tuple(text.lower().split())
        return self._rebuild()

    def update_rows(self, rows: Iterable[Row]) -> None:
        """Show other cells in rows that are here; where they stand, and the filter, wait."""
        last = len(self.columns) - 1
        for row in rows:
            known = self._by_key.get(row.key)
            if known is None:
                continue
            known.take(row)
            self._search.pop(row.key, None)
            item = self._items.get(row.key)
            if item is not None:
                index = item.index()
                self.dataChanged.emit(index, index.siblingAtColumn(last))

    def row_at(self, index: _Index) -> Row | None:
        """The row behind an index."""
        item = self.itemFromIndex(index.sibling(index.row(), 0)) if index.isValid() else None
        return item.held if isinstance(item, _Item) else None

    def index_of(self, key: str, column: int = 0) -> QModelIndex:
        """Where the row with `key` is now; invalid when it is filtered out or gone."""
        item = self._items.get(key)
        return QModelIndex() if item is None else item.index().siblingAtColumn(column)

    def groups(self) -> Iterator[QModelIndex]:
        """Indexes of everything that has children."""
        for item in self._parents:
            yield item.index()

    def leaves(self) -> Iterator[Row]:
        """The rows that pass the filter, in order, without the groups."""
        for item in self._items.values():
            if not is_group(item.held):
                yield item.held

    def _rebuild(self) -> bool:
        kept = self._kept(self._rows, whole=not self._filter)
        shape = list(_shape(kept, 0))
        if shape == self._shape:
            self._fill(kept)
            return False
        self._shape = shape
        self.beginResetModel()
        # The rows come by the reset; a signal for each would be heard by the view.
        blocked = self.blockSignals(True)  # noqa: FBT003 - Qt's signature
        self._items, self._parents = {}, []
        self.removeRows(0, self.rowCount())
        self._add(self.invisibleRootItem(), kept)
        self.blockSignals(blocked)
        self.endResetModel()
        return True

    def _fill(self, kept: list[_Kept]) -> None:
        """The same rows in the same places: only what they show is new, and the view paints it."""
        for each in kept:
            self._items[each.row.key].held = each.row
            self._fill(each.below)

    def _add(self, parent: QStandardItem, kept: list[_Kept]) -> None:
        for each in kept:
            item = _Item(each.row)
            self._items[each.row.key] = item
            if each.below:
                self._parents.append(item)
                item.setColumnCount(len(self.columns))
                self._add(item, each.below)
            parent.appendRow(item)

    def _kept(self, rows: Sequence[Row], *, whole: bool) -> list[_Kept]:
        """What passes; `whole` when an ancestor did."""
        found = []
        for row in rows:
            passes = whole or self._passes(row)
            below = self._kept(row.children, whole=passes) if row.children else []
            if passes or below:
                found.append(_Kept(row, below))
        return found

    def _passes(self, row: Row) -> bool:
        text = self._search.get(row.key)
        if text is None:
            text = self._search[row.key] = row.words().lower()
        return all(word in text for word in self._filter)

    @virtual_value(NOTHING)
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Words for Qt, the cell for the delegate."""
        row = self.row_at(index)
        if row is None:
            return None
        if role == ROW_ROLE:
            return row
        cell = cell_of(row, index.column())
        if role == CELL_ROLE:
            return cell
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return cell.words
        return cell.hint or None if role == Qt.ItemDataRole.ToolTipRole else None

    @virtual_value(_FLAGS)
    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Nothing is edited in a table."""
        return _FLAGS if index.isValid() else Qt.ItemFlag.NoItemFlags

    @virtual_value(NOTHING)
    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Column titles, left as the numbers below them."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None


def is_group(row: Row) -> bool:
    """Whether a row is a heading rather than a thing."""
    return row.kind in (RowKind.GROUP, RowKind.SUBGROUP)


def cell_of(row: Row, column: int) -> Cell:
    """The cell of a column; rows may be shorter than the table."""
    cells = row.cells
    return cells[column] if column < len(cells) else EMPTY


def walk(rows: Sequence[Row]) -> Iterator[Row]:
    """The rows and all that is below them, in order."""
    for row in rows:
        yield row
        if row.children:
            yield from walk(row.children)


def _shape(kept: list[_Kept], depth: int) -> Iterator[tuple[str, RowKind, int]]:
    for each in kept:
        yield each.row.key, each.row.kind, depth
        if each.below:
            yield from _shape(each.below, depth + 1)
