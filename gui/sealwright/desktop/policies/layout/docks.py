"""The docks about the document in front: each open or shut, beside the text or below it.

In a narrow window all of them stand below; a wider one brings back those that stood beside.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from sealwright.desktop.policies.words import tr
from sealwright.desktop.widgets.buttons import ToolButton

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sealwright.desktop.widgets.surfaces import PaneHead

_SHUT, _BESIDE, _BELOW = "shut", "beside", "below"


class Area(Protocol):
    """Where docks can stand."""

    def holds(self, pane: QWidget) -> bool:
        """Whether a dock stands here."""

    def add_pane(self, title: str, pane: QWidget) -> None:
        """Another dock at the end."""

    def take_pane(self, pane: QWidget) -> None:
        """Let go of a dock."""

    def bring_pane(self, pane: QWidget) -> None:
        """Bring a dock to the front."""


@dataclass(eq=False)
class Dock:
    """A dock, its button in the bar of the documents, and where the user wants it."""

    widget: QWidget
    button: ToolButton
    mover: ToolButton
    box: QScrollArea
    opened: bool
    below: bool = False


class Docks(QObject):
    """Places the docks. `placed` when one came into sight, went, or stands elsewhere."""

    placed = Signal()

    def __init__(
        self,
        beside: Area,
        below: Area,
        open_below: Callable[[], object],
        home: QWidget,
    ) -> None:
        super().__init__(home)
        self._home = home
        self._beside, self._below, self._open_below = beside, below, open_below
        self._docks: dict[str, Dock] = {}
        self._shown = self._narrow = False

    def add(
        self, key: str, widget: QWidget, head: PaneHead, button: ToolButton, *, opened: bool
    ) -> None:
        """Take in a dock. Its head gets the buttons that move and shut it."""
        # What stands nowhere belongs to the panel: it would outlive the window otherwise.
        widget.setParent(self._home)
        box = QScrollArea(self._home)
        box.hide()
        box.setWidgetResizable(True)
        box.setFrameShape(QFrame.Shape.NoFrame)
        box.setAccessibleName(widget.accessibleName())
        mover = ToolButton("down", tr("Move this dock"), icon_size=14)
        mover.clicked.connect(partial(self.move, key))
        head.row.insertWidget(head.row.count() - 1, mover)
        self._docks[key] = Dock(widget, button, mover, box, opened)
        button.clicked.connect(partial(self.show, key))
        widget.hide()

    def place(self, *, shown: bool, narrow: bool) -> None:
        """Put every open dock where it belongs; `shown` while there is a document."""
        self._shown, self._narrow = shown, narrow
        for dock in self._docks.values():
            self._place(dock)
        self.placed.emit()

    def wants(self, *, narrow: bool) -> bool:
        """Whether a window of that width stands otherwise than now."""
        return narrow is not self._narrow

    def _place(self, dock: Dock) -> None:
        shown = self._shown and dock.opened
        below = shown and (dock.below or self._narrow)
        if self._below.holds(dock.box) and not below:
            self._below.take_pane(dock.box)
            dock.box.takeWidget()
            dock.widget.setParent(self._home)
        if self._beside.holds(dock.widget) and (below or not shown):
            self._beside.take_pane(dock.widget)
        name = dock.widget.accessibleName()
        if below and not self._below.holds(dock.box):
            dock.box.setWidget(dock.widget)
            self._below.add_pane(name, dock.box)
        elif shown and not below and not self._beside.holds(dock.widget):
            self._beside.add_pane(name, dock.widget)
        if below or not shown:
            dock.widget.setVisible(shown)
        # Beside the text its tab says whether it is in sight: behind another it does nothing.
        dock.button.setVisible(not shown)
        dock.mover.set_icon("right" if dock.below else "down")
        tip = tr("Move beside the text") if dock.below else tr("Move below the text")
        dock.mover.setToolTip(tip)
        dock.mover.setAccessibleName(tip)
        narrow = tr("The window is too narrow for a dock beside the text")
        dock.mover.set_available(narrow if self._narrow else "")

    def show(self, key: str, _checked: object = None) -> None:
        """Bring a dock into sight."""
        dock = self._docks[key]
        dock.opened = True
        self.place(shown=self._shown, narrow=self._narrow)
        if self._below.holds(dock.box):
            self._open_below()
            self._below.bring_pane(dock.box)
        elif self._beside.holds(dock.widget):
            self._beside.bring_pane(dock.widget)

    def toggle(self, key: str) -> None:
        """Shut a dock that is in sight; else open it, or bring it before the others."""
        dock = self._docks[key]
        if dock.opened and (dock.widget.isVisible() or not self._shown):
            dock.opened = False
            self.place(shown=self._shown, narrow=self._narrow)
        else:
            self.show(key)

    def move(self, key: str, _checked: object = None) -> None:
        """Put a dock to the other place."""
        self._docks[key].below = not self._docks[key].below
        self.show(key)

    # --- state --------------------------------------------------------------------------------

    def state(self) -> dict[str, str]:
        """Where each dock stands, as JSON values."""
        return {
            key: (_BELOW if dock.below else _BESIDE) if dock.opened else _SHUT
            for key, dock in self._docks.items()
        }

    def restore(self, state: Mapping[str, object]) -> None:
        """Take over what `state` once gave; anything odd in it is ignored."""
        for key, dock in self._docks.items():
            kept = state.get(key)
            if kept in (_SHUT, _BESIDE, _BELOW):
                dock.opened, dock.below = kept != _SHUT, kept == _BELOW
