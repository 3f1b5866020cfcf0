"""The list above, the certificate below: the list gets what its rows need, while there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QSplitter

from sealwright.desktop import theme
from sealwright.desktop.virtual import virtual

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent, QShowEvent
    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.widgets.tables.tree import TreeTable

_LEAST = 340


class Halves(QSplitter):
    """Shares the height by itself until somebody moves the handle; from then on that counts."""

    def __init__(self, upper: QWidget, table: TreeTable, lower: QWidget) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self._upper, self._table, self._lower = upper, table, lower
        self._by_hand = False
        self.addWidget(upper)
        self.addWidget(lower)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self.splitterMoved.connect(self._on_moved)

    @property
    def chosen(self) -> list[int]:
        """The sizes that somebody chose; empty while nobody did."""
        return self.sizes() if self._by_hand else []

    def hold(self, sizes: Sequence[int]) -> None:
        """Take up what was chosen."""
        self._by_hand = True
        self.setSizes(sizes)

    def share(self) -> None:
        """Fit the list to its rows, as far as the certificate stays whole."""
        total = self.height()
        if self._by_hand or not total:
            return
        # Hints, not places: what was just shown, such as a banner, is laid out later.
        above = self._upper.sizeHint().height() - self._table.sizeHint().height()
        rows = self._table.model().rowCount()
        row = self._table.visualRect(self._table.model().index(0, 0)).height()
        wanted = above + self._table.header().sizeHint().height() + rows * row + self.handleWidth()
        room = total - self._lower.sizeHint().height() - self.handleWidth()
        least = theme.px(_LEAST)
        upper = min(max(wanted, least), max(room, least))
        self.setSizes([upper, total - upper])

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.share()

    @virtual
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.share()

    @Slot()
    def _on_moved(self) -> None:
        self._by_hand = True
