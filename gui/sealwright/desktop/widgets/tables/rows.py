"""The model behind every tree table: rows as they are, filtered by one joined string a row.

The tree itself is Qt's own: a view over thousands of rows asks for parents and children without a
call into Python, which alone would take longer than a person notices. For the same reason `flags`
is Qt's own too: that nothing is edited is said by the view.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel

from sealwright.desktop.virtual import virtual_value
from sealwright.desktop.widgets.tables.cells import EMPTY, Cell, Column, Row, RowKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

CELL_ROLE = Qt.ItemDataRole.UserRole
ROW_ROLE = Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex
_CHILDREN: Final = attrgetter("children")
NOTHING: object = None
"""What a model answers when it has nothing to say."""


class _Level:
    """The rows that pass the filter below one heading, and what passes below each, by place."""

    __slots__ = ("_places", "below", "item", "rows")

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._places: dict[Row, int] | None = None
        """By row; None until somebody asks for one of them."""
        self.below: dict[int, _Level] = {}
        self.item: QStandardItem | None = None
        """The heading's; none for the whole table."""

    def is_like(self, other: _Level) -> bool:
        """Whether the same rows stand in the same places, whatever they show."""
        if self.rows != other.rows and (
            len(self.rows) != len(other.rows) or not all(map(_is_same, self.rows, other.rows))
        ):
            return False
        return self.below.keys() == other.below.keys() and all(
            below.is_like(other.below[at]) for at, below in self.below.items()
        )

    def take(self, other: _Level) -> None:
        """Show the rows of one that is like this."""
        self.rows, self._places = other.rows, None
        for at, below in self.below.items():
            below.take(other.below[at])

    def place(self, row: Row) -> int:
        """Where a row stands here; -1 when it does not."""
        if self._places is None:
            self._places = {each: at for at, each in enumerate(self.rows)}
        return self._places.get(row, -1)

    def index(self) -> QModelIndex:
        """Where the heading stands."""
        return QModelIndex() if self.item is None else self.item.index()

    def levels(self) -> Iterator[_Level]:
        """This and all below, in order."""
        yield self
        for below in self.below.values():
            yield from below.levels()

    def walk(self) -> Iterator[Row]:
        """Every row, in order."""
        for at, row in enumerate(self.rows):
            yield row
            if at in self.below:
                yield from self.below[at].walk()


def _is_same(one: Row, other: Row) -> bool:
    return one.key == other.key and one.kind is other.kind


