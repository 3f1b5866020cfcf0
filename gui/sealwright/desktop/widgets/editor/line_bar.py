"""The bar under an editor that goes to a line: `12`, or `12:5` for a column in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.buttons import Button, ToolButton
from sealwright.desktop.widgets.fields import LineEdit, set_invalid
from sealwright.desktop.widgets.labels import ElidingLabel

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from sealwright.desktop.widgets.editor.code_editor import CodeEditor

_PLACE: Final = re.compile(r"\s*([0-9]{1,9})\s*(?:[:,]\s*([0-9]{1,9}))?\s*", re.ASCII)


class LineBar(QFrame):
    """Enter goes there and back to the text, Esc only back."""

    def __init__(self, editor: CodeEditor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self.setProperty("k", "raised")
        self.setAccessibleName(self.tr("Go to line"))
        self.field = LineEdit(
            self.tr("Line, or line:column"), placeholder=self.tr("Line, or line:column"), mono=True
        )
        self.field.setToolTip(self.tr("Enter goes there, Esc back to the text"))
        self.field.setMaximumWidth(theme.px(200))
        self.range = ElidingLabel(role=theme.Role.SMALL, color="text3")
        self.go = Button(self.tr("Go"), small=True, tip=self.tr("Go to this line (Enter)"))
        self.close_button = ToolButton("close", self.tr("Close"), tip=self.tr("Close (Esc)"))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), theme.px(6), theme.px(8), theme.px(6))
        row.setSpacing(theme.px(8))
        row.addWidget(self.field)
        row.addWidget(self.go)
        row.addWidget(self.range, 1)
        row.addWidget(self.close_button)
        self.field.textChanged.connect(self._on_text)
        self.go.clicked.connect(self._on_go)
        self.close_button.clicked.connect(self.dismiss)
        self.hide()

    def open_bar(self) -> None:
        """Ask for a line; the one of the cursor is proposed."""
        self.show()
        self.field.setText(str(self._editor.place()[0]))
        self.field.selectAll()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._on_text()

    @Slot()
    def dismiss(self) -> None:
        """Close and go back to the text."""
        self.hide()
        self._editor.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def _wanted(self) -> tuple[int, int] | None:
        """Line and column, from 1; None while something else is written."""
        found = _PLACE.fullmatch(self.field.text())
        if found is None or int(found[1]) == 0:
            return None
        return int(found[1]), max(int(found[2] or 1), 1)

    @Slot()
    def _on_text(self) -> None:
        self.range.setText(self.tr("of {0}").format(self._editor.blockCount()))
        bad = self._wanted is None
        set_invalid(self.field, invalid=bad and bool(self.field.text()))
        self.go.set_available(self.tr("Write the number of a line first") if bad else "")

    @Slot()
    def _on_go(self) -> None:
        if self._wanted is not None:
            self._editor.go_to_line(*self._wanted)
            self.dismiss()

    @virtual
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_go()
        else:
            super().keyPressEvent(event)
