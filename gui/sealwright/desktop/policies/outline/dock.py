"""The outline dock: a tree that leads to sections and rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.policies.words import tr
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.buttons import ToolButton
from sealwright.desktop.widgets.fields import SearchBox
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.surfaces import PaneHead
from sealwright.desktop.widgets.tables.cells import Column
from sealwright.desktop.widgets.tables.tree import TreeTable

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from sealwright.desktop.policies.outline.parts import Outline
    from sealwright.desktop.widgets.tables.cells import Row

_MINIMUM = 320


class OutlineDock(QWidget):
    """Shows the parts of a text; `went_to(start, end)` when one is chosen."""

    went_to = Signal(int, int)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Outline"))
        self.setMinimumWidth(theme.px(_MINIMUM))
        self._lines: tuple[tuple[int, str], ...] = ()
        self.head = PaneHead(tr("Outline"))
        hide = ToolButton(
            "close", tr("Close outline"), tip=tr("Close (Ctrl+Shift+O)"), icon_size=14
        )
        hide.clicked.connect(self.closed)
        self.head.row.addWidget(hide)
        self.filter = SearchBox(tr("Filter the rules"))
        self.tree = TreeTable(
            tr("Sections and rules"),
            [
                Column("rule", tr("Rule"), "When debugging is off MM", icon=True, stretch=1),
                Column("line", tr("Line"), "88888"),
            ],
        )
        self._nothing = Label(color="text2", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.tree.set_placeholder(self._nothing)
        self.filter.textChanged.connect(self.tree.set_filter)
        self.tree.row_opened.connect(self._on_opened)
        self.tree.clicked.connect(self._on_clicked)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        box = QVBoxLayout()
        pad = theme.px(12)
        box.setContentsMargins(pad, theme.px(10), pad, theme.px(8))
        box.addWidget(self.filter)
        column.addLayout(box)
        column.addWidget(self.tree, 1)

    def show_outline(self, outline: Outline, nothing: str = "") -> None:
        """Show sections and rules, or why there are none."""
        self._nothing.setText(nothing or tr("No section and no rule yet."))
        self._lines = outline.lines
        self.tree.set_rows(outline.rows)

    def follow(self, line: int) -> None:
        """Mark the rule or section that a line of the text belongs to."""
        key = next((key for first, key in reversed(self._lines) if first <= line), "")
        if key and key != self.tree.current_key:
            self.tree.select_key(key)

    @Slot(object)
    def _on_opened(self, row: Row) -> None:
        if isinstance(row.data, tuple):
            start, end = row.data
            self.went_to.emit(start, end)

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        row = self.tree.rows.row_at(index)
        if row is not None:
            self._on_opened(row)

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colors = theme.palette()
        painter.fillRect(self.rect(), colors.surface)
        painter.fillRect(0, 0, 1, self.height(), colors.border)
