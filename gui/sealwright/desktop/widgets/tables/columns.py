"""The button that takes columns of a table out and brings them back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QMenu

from sealwright.desktop.widgets.buttons import ToolButton

if TYPE_CHECKING:
    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.widgets.tables.tree import TreeTable


class ColumnsButton(ToolButton):
    """A menu of the table's columns; the first one always stays."""

    def __init__(self, table: TreeTable, parent: QWidget | None = None) -> None:
        super().__init__("columns", "", size=30, parent=parent)
        name = self.tr("Columns")
        self.setAccessibleName(name)
        self.setToolTip(name)
        self._table = table
        menu = QMenu(self)
        menu.setAccessibleName(name)
        for column in table.rows.columns[1:]:
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setData(column.key)
        menu.aboutToShow.connect(self._on_menu)
        menu.triggered.connect(self._on_chosen)
        self.setMenu(menu)

    @Slot()
    def _on_menu(self) -> None:
        for action in self.menu().actions():
            action.setChecked(action.data() not in self._table.hidden_columns)

    @Slot(object)
    def _on_chosen(self, action: QAction) -> None:
        hidden = self._table.hidden_columns - {action.data()}
        self._table.set_hidden_columns(hidden if action.isChecked() else hidden | {action.data()})
