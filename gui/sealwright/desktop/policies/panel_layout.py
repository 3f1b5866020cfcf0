"""How the panel is divided: library, documents, the pane under them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSplitter, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.policies.bottom import BottomPane
from sealwright.desktop.policies.desk import Desk
from sealwright.desktop.policies.library import Library
from sealwright.desktop.widgets.buttons import ToolButton
from sealwright.desktop.widgets.surfaces import PaneHead

if TYPE_CHECKING:
    from collections.abc import Mapping

_LIBRARY = 236
_TEXT, _BOTTOM = 500, 170


class PanelLayout(QWidget):
    """The parts in their splitters."""

    new_wanted = Signal()
    open_wanted = Signal()
    refresh_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.library = Library(self.tr("Library"))
        self.desk = Desk()
        self.bottom = BottomPane()
        self.middle = _splitter(Qt.Orientation.Vertical, self.desk, self.bottom)
        self.middle.setStretchFactor(0, 1)
        self.middle.setSizes([theme.px(_TEXT), theme.px(_BOTTOM)])
        self.split = _splitter(Qt.Orientation.Horizontal, self._make_side(), self.middle)
        self.split.setStretchFactor(1, 1)
        self.split.setSizes([theme.px(_LIBRARY), theme.px(900)])
        self.bottom.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.split)

    def state(self) -> dict[str, object]:
        """Sizes and closed groups, as JSON values."""
        return {
            "split": self.split.sizes(),
            "middle": self.middle.sizes(),
            "closed": list(self.library.closed_groups),
        }

    def restore(self, state: Mapping[str, object]) -> None:
        """Take over what `state` once gave; anything odd in it is ignored."""
        for name, splitter in (("split", self.split), ("middle", self.middle)):
            sizes = state.get(name)
            if isinstance(sizes, list) and all(isinstance(size, int) for size in sizes):
                splitter.setSizes([int(size) for size in sizes])
        closed = state.get("closed")
        if isinstance(closed, list):
            self.library.close_groups(tuple(str(key) for key in closed))

    def _make_side(self) -> QWidget:
        side = QWidget()
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        side.setProperty("k", "raised")
        side.setMinimumWidth(theme.px(160))
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = PaneHead(self.tr("Library"))
        add = ToolButton("plus", self.tr("New or open"))
        add.setMenu(self._make_add_menu())
        refresh = ToolButton(
            "refresh", self.tr("Read all again"), tip=self.tr("Ask every provider again (F5)")
        )
        refresh.clicked.connect(self.refresh_wanted)
        head.row.addWidget(add)
        head.row.addWidget(refresh)
        column.addWidget(head)
        column.addSpacing(theme.px(6))
        column.addWidget(self.library, 1)
        return side

    def _make_add_menu(self) -> QMenu:
        menu = QMenu(self)
        new = menu.addAction(theme.icon("plus"), self.tr("New policy text\tCtrl+N"))
        new.triggered.connect(self.new_wanted)
        opened = menu.addAction(theme.icon("folder"), self.tr("Open file…\tCtrl+O"))
        opened.triggered.connect(self.open_wanted)
        return menu


def _splitter(way: Qt.Orientation, *widgets: QWidget) -> QSplitter:
    made = QSplitter(way)
    made.setHandleWidth(1)
    made.setChildrenCollapsible(False)
    for widget in widgets:
        made.addWidget(widget)
    return made
