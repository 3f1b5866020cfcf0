"""The head of a panel and the bar below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.labels import ElidingLabel, Label

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent


class PanelHead(QWidget):
    """Title, subtitle, actions at the right: ghost, secondary, primary in this order."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(theme.px(56))
        self._title = Label(title, role=Role.TITLE)
        self._subtitle = ElidingLabel(color="text3")
        self.tools = QHBoxLayout()
        self.tools.setSpacing(theme.px(8))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(16), 0, theme.px(16), 1)
        row.setSpacing(theme.px(12))
        row.addWidget(self._title)
        row.addWidget(self._subtitle, 1)
        row.addLayout(self.tools)

    def set_subtitle(self, text: str) -> None:
        """One line beside the title."""
        self._subtitle.setText(text)

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """The line below."""
        QPainter(self).fillRect(0, self.height() - 1, self.width(), 1, theme.palette().border)


class FilterBar(QWidget):
    """A row of 48 for filters, with a line below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(theme.px(48))
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(theme.px(16), 0, theme.px(16), 1)
        self.row.setSpacing(theme.px(8))

    @virtual_value(QSize(200, 48))
    def minimumSizeHint(self) -> QSize:
        """Gives way with the window."""
        return QSize(theme.px(300), theme.px(48))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """The line below."""
        QPainter(self).fillRect(0, self.height() - 1, self.width(), 1, theme.palette().border)
