"""What the icons in the table's slots mean."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.surfaces import Picture


class Legend(QWidget):
    """Icon and word of each state a policy can be in."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("States of a policy"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(5))
        for icon, color, word in (
            ("dotc", "neu.mark", self.tr("Default")),
            ("pencil", "info.mark", self.tr("Custom")),
            ("none", "neu.mark", self.tr("None set")),
            ("drift", "err.mark", self.tr("Drifted")),
            ("lock", "neu.mark", self.tr("Cannot read")),
        ):
            row.addSpacing(theme.px(5))
            row.addWidget(Picture(icon, color, size=13))
            row.addWidget(Label(word, role=Role.SMALL, color="text2"))
