"""A tree table that takes many rows a slice at a time, so that the window never stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal, Slot

from sealwright.desktop.widgets.cells import RowKind
from sealwright.desktop.widgets.tree import TreeTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.widgets.cells import Column, Row

_AT_ONCE = 400
"""Rows with what hangs below them that are set in one turn; more come in slices."""
_SLICE = 150


class GrowingTable(TreeTable):
    """Small sets of rows at once, large ones in slices; headings keep their rows together."""

    grown = Signal()
    """All rows are there."""

    def __init__(self, name: str, columns: Sequence[Column], parent: QWidget | None = None) -> None:
        super().__init__(name, columns, parent)
        self._coming: list[tuple[Row | None, Row]] = []
        self._words = ""
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._on_slice)

    @property
    def growing(self) -> bool:
        """Whether rows are still to come."""
        return bool(self._coming)

    def grow(self, rows: Sequence[Row]) -> None:
        """Replace the rows."""
        self._timer.stop()
        self._coming = []
        if sum(map(_size, rows)) <= _AT_ONCE:
            self.set_rows(rows)
            self.grown.emit()
            return
        super().set_filter("")
        self.set_rows([])
        for row in rows:
            if row.kind is RowKind.GROUP:
                children, row.children = row.children, []
                self._coming.append((None, row))
                self._coming += [(row, child) for child in children]
            else:
                self._coming.append((None, row))
        self._timer.start()

    def settle(self) -> None:
        """The rows were changed from outside: show or hide what stands for none."""
        self._place_placeholder()

    @Slot()
    def _on_slice(self) -> None:
        taken = self._slice()
        piece, self._coming = self._coming[:taken], self._coming[taken:]
        for parent, row in piece:
            self.rows.add_row(row, parent.key if parent is not None else "")
        for parent, row in piece:
            self._open(row if parent is None else parent)
        if not self._coming:
            self._timer.stop()
            if self._words:
                super().set_filter(self._words)
            self.grown.emit()

    def _slice(self) -> int:
        """How many of the coming rows are added in one turn."""
        count = 0
        for number, (_, row) in enumerate(self._coming):
            count += _size(row)
            if number and count > _SLICE:
                return number
        return len(self._coming)

    def _open(self, row: Row) -> None:
        index = self.rows.index_of(row.key)
        if row.kind is RowKind.GROUP and not self.isExpanded(index):
            self.setFirstColumnSpanned(index.row(), index.parent(), True)  # noqa: FBT003 - Qt
            self.expand(index)

    def set_filter(self, text: str) -> None:
        """Show rows that hold every word of `text`; while rows come, it waits for the last."""
        self._words = text
        if not self._coming:
            super().set_filter(text)


def _size(row: Row) -> int:
    return 1 + sum(map(_size, row.children))
