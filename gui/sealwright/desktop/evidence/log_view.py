"""The event log beside its replay: events, registers, and the bytes of one event."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.evidence.log_rows import event_columns, register_columns
from sealwright.desktop.evidence.words import size_words, tr
from sealwright.desktop.theme import Role
from sealwright.desktop.widgets.buttons import ToolButton
from sealwright.desktop.widgets.fields import SearchBox
from sealwright.desktop.widgets.hex_view import HexView
from sealwright.desktop.widgets.labels import ElidingLabel, Hairline, Label
from sealwright.desktop.widgets.surfaces import EmptyState, PaneHead
from sealwright.desktop.widgets.tables.tree import TreeTable

if TYPE_CHECKING:
    from sealwright.desktop.widgets.tables.cells import Row

_REGISTER = re.compile(r"pcr\d+")
_PAGE = 500
"""Rows in the table at a time: a hostile log has tens of thousands."""


@dataclass(frozen=True, slots=True)
class LogRows:
    """What the view shows."""

    events: list[Row] = field(default_factory=list)
    searches: list[str] = field(default_factory=list)
    """What the filter looks through, one text an event."""
    registers: list[Row] = field(default_factory=list)
    differing: int = 0
    compared: int = 0


class EventBytes(QWidget):
    """What one event measured, as bytes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._head = PaneHead(tr("Event data"), height=36)
        self._size = Label(role=Role.SMALL, color="text3")
        self._head.row.addWidget(self._size)
        self.hex = HexView(tr("Event data"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self.hex, 1)
        self.show_data(tr("Event data"), b"")

    def show_data(self, title: str, data: bytes) -> None:
        """Show another event."""
        self._head.title.setText(title)
        self._size.setText(size_words(len(data)))
        self.hex.set_data(data)


class LogView(QWidget):
    """Events at the left; registers over the chosen event's bytes at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = LogRows()
        self._found: list[Row] = []
        self._first = 0
        self.events = TreeTable(tr("Events"), event_columns(), first_min=120)
        self.events.setRootIsDecorated(False)
        self.events.setUniformRowHeights(True)
        self.events.set_placeholder(EmptyState("rows", tr("No event has these words")))
        self.registers = TreeTable(tr("Registers"), register_columns(), first_min=130)
        self.registers.setRootIsDecorated(False)
        self.registers.setUniformRowHeights(True)
        self.registers.set_placeholder(EmptyState("hash", tr("No register can be replayed")))
        self.bytes = EventBytes()
        self.filter = SearchBox(
            tr("Filter events"), placeholder=tr("Filter events, for example pcr7")
        )
        self._count = ElidingLabel(role=Role.SMALL, color="text3")
        self._earlier = ToolButton("up", tr("Earlier events"))
        self._later = ToolButton("down", tr("Later events"))
        self._replay = ElidingLabel(role=Role.SMALL, color="text2")
        self._lay_out()
        self.filter.textChanged.connect(self._on_filter)
        self.events.row_chosen.connect(self._on_event)
        self.registers.row_opened.connect(self._on_register)
        self._earlier.clicked.connect(self._on_earlier)
        self._later.clicked.connect(self._on_later)

    def _lay_out(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.px(12), theme.px(4), theme.px(12), theme.px(4))
        bar.setSpacing(theme.px(6))
        bar.addWidget(self.filter, 2)
        bar.addWidget(self._count, 1)
        bar.addWidget(self._earlier)
        bar.addWidget(self._later)
        column.addLayout(bar)
        column.addWidget(Hairline())
        column.addWidget(self.events, 1)
        head = PaneHead(tr("Replay"), height=36)
        head.row.addWidget(self._replay)
        upper = QWidget()
        top = QVBoxLayout(upper)
        top.setContentsMargins(0, 0, 0, 0)
        top.setSpacing(0)
        top.addWidget(head)
        top.addWidget(self.registers, 1)
        right = _splitter(Qt.Orientation.Vertical, (upper, self.bytes), (400, 300))
        whole = _splitter(Qt.Orientation.Horizontal, (left, right), (720, 560))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(whole)

    def show_log(self, rows: LogRows) -> None:
        """Show another log."""
        self._rows = rows
        self.registers.set_rows(rows.registers)
        if rows.compared:
            words = tr("{0} of {1} equal").format(rows.compared - rows.differing, rows.compared)
        else:
            words = tr("Nothing to compare with")
        self._replay.setText(words)
        differing = (row for row in rows.registers if getattr(row.data, "agrees", None) is False)
        first = next(differing, None)
        if first is not None:
            self.registers.select_key(first.key)
        self.bytes.show_data(tr("Event data"), b"")
        self._on_filter(self.filter.text())

    @Slot(str)
    def _on_filter(self, text: str) -> None:
        wanted = [_word(word) for word in text.lower().split()]
        pairs = zip(self._rows.events, self._rows.searches, strict=True)
        self._found = [row for row, search in pairs if all(word in search for word in wanted)]
        self._first = 0
        self._show_page()

    def _show_page(self) -> None:
        end = min(self._first + _PAGE, len(self._found))
        self.events.set_rows(self._found[self._first : end])
        whole = len(self._found)
        many = whole > _PAGE
        self._earlier.setVisible(many)
        self._later.setVisible(many)
        first = tr("These are the first ones.")
        last = tr("These are the last ones.")
        self._earlier.set_available("" if self._first else first)
        self._later.set_available("" if end < whole else last)
        if many:
            words = tr("{0}\u2013{1} of {2}").format(self._first + 1, end, f"{whole:,}")
        else:
            words = tr("{0} of {1}").format(f"{whole:,}", f"{len(self._rows.events):,}")
        self._count.setText(words)

    @Slot()
    def _on_earlier(self) -> None:
        self._first = max(self._first - _PAGE, 0)
        self._show_page()

    @Slot()
    def _on_later(self) -> None:
        self._first += _PAGE
        self._show_page()

    @Slot(object)
    def _on_event(self, row: Row | None) -> None:
        event = row.data if row is not None else None
        data = getattr(event, "data", b"")
        if event is not None and isinstance(data, bytes):
            number = getattr(event, "sequence", 0)
            self.bytes.show_data(tr("Data of event {0}").format(number), data)

    @Slot(object)
    def _on_register(self, row: Row) -> None:
        """Show the events that went into a register."""
        self.filter.setText(f"pcr{getattr(row.data, 'index', 0)}")


def _word(word: str) -> str:
    """A register is meant exactly: `pcr1` is not `pcr10`."""
    return f"{word};" if _REGISTER.fullmatch(word) else word


def _splitter(
    way: Qt.Orientation, parts: tuple[QWidget, QWidget], sizes: tuple[int, int]
) -> QSplitter:
    made = QSplitter(way)
    made.setHandleWidth(1)
    made.setChildrenCollapsible(False)
    for part in parts:
        made.addWidget(part)
    made.setStretchFactor(0, 1)
    made.setSizes([theme.px(size) for size in sizes])
    return made
