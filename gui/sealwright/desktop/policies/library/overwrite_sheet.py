"""Asks before a file is overwritten that another program has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.messages import message
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.sheet import Sheet

if TYPE_CHECKING:
    from sealwright.errors import FileChangedError


class OverwriteSheet(Sheet):
    """Overwrite it, save under another name, or leave both texts where they are."""

    overwrite_wanted = Signal()
    other_name_wanted = Signal()

    def __init__(self, window: QWidget, error: FileChangedError) -> None:
        shown = message(error)
        super().__init__(window, shown.title, icon="warn", size=QSize(theme.px(520), theme.px(250)))
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(theme.px(22), theme.px(14), theme.px(22), theme.px(14))
        column.setSpacing(theme.px(8))
        column.addWidget(Label(shown.sentence, wrap=True))
        column.addWidget(Label(shown.hint, color="text2", wrap=True))
        column.addStretch(1)
        self.body.addWidget(box)
        self._add(self.tr("Cancel"), Kind.SECONDARY, self.request_close)
        self._add(self.tr("Overwrite"), Kind.DANGER_OUTLINE, self._on_overwrite)
        self._add(self.tr("Save under another name…"), Kind.PRIMARY, self._on_other_name)

    def _add(self, text: str, kind: Kind, slot: object) -> None:
        button = Button(text, kind=kind)
        button.clicked.connect(slot)
        self.buttons.addWidget(button)

    @Slot()
    def _on_overwrite(self) -> None:
        self.request_close()
        self.overwrite_wanted.emit()

    @Slot()
    def _on_other_name(self) -> None:
        self.request_close()
        self.other_name_wanted.emit()