class RowModel(QStandardItemModel):
    """Rows under groups; only what has rows below it has an item, the cells come from the row."""

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.setColumnCount(len(self.columns))
        self._rows: list[Row] = []
        self._by_key: dict[str, Row] = {}
        self._above: dict[Row, Row] = {}
        """The heading of each row that has one."""
        self._filter: tuple[str, ...] = ()
        self._search: dict[Row, str] | None = None
        """By row, what the filter looks at; None until there is one."""
        self._shown = _Level()
        self._levels: Sequence[_Level] = (self._shown,)
        """The whole table and all headings that have something below them, in order."""
        self.size = 0
        """Rows of every kind that pass the filter."""

    @property
    def total(self) -> int:
        """Leaves without regard to the filter."""
        return sum(1 for row in walk(self._rows) if not row.children and not is_group(row))

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
        self._above = {below: row for row in self._by_key.values() for below in row.children}
        self._search = None
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
            if self._search is not None:
                self._search[known] = known.words().lower()
            index = self.index_of(row.key)
            if index.isValid():
                self.dataChanged.emit(index, index.siblingAtColumn(last))

    def row_at(self, index: _Index) -> Row | None:
        """The row behind an index."""
        if not index.isValid():
            return None
        level, at = self._level_below(index.parent()), index.row()
        return level.rows[at] if level is not None and at < len(level.rows) else None

    def rows_below(self, index: QModelIndex) -> Sequence[Row]:
        """The rows shown below a heading, or below none, in order."""
        level = self._level_below(index)
        return () if level is None else level.rows

    def _level_below(self, index: QModelIndex) -> _Level | None:
        if not index.isValid():
            return self._shown
        above = self._level_below(index.parent())
        return None if above is None else above.below.get(index.row())

    def index_of(self, key: str, column: int = 0) -> QModelIndex:
        """Where the row with `key` is now; invalid when it is filtered out or gone."""
        row = self._by_key.get(key)
        level = None if row is None else self._level_of(row)
        at = -1 if row is None or level is None else level.place(row)
        return QModelIndex() if level is None or at < 0 else self.index(at, column, level.index())

    def _level_of(self, row: Row) -> _Level | None:
        """Where a row stands when it passes; None when nothing below its heading does."""
        above = self._above.get(row)
        if above is None:
            return self._shown
        level = self._level_of(above)
        return None if level is None else level.below.get(level.place(above))

    def groups(self) -> Iterator[QModelIndex]:
        """Indexes of everything that has children."""
        return (index for index, _ in self.headings())

    def headings(self) -> Iterator[tuple[QModelIndex, Row]]:
        """Everything that has children, with where it stands."""
        for level in self._levels:
            for at, below in level.below.items():
                if below.item is not None:
                    yield below.item.index(), level.rows[at]

    def leaves(self) -> Iterator[Row]:
        """The rows that pass the filter, in order, without the groups."""
        return (row for row in self._shown.walk() if not is_group(row))

    def _rebuild(self) -> bool:
        holding = self._holding() if self._filter else set()
        shown = _passing(self._rows, holding, whole=not self._filter)
        if shown.is_like(self._shown):
            # Only what they show is new, and the view paints it.
            self._shown.take(shown)
            return False
        self.beginResetModel()
        # The rows come by the reset; a signal for each would be heard by the view.
        blocked = self.blockSignals(True)  # noqa: FBT003 - Qt's signature
        self._shown = shown
        self._levels = tuple(shown.levels())
        self.size = sum(len(level.rows) for level in self._levels)
        self.removeRows(0, self.rowCount())
        self.setRowCount(len(shown.rows))
        self._add(self.invisibleRootItem(), shown)
        self.blockSignals(blocked)
        self.endResetModel()
        return True

    def _add(self, parent: QStandardItem, level: _Level) -> None:
        # Rows without an item are places only, made thousands at a time.
        for at, below in level.below.items():
            below.item = QStandardItem(len(below.rows), len(self.columns))
            self._add(below.item, below)
            parent.setChild(at, below.item)

    def _holding(self) -> set[Row]:
        """The rows that hold every word of the filter themselves."""
        if self._search is None:
            self._search = {row: row.words().lower() for row in walk(self._rows)}
        texts = self._search
        left: Iterable[Row] = texts
        for word in self._filter:
            left = [row for row in left if word in texts[row]]
        return set(left)

    @virtual_value(NOTHING)
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Words for Qt, the cell for the delegate."""
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


def _passing(rows: Sequence[Row], holding: AbstractSet[Row], *, whole: bool) -> _Level:
    """What passes where these rows hold the words; `whole` when one above does."""
    found = _Level()
    if not any(map(_CHILDREN, rows)):
        found.rows = list(rows) if whole else [row for row in rows if row in holding]
        return found
    for row in rows:
        passes = whole or row in holding
        if row.children:
            below = _passing(row.children, holding, whole=passes)
            if below.rows:
                found.below[len(found.rows)] = below
                passes = True
        if passes:
            found.rows.append(row)
    return found


def is_group(row: Row) -> bool:
    """Whether a row is a heading rather than a thing."""
    return row.kind in (RowKind.GROUP, RowKind.SUBGROUP)


def cell_of(cells: Sequence[Cell], column: int) -> Cell:
    """The cell of a column; rows may be shorter than the table."""
    return cells[column] if column < len(cells) else EMPTY


def walk(rows: Sequence[Row]) -> Iterator[Row]:
    """The rows and all that is below them, in order."""
    for row in rows:
        yield row
        if row.children:
            yield from walk(row.children)
