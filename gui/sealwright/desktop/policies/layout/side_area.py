"""What stands beside the text: one dock, or several behind tabs."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from sealwright.desktop.policies.words import tr
from sealwright.desktop.widgets.tabs import CountTabs


class SideArea(QWidget):
    """Hidden while it is empty; the tabs show from the second dock on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Beside the text"))
        self.tabs = CountTabs(tr("Docks beside the text"), height=36)
        self.stack = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(self.stack, 1)
        self.tabs.currentChanged.connect(self._on_tab)
        self._tell()

    def holds(self, pane: QWidget) -> bool:
        """Whether a dock stands here."""
        return self.stack.indexOf(pane) >= 0

    def add_pane(self, title: str, pane: QWidget) -> None:
        """Another dock at the end."""
        self.stack.addWidget(pane)
        self.tabs.add(title)
        self._tell()

    def take_pane(self, pane: QWidget) -> None:
        """Let go of a dock."""
        place = self.stack.indexOf(pane)
        self.stack.removeWidget(pane)
        self.tabs.removeTab(place)
        self._tell()

    def bring_pane(self, pane: QWidget) -> None:
        """Bring a dock to the front."""
        self.tabs.setCurrentIndex(self.stack.indexOf(pane))
        self._tell()

    @Slot(int)
    def _on_tab(self, _index: int) -> None:
        self._tell()

    def _tell(self) -> None:
        self.stack.setCurrentIndex(max(0, self.tabs.currentIndex()))
        self.tabs.setVisible(self.stack.count() > 1)
        self.setVisible(self.stack.count() > 0)
