"""The tree table that all panels share: whole rows painted in one place, one delegate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QStyleOptionViewItem, QTreeView, QWidget

from sealwright.desktop import theme
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.tables.cells import Column, Row, RowKind
from sealwright.desktop.widgets.tables.delegate import (
    CellDelegate,
    column_width,
    draw_into,
    row_height,
)
from sealwright.desktop.widgets.tables.rows import RowModel, cell_of, is_group, walk
from sealwright.desktop.widgets.tables.skeleton import draw_skeleton

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_NAME_MIN = 180
_SKELETON_DELAY = 150
_Index = QModelIndex | QPersistentModelIndex


class TreeTable(QTreeView):
    """A tree of `Row`s with columns that leave when the window is narrow."""

    row_chosen = Signal(object)
    """The current row (`Row` or None) after a move by mouse or key."""
    row_opened = Signal(object)
    """Enter or double click on a row."""
    many = 400
    """Above this number of rows all are as high as most are, so that none has to be measured."""

    def __init__(
        self,
        name: str,
        columns: Sequence[Column],
        parent: QWidget | None = None,
        *,
        first_min: int = _NAME_MIN,
    ) -> None:
        super().__init__(parent)
        self._first_min = first_min
        self.setAccessibleName(name)
        self.rows = RowModel(columns, self)
        self._closed: set[str] = set()
        self._hidden: set[str] = set()
        self._loading = False
        self._late = False
        self._placeholder: QWidget | None = None
        self._current_key = ""
        self._settling = False
        self._places: list[tuple[int, int, int]] = []  # column, left edge, width; while painting
        self._hovered = -1
        self._set_up()
        self.setModel(self.rows)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.expanded.connect(self._on_expanded)
        self.collapsed.connect(self._on_collapsed)
        self.doubleClicked.connect(self._on_opened)
        self._size_columns()

    def _set_up(self) -> None:
        self._delegate = CellDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setIndentation(theme.px(14))
        self.setRootIsDecorated(True)
        self.setUniformRowHeights(False)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setExpandsOnDoubleClick(False)
        self.setFrameShape(QTreeView.Shape.NoFrame)
        header = self.header()
        header.setAccessibleName(self.tr("Columns"))
        header.setStretchLastSection(False)
        header.setSectionsMovable(False)
        header.setMinimumSectionSize(theme.px(40))
        header.setHighlightSections(False)

    # --- content ------------------------------------------------------------------------------

    def set_rows(self, rows: Sequence[Row], text: str | None = None) -> None:
        """Replace the rows; what was selected, closed and scrolled to stays, by key.

        With `text` the filter is replaced in the same turn.
        """
        self.set_loading(on=False)
        kinds = [row.kind for row in walk(rows)]
        many = len(kinds) > self.many
        self._delegate.alike = row_height(max(RowKind, key=kinds.count)) if many else 0
        self.setUniformRowHeights(many)
        self._change(lambda: self.rows.set_rows(rows, text))
        # Without a signal for the whole, which would make Qt measure every row again.
        self.viewport().update()

    def update_rows(self, rows: Iterable[Row]) -> None:
        """Show other cells in rows that are here; nothing moves."""
        self.rows.update_rows(rows)

    def set_filter(self, text: str) -> None:
        """Show rows that hold every word of `text`."""
        self._change(lambda: self.rows.set_filter(text))

    def set_loading(self, *, on: bool) -> None:
        """Show skeleton rows, 150 ms from now, until rows are set."""
        self._loading = on
        self._late = False
        if on:
            QTimer.singleShot(_SKELETON_DELAY, self, self._on_late)
        self._place_placeholder()
        self.viewport().update()

    def set_placeholder(self, widget: QWidget | None) -> None:
        """What stands in the table while it has no rows."""
        if self._placeholder is widget:
            return
        if self._placeholder is not None:
            self._placeholder.hide()
            self._placeholder.deleteLater()
        self._placeholder = widget
        if widget is not None:
            widget.setParent(self.viewport())
        self._place_placeholder()

    @property
    def current_row(self) -> Row | None:
        """The row that has the cursor."""
        return self.rows.row_at(self.currentIndex()) if self.currentIndex().isValid() else None

    @property
    def current_key(self) -> str:
        """Key of the row last chosen, also while it is filtered out."""
        return self._current_key

    def selected_rows(self) -> list[Row]:
        """The rows marked, without headings, in table order."""
        chosen: set[Row] = set()
        # Qt's own list of rows searches the whole selection for each of them.
        for span in self.selectionModel().selection().toList():
            chosen.update(self.rows.rows_below(span.parent())[span.top() : span.bottom() + 1])
        return [row for row in self.rows.leaves() if row in chosen]

    def select_key(self, key: str) -> bool:
        """Choose the row with `key`; False when it is not shown."""
        index = self.rows.index_of(key)
        self._current_key = key
        if not index.isValid():
            return False
        self.setCurrentIndex(index)
        self.scrollTo(index)
        return True

    def close_keys(self, keys: Iterable[str]) -> None:
        """Rows with these keys stay closed when they come, until the user opens them."""
        self._closed.update(keys)

    def stays_closed(self, key: str) -> bool:
        """Whether what is below a row is not to be seen."""
        return key in self._closed

    def _change(self, change: Callable[[], bool]) -> None:
        position = self.verticalScrollBar().value()
        key = self._current_key
        self._settling = True
        changed = change()
        if changed:
            self._open_groups()
            # Headings are not spanned: Qt would look for each row among those that are.
            self.executeDelayedItemsLayout()
        self._settling = False
        if not changed:
            return
        index = self.rows.index_of(key) if key else QModelIndex()
        if index.isValid():
            self.setCurrentIndex(index)
            self.verticalScrollBar().setValue(position)
        elif key:
            self.row_chosen.emit(None)
        self._place_placeholder()

    def _open_groups(self) -> None:
        # After a reset nothing is laid out before all of them are known.
        blocked = self.blockSignals(True)  # noqa: FBT003 - Qt's signature
        for index, row in self.rows.headings():
            self.setExpanded(index, not self.stays_closed(row.key))
        self.blockSignals(blocked)

    # --- columns ------------------------------------------------------------------------------

    @property
    def hidden_columns(self) -> set[str]:
        """Keys of columns that the user took out."""
        return set(self._hidden)

    def set_hidden_columns(self, keys: set[str]) -> None:
        """Take columns out; the first one always stays."""
        self._hidden = keys - {self.rows.columns[0].key}
        self._size_columns()

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the first column what the others leave."""
        super().resizeEvent(event)
        self._size_columns()
        self._place_placeholder()

    def _size_columns(self) -> None:
        columns = self.rows.columns
        widths = [column_width(column) for column in columns]
        shown = {i for i, column in enumerate(columns) if column.key not in self._hidden}
        room = self.viewport().width()
        droppable = sorted((i for i in shown if columns[i].drop), key=lambda i: columns[i].drop)
        name_min = theme.px(self._first_min)
        while droppable and room - sum(widths[i] for i in shown if i) < name_min:
            shown.discard(droppable.pop(0))
        rest = room - sum(widths[i] for i in shown if i)
        self._stretch(widths, shown, rest - max(name_min, widths[0] + theme.px(30)))
        rest = room - sum(widths[i] for i in shown if i)
        for i in range(len(columns)):
            self.setColumnHidden(i, i not in shown)
            if i:
                self.setColumnWidth(i, widths[i])
        self.setColumnWidth(0, max(rest, theme.px(120)))

    def _stretch(self, widths: list[int], shown: set[int], spare: int) -> None:
        """Share what the first column does not need among the columns that ask for it."""
        asking = [i for i in shown if i and self.rows.columns[i].stretch]
        whole = sum(self.rows.columns[i].stretch for i in asking)
        if whole and spare > 0:
            for i in asking:
                widths[i] += spare * self.rows.columns[i].stretch // whole

    # --- painting -----------------------------------------------------------------------------

    @virtual
    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Ground, selection, mark and hairline over the full width, then the cells."""
        rect: QRect = option.rect
        row = self.rows.row_at(index)
        if row is None:
            return
        full = QRect(0, rect.top(), self.viewport().width(), rect.height())
        colors = theme.palette()
        chosen = self.selectionModel().isSelected(index)
        if chosen:
            ground = colors.sel if self.hasFocus() else colors.tone(theme.Tone.NEU).ground
        elif row.kind == RowKind.GROUP:
            ground = colors.raised
        elif full.top() <= self._hovered <= full.bottom():
            ground = colors.hover
        else:
            ground = colors.surface
        painter.fillRect(full, ground)
        painter.fillRect(QRect(0, full.bottom(), full.width(), 1), colors.border)
        if chosen:
            mark = colors.focus if self.hasFocus() else colors.edge
            painter.fillRect(QRect(0, full.top(), theme.px(2), full.height()), mark)
        painter.save()
        self._draw_cells(painter, rect, index.sibling(index.row(), 0), row)
        painter.restore()

    def _draw_cells(self, painter: QPainter, rect: QRect, index: QModelIndex, row: Row) -> None:
        # The base class would paint the style's own selection under the branch.
        whole, cells, start = is_group(row), row.cells, self.visualRect(index).left()
        if row.children:
            self.drawBranches(painter, QRect(0, rect.top(), start, rect.height()), index)
        for column, edge, width in self._places[: 1 if whole else None]:
            left = edge if column else start
            right = self.viewport().width() if whole else edge + width
            box = QRect(left, rect.top(), right - left, rect.height())
            draw_into(painter, box, cell_of(cells, column), first=column == 0)

    @virtual
    def drawBranches(self, painter: QPainter, rect: QRect, index: _Index) -> None:
        """A chevron and nothing else."""
        if not self.model().hasChildren(index):
            return
        size = theme.px(13)
        name = "down" if self.isExpanded(index) else "right"
        left = rect.right() - size + theme.px(4)
        theme.paint(painter, left, rect.center().y() - size // 2, name, size=size, color="text2")

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """Rows, or skeleton bars while they are awaited."""
        shown = (i for i in range(len(self.rows.columns)) if not self.isColumnHidden(i))
        self._places = [(i, self.columnViewportPosition(i), self.columnWidth(i)) for i in shown]
        self._hovered = self._hovered_line()
        super().paintEvent(event)
        if self._late and self.rows.rowCount() == 0:
            places = [(left, width) for _, left, width in self._places]
            painter = QPainter(self.viewport())
            draw_skeleton(painter, places, self.viewport().width())
            painter.end()

    def _hovered_line(self) -> int:
        """Where the pointer is, down from the top; -1 when it is elsewhere."""
        viewport = self.viewport()
        place = viewport.mapFromGlobal(self.cursor().pos())
        return place.y() if viewport.underMouse() and viewport.rect().contains(place) else -1

    # --- events -------------------------------------------------------------------------------

    @virtual
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Ctrl+C copies the marked rows as text."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_opened(self.currentIndex())
        elif event.matches(QKeySequence.StandardKey.Copy):
            rows = self.selected_rows()
            text = "\n".join("\t".join(cell.words for cell in row.cells) for row in rows)
            QGuiApplication.clipboard().setText(text)
        else:
            super().keyPressEvent(event)

    @virtual_value(fallback=False)
    def viewportEvent(self, event: QEvent) -> bool:
        """Hover moves over whole rows, so the viewport is painted whole."""
        if event.type() in (QEvent.Type.HoverMove, QEvent.Type.Leave, QEvent.Type.HoverLeave):
            self.viewport().update()
        return super().viewportEvent(event)

    @Slot(QModelIndex, QModelIndex)
    def _on_current(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if self._settling:
            return
        row = self.rows.row_at(current) if current.isValid() else None
        if row is not None:
            self._current_key = row.key
        self.row_chosen.emit(row)

    @Slot(QModelIndex)
    def _on_expanded(self, index: QModelIndex) -> None:
        row = self.rows.row_at(index)
        if row is not None and not self._settling:
            self._closed.discard(row.key)

    @Slot(QModelIndex)
    def _on_collapsed(self, index: QModelIndex) -> None:
        row = self.rows.row_at(index)
        if row is not None and not self._settling:
            self._closed.add(row.key)

    @Slot(QModelIndex)
    def _on_opened(self, index: QModelIndex) -> None:
        row = self.rows.row_at(index) if index.isValid() else None
        if row is None:
            return
        if is_group(row):
            self.setExpanded(index, not self.isExpanded(index))
        else:
            self.row_opened.emit(row)

    @Slot()
    def _on_late(self) -> None:
        self._late = self._loading
        self.viewport().update()

    def _place_placeholder(self) -> None:
        if self._placeholder is None:
            return
        visible = not self._loading and self.rows.rowCount() == 0
        self._placeholder.setVisible(visible)
        if visible:
            self._placeholder.setGeometry(self.viewport().rect())
