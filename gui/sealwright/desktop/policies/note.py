"""One sentence where a list would be empty."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.surfaces import Picture


class Note(QWidget):
    """Icon and words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(16), theme.px(12), theme.px(16), theme.px(12))
        row.setSpacing(theme.px(8))
        self._icon = Picture("info", "text3")
        self._text = Label(color="text2", wrap=True)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1, Qt.AlignmentFlag.AlignTop)

    @property
    def words(self) -> str:
        """The sentence."""
        return self._text.text()

    def tell(self, text: str, icon: str = "info", color: str = "text3") -> None:
        """Show a sentence."""
        self._text.setText(text)
        self._icon.set_icon(icon, color)
