"""The model behind every tree table: rows as they are, filtered by one joined string a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from sealwright.desktop.virtual import virtual_value
from sealwright.desktop.widgets.cells import EMPTY, Cell, Column, Row, RowKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CELL_ROLE = Qt.ItemDataRole.UserRole
ROW_ROLE = Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
NOTHING: object = None
"""What a model answers when it has nothing to say."""


class _Node:
    """A visible row: its place in the tree as it is filtered now."""

    __slots__ = ("children", "number", "parent", "place", "row")

    def __init__(self, row: Row | None, parent: _Node | None, number: int, place: int) -> None:
        self.row = row
        self.parent = parent
        self.number = number
        self.place = place
        self.children: list[_Node] = []


class RowModel(QAbstractItemModel):
    """Rows under groups. An index carries the number of its node, never a pointer."""

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._rows: list[Row] = []
        self._filter: tuple[str, ...] = ()
        self._search: dict[str, str] = {}
        self._nodes: list[_Node] = [_Node(None, None, 0, 0)]
        self._by_key: dict[str, _Node] = {}

    @property
    def total(self) -> int:
        """Leaves without regard to the filter."""
        return sum(1 for row in _walk(self._rows) if not row.children and not is_group(row))

    @property
    def size(self) -> int:
        """Rows of every kind that pass the filter."""
        return len(self._nodes) - 1

    @property
    def shown(self) -> int:
        """Leaves that pass the filter."""
        return sum(1 for node in self._nodes[1:] if node.row and not is_group(node.row))

    def set_rows(self, rows: Sequence[Row], text: str | None = None) -> None:
        """Replace everything, and the filter when `text` is given."""
        if text is not None:
            self._filter = tuple(text.lower().split())
        self._rows = list(rows)
        self._search = {row.key: _searchable(row) for row in _walk(self._rows)}
        self._rebuild()

    def set_filter(self, text: str) -> None:
        """Keep the rows that hold every word of `text`, with the groups above them."""
        self._filter = tuple(text.lower().split())
        self._rebuild()

    def row_at(self, index: _Index) -> Row | None:
        """The row behind an index."""
        node = self._node(index)
        return node.row if node is not None else None

    def index_of(self, key: str, column: int = 0) -> QModelIndex:
        """Where the row with `key` is now; invalid when it is filtered out or gone."""
        node = self._by_key.get(key)
        return QModelIndex() if node is None else self._index(node, column)

    def groups(self) -> Iterator[QModelIndex]:
        """Indexes of everything that has children."""
        for node in self._nodes[1:]:
            if node.children:
                yield self._index(node, 0)

    def leaves(self) -> Iterator[Row]:
        """The rows that pass the filter, in order, without the groups."""
        for node in self._nodes[1:]:
            if node.row is not None and not is_group(node.row):
                yield node.row

    def _rebuild(self) -> None:
        self.beginResetModel()
        root = _Node(None, None, 0, 0)
        self._nodes = [root]
        self._by_key = {}
        for row in self._rows:
            self._add(row, root, kept=not self._filter)
        self.endResetModel()

    def _add(self, row: Row, parent: _Node, *, kept: bool) -> bool:
        """Add `row` when it or something below it passes; `kept` when an ancestor did."""
        passes = kept or all(word in self._search[row.key] for word in self._filter)
        mark = len(self._nodes)
        node = _Node(row, parent, mark, len(parent.children))
        self._nodes.append(node)
        below = False
        for child in row.children:
            below = self._add(child, node, kept=passes) or below
        if not (passes or below):
            del self._nodes[mark:]
            return False
        self._by_key[row.key] = node
        parent.children.append(node)
        return True

    def _node(self, index: _Index) -> _Node | None:
        if not index.isValid():
            return self._nodes[0]
        number = index.internalId()
        return self._nodes[number] if number < len(self._nodes) else None

    def _index(self, node: _Node, column: int) -> QModelIndex:
        return self.createIndex(node.place, column, node.number)

    @virtual_value(QModelIndex())
    def index(self, row: int, column: int, parent: _Index = _ROOT) -> QModelIndex:
        """Qt's way down the tree."""
        above = self._node(parent)
        if above is None or not 0 <= row < len(above.children):
            return QModelIndex()
        return self._index(above.children[row], column)

    @virtual_value(QModelIndex())
    def parent(self, index: _Index = _ROOT) -> QModelIndex:  # type: ignore[override]  # also QObject.parent()
        """Qt's way up the tree."""
        node = self._node(index)
        if node is None or node.parent is None or node.parent.row is None:
            return QModelIndex()
        return self._index(node.parent, 0)

    @virtual_value(0)
    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Children of a row."""
        if parent.isValid() and parent.column() > 0:
            return 0
        node = self._node(parent)
        return 0 if node is None else len(node.children)

    @virtual_value(0)
    def columnCount(self, parent: _Index = _ROOT) -> int:
        """The same for every row."""
        return len(self.columns)

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
    return row.cells[column] if column < len(row.cells) else EMPTY


def _walk(rows: Sequence[Row]) -> Iterator[Row]:
    for row in rows:
        yield row
        yield from _walk(row.children)


def _searchable(row: Row) -> str:
    words = [cell.words for cell in row.cells]
    return " ".join([*words, row.search]).lower()
