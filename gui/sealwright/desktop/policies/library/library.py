"""The library: providers with their attestation types, and texts that belong to no provider yet."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QTreeView

from sealwright.desktop import theme
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.chip import chip_size, paint_chip
from sealwright.desktop.widgets.painting import rounded, words

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QPaintEvent
    from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

_ENTRY = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex
_ROW = 28
_MANY = 40
"""Groups that still stand open by themselves."""
_OWN = frozenset({"group:files", "group:templates"})
_INSET = 6


@dataclass(frozen=True, slots=True)
class Entry:
    """One row. `key` says what it opens; a row without one cannot be opened."""

    key: str
    text: str
    icon: str
    color: str = "text2"
    chip: str = ""
    chip_tone: Tone = Tone.WARN
    tip: str = ""
    faint: bool = False
    children: tuple[Entry, ...] = field(default=())

    @property
    def is_group(self) -> bool:
        """Whether it only holds other rows."""
        return self.key.startswith("group:")


class Library(QTreeView):
    """The tree. `opened(key)` on a click or Enter; groups open and close.

    What is closed, chosen and scrolled to stays over `show_entries`, by key.
    """

    opened = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: dict[str, QStandardItem] = {}
        self._closed: set[str] = set()
        self._seen: set[str] = set()
        self._entries: tuple[Entry, ...] = ()
        self._all: tuple[Entry, ...] = ()
        self._wanted: list[str] = []
        self._filling = False
        self._model = QStandardItemModel(self)
        self.setModel(self._model)
        self.setAccessibleName(name)
        self.setProperty("k", "raised")
        self.setHeaderHidden(True)
        self.setItemDelegate(_Rows(self))
        self.setIndentation(0)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setExpandsOnDoubleClick(False)
        self.setMouseTracking(True)
        self.setFrameShape(QTreeView.Shape.NoFrame)
        self.clicked.connect(self._on_clicked)
        self.expanded.connect(self._on_expanded)
        self.collapsed.connect(self._on_collapsed)

    def show_entries(self, entries: tuple[Entry, ...]) -> None:
        """Replace the rows; those that the filter leaves out wait."""
        self._all = entries
        self._close_many(entries)
        entries = _kept(entries, self._wanted) if self._wanted else entries
        if entries == self._entries:
            return
        before, after = _walk(self._entries), _walk(entries)
        self._entries = entries
        if [entry.key for entry in after] == [entry.key for entry in before]:
            for old, new in zip(before, after, strict=True):
                if new != old:
                    _fill(self._items[new.key], new)
            return
        current = self.current_key
        place = self.verticalScrollBar().value()
        self._filling = True
        self._rebuild(entries)
        self._filling = False
        if current:
            self.choose(current)
        self.verticalScrollBar().setValue(place)
        self.viewport().update()

    def _close_many(self, entries: tuple[Entry, ...]) -> None:
        """Of many groups each is closed until it is wanted."""
        fresh = {entry.key for entry in entries if entry.is_group} - self._seen
        if len(entries) > _MANY:
            self._closed |= {key for key in fresh if key not in _OWN}
        self._seen |= fresh

    def set_filter(self, text: str) -> None:
        """Show what holds every word of `text` in its name, its state or its explanation."""
        self._wanted = text.lower().split()
        self.show_entries(self._all)

    def _rebuild(self, entries: tuple[Entry, ...]) -> None:
        self._model.clear()
        self._items.clear()
        for entry in entries:
            self._add(self._model.invisibleRootItem(), entry)
        for key, item in self._items.items():
            if item.hasChildren() and (key not in self._closed or self._wanted):
                self.expand(item.index())

    def _add(self, parent: QStandardItem, entry: Entry) -> None:
        item = QStandardItem()
        _fill(item, entry)
        self._items[entry.key] = item
        parent.appendRow(item)
        for child in entry.children:
            self._add(item, child)

    @property
    def current_key(self) -> str:
        """Key of the row that has the cursor; empty when none has."""
        entry = entry_of(self.currentIndex())
        return entry.key if entry is not None else ""

    @property
    def closed_groups(self) -> tuple[str, ...]:
        """Keys of groups that are closed."""
        return tuple(sorted(self._closed))

    def close_groups(self, keys: tuple[str, ...]) -> None:
        """Close groups as they were at the last start."""
        self._closed.update(keys)
        for key in keys:
            if key in self._items:
                self.collapse(self._items[key].index())

    def entry(self, key: str) -> Entry | None:
        """The row with a key."""
        item = self._items.get(key)
        return None if item is None else entry_of(item.index())

    def rows(self) -> tuple[Entry, ...]:
        """What is shown, groups included, from top to bottom."""
        return tuple(_walk(self._entries))

    def choose_first(self) -> None:
        """Put the cursor on the first row that can be opened."""
        found = next((entry for entry in _walk(self._entries) if not entry.is_group), None)
        if found is not None:
            self.choose(found.key)

    def choose(self, key: str) -> bool:
        """Put the cursor on a row without opening it."""
        item = self._items.get(key)
        if item is None:
            return False
        self.setCurrentIndex(item.index())
        return True

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        self._open(index)

    def _open(self, index: QModelIndex) -> None:
        entry = entry_of(index)
        if entry is None:
            return
        if entry.is_group:
            self.setExpanded(index, not self.isExpanded(index))
        else:
            self.opened.emit(entry.key)

    @Slot(QModelIndex)
    def _on_expanded(self, index: QModelIndex) -> None:
        entry = entry_of(index)
        if entry is not None and not self._filling:
            self._closed.discard(entry.key)

    @Slot(QModelIndex)
    def _on_collapsed(self, index: QModelIndex) -> None:
        entry = entry_of(index)
        if entry is not None and not self._filling:
            self._closed.add(entry.key)

    @virtual
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    @virtual
    def drawBranches(self, painter: QPainter, rect: QRect, index: _Index) -> None:
        """Chevrons are painted with the row."""

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self.viewport()).fillRect(event.rect(), theme.palette().raised)
        super().paintEvent(event)


class _Rows(QStyledItemDelegate):
    """Rows of 28 with a rounded selection."""

    def __init__(self, tree: Library) -> None:
        super().__init__(tree)
        self._tree = tree

    @virtual_value(QSize(100, 28))
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(theme.px(100), theme.px(_ROW))

    @virtual
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        entry = entry_of(index)
        if entry is None:
            return
        painter.save()
        box = QRect(0, option.rect.top(), self._tree.viewport().width(), option.rect.height())
        self._paint_ground(painter, box, index)
        left = theme.px(8)
        if entry.is_group:
            size = theme.px(13)
            name = "down" if self._tree.isExpanded(index) else "right"
            top = box.top() + (box.height() - size) // 2
            theme.paint(painter, left, top, name, size=size, color="text3")
            left = theme.px(28)
        else:
            left = theme.px(40)
        self._paint_entry(painter, box, entry, left)
        painter.restore()

    def _paint_ground(self, painter: QPainter, box: QRect, index: _Index) -> None:
        colors = theme.palette()
        inset = theme.px(_INSET)
        place = box.adjusted(inset, 1, -inset, -1)
        chosen = index == self._tree.currentIndex()
        place_of_pointer = self._tree.viewport().mapFromGlobal(self._tree.cursor().pos())
        if chosen:
            focused = self._tree.hasFocus()
            ground = colors.sel if focused else colors.tone(Tone.NEU).ground
            rounded(painter, place, theme.px(6), ground, None)
            if focused:
                mark = QRect(place.left(), place.top() + 6, 2, place.height() - 12)
                painter.fillRect(mark, colors.focus)
        elif self._tree.viewport().underMouse() and box.contains(place_of_pointer):
            rounded(painter, place, theme.px(6), colors.hover, None)

    @staticmethod
    def _paint_entry(painter: QPainter, box: QRect, entry: Entry, left: int) -> None:
        colors = theme.palette()
        size = theme.px(16)
        top = box.top() + (box.height() - size) // 2
        theme.paint(painter, left, top, entry.icon, size=size, color=entry.color)
        left += size + theme.px(8)
        right = box.right() - theme.px(_INSET + 6)
        if entry.chip:
            wanted = chip_size(entry.chip, dense=True)
            font = theme.font(Role.BODY)
            painter.setFont(font)
            text = painter.fontMetrics().horizontalAdvance(entry.text)
            at = min(left + text + theme.px(8), right - wanted.width())
            place = QRect(
                at,
                box.top() + (box.height() - wanted.height()) // 2,
                wanted.width(),
                wanted.height(),
            )
            paint_chip(painter, place, entry.chip, entry.chip_tone, dense=True)
            right = at - theme.px(6)
        role = Role.STRONG if entry.is_group else Role.BODY
        color = colors.text3 if entry.faint else colors.text
        words(
            painter,
            QRect(left, box.top(), right - left, box.height()),
            entry.text,
            theme.font(role),
            color,
        )


def entry_of(index: _Index) -> Entry | None:
    """What a row of the library stands for."""
    found = index.data(_ENTRY) if index.isValid() else None
    return found if isinstance(found, Entry) else None


def _fill(item: QStandardItem, entry: Entry) -> None:
    item.setData(entry, _ENTRY)
    spoken = ", ".join(part for part in (entry.text, entry.tip, entry.chip) if part)
    item.setAccessibleText(spoken)
    item.setText(entry.text)
    item.setToolTip(entry.tip)


def _kept(entries: tuple[Entry, ...], wanted: list[str]) -> tuple[Entry, ...]:
    """The rows that hold every word, and the groups they stand in."""
    found = []
    for entry in entries:
        below = _kept(entry.children, wanted)
        said = f"{entry.text} {entry.tip} {entry.chip}".lower()
        if below:
            found.append(replace(entry, children=below))
        elif not entry.is_group and all(word in said for word in wanted):
            found.append(entry)
    return tuple(found)


def _walk(entries: tuple[Entry, ...]) -> list[Entry]:
    found = []
    for entry in entries:
        found += [entry, *_walk(entry.children)]
    return found
