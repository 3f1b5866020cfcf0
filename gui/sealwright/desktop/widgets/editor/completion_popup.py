"""The list of what can be written at the cursor, with the meaning of the chosen entry under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.labels import Hairline, Label
from sealwright.desktop.widgets.painting import rounded, words
from sealwright.desktop.widgets.shadow import SMALL
from sealwright.desktop.widgets.surfaces import HoverCard

if TYPE_CHECKING:
    from PySide6.QtWidgets import QStyleOptionViewItem

    from sealwright.policy.writing.completion import Item

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_ROW = 26
_MOST_ROWS = 8
NOTHING: object = None


class _Items(QAbstractListModel):
    """Entries by row."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.items: tuple[Item, ...] = ()

    def show_items(self, items: tuple[Item, ...]) -> None:
        """Replace the entries."""
        self.beginResetModel()
        self.items = items
        self.endResetModel()

    @virtual_value(0)
    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.items)

    @virtual_value(NOTHING)
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not 0 <= index.row() < len(self.items):
            return None
        item = self.items[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return item.label
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (item.label, item.detail, item.meaning) if part)
        return None


class CompletionPopup(HoverCard):
    """Never takes the keyboard: the editor goes on being typed into."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAccessibleName(self.tr("What can be written here"))
        edge = SMALL.reach + theme.px(4)
        self.body.setContentsMargins(edge, edge, edge, edge)
        self.body.setSpacing(theme.px(4))
        self._items = _Items(self)
        self.list = QListView()
        self.list.setAccessibleName(self.accessibleName())
        self.list.setModel(self._items)
        self.list.setItemDelegate(_Rows(self.list, self._items))
        self.list.setFrameShape(QListView.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setProperty("k", "overlay")
        self.line = Hairline()
        self.meaning = Label(role=Role.SMALL, color="text2", wrap=True)
        self.meaning.setContentsMargins(theme.px(8), 0, theme.px(8), theme.px(2))
        for widget in (self.list, self.line, self.meaning):
            self.body.addWidget(widget)

    def show_items(self, items: tuple[Item, ...], anchor: QRect, *, choose: bool) -> None:
        """Open under `anchor` of the window; the first entry is chosen when `choose`."""
        self._items.show_items(items)
        self.list.setFixedHeight(theme.px(_ROW) * min(len(items), _MOST_ROWS))
        self._anchor = anchor
        self._choose(0 if choose else -1)

    @property
    def items(self) -> tuple[Item, ...]:
        """What it shows, best first."""
        return self._items.items

    @property
    def chosen(self) -> Item | None:
        """The entry that Enter takes."""
        row = self.list.currentIndex().row()
        return self._items.items[row] if 0 <= row < len(self._items.items) else None

    def step(self, by: int) -> None:
        """Choose another entry, around the ends for single steps."""
        count = len(self._items.items)
        row = self.list.currentIndex().row()
        if abs(by) == 1:
            self._choose(max(row, -1 if by > 0 else 0) + by if row + by >= 0 else count - 1)
        else:
            self._choose(max(0, min(row + by, count - 1)))

    def _choose(self, row: int) -> None:
        count = len(self._items.items)
        index = self._items.index(row % count) if row >= 0 and count else _ROOT
        self.list.setCurrentIndex(index)
        item = self.chosen
        text = " ".join(part for part in (item.meaning,) if part) if item is not None else ""
        self.meaning.setText(text)
        self.meaning.setVisible(bool(text))
        self.line.setVisible(bool(text))
        self.body.activate()
        self.open_at(self._anchor)


class _Rows(QStyledItemDelegate):
    """Name at the left, what it is at the right."""

    def __init__(self, view: QListView, items: _Items) -> None:
        super().__init__(view)
        self._view = view
        self._items = items

    @virtual_value(QSize(100, 26))
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(theme.px(100), theme.px(_ROW))

    @virtual
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        item = self._items.items[index.row()]
        painter.save()
        colors = theme.palette()
        painter.fillRect(option.rect, colors.overlay)
        if index.row() == self._view.currentIndex().row():
            rounded(painter, option.rect, theme.px(5), colors.sel, None)
        font = QFont(theme.font(Role.CODE))
        font.setStrikeOut(item.deprecated)
        box = option.rect.adjusted(theme.px(8), 0, -theme.px(8), 0)
        taken = min(QFontMetrics(font).horizontalAdvance(item.label) + theme.px(12), box.width())
        label = colors.text3 if item.deprecated else colors.text
        words(painter, QRect(box.left(), box.top(), taken, box.height()), item.label, font, label)
        rest = box.adjusted(taken, 0, 0, 0)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        words(painter, rest, item.detail, theme.font(Role.SMALL), colors.text3, align=right)
        painter.restore()
