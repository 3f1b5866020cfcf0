"""How the panel is divided: library, documents, the pane under them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from sealwright.desktop import theme
from sealwright.desktop.policies.bottom import BottomPane
from sealwright.desktop.policies.desk import Desk
from sealwright.desktop.policies.dry_run.dock import DryRunDock
from sealwright.desktop.policies.library import Library
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.buttons import ToolButton
from sealwright.desktop.widgets.surfaces import PaneHead

if TYPE_CHECKING:
    from collections.abc import Mapping

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

_LIBRARY = 236
_DRY_RUN = 384
_WIDE = 1110
"""Narrower than this, the dry run joins the views under the text."""
_TEXT, _BOTTOM = 500, 170


class PanelLayout(QWidget):
    """The parts in their splitters."""

    new_wanted = Signal()
    open_wanted = Signal()
    refresh_wanted = Signal()
    dry_run_placed = Signal()
    """The dry run came into sight, went, or stands elsewhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.library = Library(self.tr("Library"))
        self.desk = Desk()
        self.bottom = BottomPane()
        self.middle = _splitter(Qt.Orientation.Vertical, self.desk, self.bottom)
        self.middle.setStretchFactor(0, 1)
        self.middle.setSizes([theme.px(_TEXT), theme.px(_BOTTOM)])
        self.dry_run = DryRunDock()
        self.split = _splitter(
            Qt.Orientation.Horizontal, self._make_side(), self.middle, self.dry_run
        )
        self.split.setStretchFactor(1, 1)
        self.split.setSizes([theme.px(_LIBRARY), theme.px(744), theme.px(_DRY_RUN)])
        self.dry_run.hide()
        self.desk.dry_run_button.clicked.connect(self.show_dry_run)
        self.dry_run.closed.connect(self.toggle_dry_run)
        self._shut = False
        self._narrow_box = QScrollArea()
        self._narrow_box.setWidgetResizable(True)
        self._narrow_box.setFrameShape(QFrame.Shape.NoFrame)
        self._narrow_box.setAccessibleName(self.dry_run.accessibleName())
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

    # --- dry run ------------------------------------------------------------------------------

    @property
    def is_narrow(self) -> bool:
        """Whether the dry run has to stand among the views under the text."""
        return self.width() < theme.px(_WIDE)

    def place_dry_run(self) -> None:
        """Put the dry run beside the text, or under it in a narrow window, unless it was closed."""
        shown = self.desk.front is not None and not self._shut
        below = self.bottom.holds(self._narrow_box)
        if below and not (self.is_narrow and shown):
            self.bottom.take_pane(self._narrow_box)
            self._narrow_box.takeWidget()
            self.split.addWidget(self.dry_run)
            self.split.setSizes([theme.px(_LIBRARY), self.width(), theme.px(_DRY_RUN)])
        elif shown and self.is_narrow and not below:
            self._narrow_box.setWidget(self.dry_run)
            self.bottom.add_pane(self.dry_run.accessibleName(), self._narrow_box)
        self.dry_run.setVisible(shown)
        self.desk.dry_run_button.setVisible(not shown)
        self.dry_run_placed.emit()

    @Slot()
    def show_dry_run(self) -> None:
        """Bring the dry run into sight."""
        self._shut = False
        self.place_dry_run()
        if self.is_narrow and self.desk.front is not None:
            self.bottom.setProperty("shut", None)
            self.bottom.show()
            self.bottom.bring_pane(self._narrow_box)

    @Slot()
    def toggle_dry_run(self) -> None:
        """Close the dry run, or open it again."""
        self._shut = not self._shut
        if self._shut:
            self.place_dry_run()
        else:
            self.show_dry_run()

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self.dry_run.isHidden() and self.is_narrow is not self.bottom.holds(
            self._narrow_box
        ):
            self.place_dry_run()

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
