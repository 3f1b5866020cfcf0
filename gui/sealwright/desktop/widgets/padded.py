"""Room above and below a widget that goes when the widget is hidden."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.virtual import virtual_value


class Padded(QWidget):
    """Shows and hides itself with what it holds."""

    def __init__(self, held: QWidget, room: int = 12, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._held = held
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.px(room), 0, theme.px(room))
        column.addWidget(held)
        if held.isHidden():
            self.hide()
        held.installEventFilter(self)

    @virtual_value(fallback=False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the widget's own wish."""
        kinds = (QEvent.Type.ShowToParent, QEvent.Type.HideToParent)
        if watched is self._held and event.type() in kinds:
            self.setVisible(event.type() == QEvent.Type.ShowToParent)
        return False
