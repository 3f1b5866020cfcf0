"""Quitting while work is running: says what, and what stopping it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.labels import ElidingLabel, Label
from sealwright.desktop.widgets.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST = 6


class LeaveSheet(Sheet):
    """Keep working, or quit anyway."""

    agreed = Signal()

    def __init__(self, window: QWidget, running: Sequence[str], unsaved: Sequence[str]) -> None:
        size = QSize(theme.px(480), theme.px(300))
        super().__init__(window, self.tr("Quit while work is running?"), icon="warn", size=size)
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(theme.px(22), theme.px(14), theme.px(22), theme.px(14))
        sentence = self.tr(
            "Drafts are saved. A change that was already sent may still take effect at the "
            "provider; it will be read again at the next start."
        )
        column.addWidget(Label(sentence, color="text2", wrap=True))
        for words in [*running, *unsaved][:_MOST]:
            column.addWidget(ElidingLabel(f"•  {words}"))
        column.addStretch(1)
        self.body.addWidget(box)
        stay = Button(self.tr("Keep working"))
        stay.clicked.connect(self.request_close)
        leave = Button(self.tr("Quit anyway"), kind=Kind.DANGER)
        leave.clicked.connect(self._on_leave)
        self.buttons.addWidget(stay)
        self.buttons.addWidget(leave)

    @Slot()
    def _on_leave(self) -> None:
        self.request_close()
        self.agreed.emit()
