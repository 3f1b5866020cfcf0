"""A view that belongs below the text and stands beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.policies.words import tr
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.buttons import ToolButton
from sealwright.desktop.widgets.surfaces import PaneHead

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

_MINIMUM = 320


class LentView(QWidget):
    """Holds the view and its actions until it goes back."""

    back_wanted = Signal()

    def __init__(self, title: str, view: QWidget, actions: QWidget | None) -> None:
        super().__init__()
        self.setAccessibleName(title)
        self.setMinimumWidth(theme.px(_MINIMUM))
        self.view, self.actions_row = view, actions
        head = PaneHead(title)
        self.back = ToolButton("down", tr("Move below the text"), icon_size=14)
        self.back.clicked.connect(self.back_wanted)
        head.row.addWidget(self.back)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        if actions is not None:
            column.addWidget(actions)
            actions.show()
        column.addWidget(view, 1)
        view.show()

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colors = theme.palette()
        painter.fillRect(self.rect(), colors.surface)
        painter.fillRect(0, 0, 1, self.height(), colors.border)
