"""How the panel is divided: library, documents, the pane under them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSplitter, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.panel import sizes_in
from sealwright.desktop.policies.bottom import BottomPane
from sealwright.desktop.policies.building.dock import BuilderDock
from sealwright.desktop.policies.document.desk import Desk
from sealwright.desktop.policies.dry_run.dock import DryRunDock
from sealwright.desktop.policies.layout.docks import Docks
from sealwright.desktop.policies.layout.side_area import SideArea
from sealwright.desktop.policies.layout.surroundings import DIFF, OWN_VIEWS
from sealwright.desktop.policies.library.library import Library
from sealwright.desktop.policies.outline.dock import OutlineDock
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.buttons import ToolButton
from sealwright.desktop.widgets.fields import SearchBox
from sealwright.desktop.widgets.surfaces import PaneHead

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtGui import QResizeEvent

    from sealwright.desktop.policies.layout.lent_view import LentView

_LIBRARY = 236
_DRY_RUN = 384
_WIDE = 1110
"""Narrower than this, the docks join the views under the text."""
_TEXT, _BOTTOM = 500, 170
_DOCK_BELOW, _TEXT_LEAST = 320, 160
DRY_RUN, BUILDER, OUTLINE = "dry-run", "builder", "outline"


class PanelLayout(QWidget):
    """The parts in their splitters."""

    new_wanted = Signal()
    open_wanted = Signal()
    refresh_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.library = Library(self.tr("Library"))
        self.filter = SearchBox(
            self.tr("Filter the library"), placeholder=self.tr("Policies and templates")
        )
        self.filter.textChanged.connect(self.library.set_filter)
        self.filter.returnPressed.connect(self._on_filtered)
        self.filter.hide()
        self.desk = Desk()
        self.bottom = BottomPane()
        self.middle = _splitter(Qt.Orientation.Vertical, self.desk, self.bottom)
        self.middle.setStretchFactor(0, 1)
        self.middle.setSizes([theme.px(_TEXT), theme.px(_BOTTOM)])
        self.dry_run = DryRunDock()
        self.builder = BuilderDock()
        self.outline = OutlineDock()
        self.side = SideArea()
        self.split = _splitter(Qt.Orientation.Horizontal, self._make_side(), self.middle, self.side)
        self.split.setStretchFactor(1, 1)
        self.split.setSizes([theme.px(_LIBRARY), theme.px(744), theme.px(_DRY_RUN)])
        self.docks = Docks(self.side, self.bottom, self._open_bottom, self)
        self._beside = 0
        self._narrow_bottom: list[int] = []
        self._lendable: list[int] = []
        self._add_docks()
        self.bottom.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.split)

    def _add_docks(self) -> None:
        desk = self.desk
        self.docks.add(DRY_RUN, self.dry_run, self.dry_run.head, desk.dry_run_button, opened=True)
        self.docks.add(BUILDER, self.builder, self.builder.head, desk.builder_button, opened=False)
        self.docks.add(OUTLINE, self.outline, self.outline.head, desk.outline_button, opened=False)
        self.dry_run.closed.connect(self.toggle_dry_run)
        self.builder.closed.connect(self.toggle_builder)
        self.outline.closed.connect(self.toggle_outline)
        self.docks.placed.connect(self._on_placed)
        self.bottom.lend_wanted.connect(self.lend)
        self.bottom.lent_wanted.connect(self.side.bring_pane)
        # A dock that comes to the front of its tabs is in sight, too.
        self.side.tabs.currentChanged.connect(self.docks.placed)
        self.bottom.tabs.currentChanged.connect(self.docks.placed)

    def lend(self, index: int) -> None:
        """Put a view of the pane below beside the text."""
        lent = self.bottom.lend(index)
        lent.back_wanted.connect(partial(self._take_back, lent))
        self.side.add_pane(lent.accessibleName(), lent)
        self.side.bring_pane(lent)
        self.docks.placed.emit()

    def _take_back(self, lent: LentView) -> None:
        self.side.take_pane(lent)
        self.bottom.take_back(lent)
        self.docks.placed.emit()

    def state(self) -> dict[str, object]:
        """Sizes and closed groups, as JSON values."""
        return {
            "split": self.split.sizes(),
            "middle": self._narrow_bottom or self.middle.sizes(),
            "closed": list(self.library.closed_groups),
            "docks": self.docks.state(),
            "lent": self.bottom.lent or self._lendable,
        }

    def restore(self, state: Mapping[str, object]) -> None:
        """Take over what `state` once gave; anything odd in it is ignored."""
        for name, splitter in (("split", self.split), ("middle", self.middle)):
            sizes = sizes_in(state, name)
            if sizes:
                splitter.setSizes(sizes)
        docks = state.get("docks")
        if isinstance(docks, dict):
            self.docks.restore(docks)
        lent = state.get("lent")
        if isinstance(lent, list):
            self._lendable = [index for index in range(OWN_VIEWS) if index in lent]
        closed = state.get("closed")
        if isinstance(closed, list):
            self.library.close_groups(tuple(str(key) for key in closed))

    # --- docks --------------------------------------------------------------------------------

    @property
    def is_narrow(self) -> bool:
        """Whether the docks have to stand among the views under the text."""
        return self.width() < theme.px(_WIDE)

    @Slot()
    def toggle_filter(self) -> None:
        """Open the field that filters the library; shut it, and nothing is left out any more."""
        shown = not self.filter.isVisible()
        self.filter.setVisible(shown)
        if shown:
            self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self.filter.clear()
            self.library.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def _on_filtered(self) -> None:
        self.library.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.library.choose_first()

    def key_calls(self) -> dict[str, Callable[[], object]]:
        """What keys can open and shut, by name."""
        return {
            "dry-run": self.toggle_dry_run,
            "builder": self.toggle_builder,
            "outline": self.toggle_outline,
            "filter": self.toggle_filter,
        }

    @Slot()
    def place_docks(self) -> None:
        """Put the open docks beside the text, or under it, while there is a document."""
        narrow = self.tr("The window is too narrow for a view beside the text")
        self.bottom.allow_moves(narrow if self.is_narrow else "")
        if self.is_narrow:
            self._lendable = self.bottom.lent or self._lendable
            for lent in self.bottom.lent_views:
                self._take_back(lent)
        else:
            wanted, self._lendable = self._lendable, []
            for index in wanted:
                self.lend(index)
        self.docks.place(shown=self.desk.front is not None, narrow=self.is_narrow)

    @Slot()
    def show_dry_run(self) -> None:
        """Bring the dry run into sight."""
        self.docks.show(DRY_RUN)

    @Slot()
    def toggle_dry_run(self) -> None:
        """Close the dry run, or open it again."""
        self.docks.toggle(DRY_RUN)

    @Slot()
    def toggle_builder(self) -> None:
        """Close the builder, or open it again."""
        self.docks.toggle(BUILDER)

    @Slot()
    def toggle_outline(self) -> None:
        """Close the outline, or open it and go there."""
        self.docks.toggle(OUTLINE)
        if self.outline.isVisible():
            self.outline.tree.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _open_bottom(self) -> None:
        self.bottom.setProperty("shut", None)
        self.bottom.show()
        # A dock is taller than the views that are at home there.
        whole, wanted = sum(self.middle.sizes()), theme.px(_DOCK_BELOW)
        if self.middle.sizes()[1] < wanted < whole - theme.px(_TEXT_LEAST):
            self.middle.setSizes([whole - wanted, wanted])

    @Slot()
    def _on_placed(self) -> None:
        count = self.side.stack.count()
        if count and not self._beside:
            self.split.setSizes([theme.px(_LIBRARY), self.width(), theme.px(_DRY_RUN)])
        elif not count:
            # Or the place stays empty until the next turn of the event loop.
            self.split.refresh()
        self._beside = count
        self._make_room_below()

    def _make_room_below(self) -> None:
        """Give half of the height to a dock under the text, and to a difference, while it shows."""
        view = self.bottom.tabs.currentIndex()
        below = self.bottom.isVisible() and (view >= OWN_VIEWS or view == DIFF)
        if below and not self._narrow_bottom:
            text, bottom = self.middle.sizes()
            if bottom < text:
                self._narrow_bottom = [text, bottom]
                half = (text + bottom) // 2
                self.middle.setSizes([text + bottom - half, half])
        elif not below and self._narrow_bottom:
            self.middle.setSizes(self._narrow_bottom)
            self._narrow_bottom = []

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.docks.wants(narrow=self.is_narrow):
            self.place_docks()

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
        self.filter_button = ToolButton(
            "filter",
            self.tr("Filter the library"),
            tip=self.tr("Find a policy or a template by its words (Ctrl+L)"),
        )
        self.filter_button.clicked.connect(self.toggle_filter)
        head.row.addWidget(add)
        head.row.addWidget(self.filter_button)
        head.row.addWidget(refresh)
        column.addWidget(head)
        box = QHBoxLayout()
        box.setContentsMargins(theme.px(10), theme.px(8), theme.px(10), 0)
        box.addWidget(self.filter)
        column.addLayout(box)
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
