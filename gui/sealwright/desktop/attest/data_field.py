"""Runtime or init data: typed or from a file, as JSON or Binary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.attest.words import tr
from sealwright.desktop.evidence.words import size_words
from sealwright.desktop.widgets.buttons import ToolButton
from sealwright.desktop.widgets.fields import ComboBox, LineEdit

if TYPE_CHECKING:
    from sealwright.services.attestation.request import AttachedData

BINARY, JSON = "Binary", "JSON"


class DataField(QWidget):
    """A line of text with its form; a file takes the place of the line."""

    changed = Signal()
    file_wanted = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._file: bytes | None = None
        self.setAccessibleName(name)
        self.line = LineEdit(name, placeholder=tr("None"), mono=True)
        self.line.setToolTip(tr("Text as it is; or hex: or base64: and digits for binary data"))
        self.kind = ComboBox(tr("Form of {0}").format(name))
        self.kind.addItems([JSON, BINARY])
        longest = QFontMetrics(self.kind.font()).horizontalAdvance(BINARY)
        self.kind.setFixedWidth(longest + theme.px(64))
        self.file = ToolButton("folder", tr("{0} from a file").format(name))
        self.clear_file = ToolButton("close", tr("Forget the file of {0}").format(name))
        self.clear_file.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(6))
        row.addWidget(self.line, 1)
        row.addWidget(self.kind)
        row.addWidget(self.file)
        row.addWidget(self.clear_file)
        self.setFocusProxy(self.line)
        self.line.textChanged.connect(self._on_text)
        self.kind.currentIndexChanged.connect(self.changed)
        self.file.clicked.connect(self.file_wanted)
        self.clear_file.clicked.connect(self.forget_file)

    def value(self) -> AttachedData | None:
        """What is attached; None when there is nothing.

        Raises:
            UsageError: the digits after `hex:` or `base64:` are none.
        """
        from sealwright.services.attestation.request import (  # noqa: PLC0415 - after the first paint
            AttachedData,
            DataType,
        )
        from sealwright.services.evidence.reading import octets_of_text  # noqa: PLC0415 - as above

        form = DataType(self.kind.currentText())
        if self._file is not None:
            return AttachedData(self._file, form)
        text = self.line.text()
        if not text.strip():
            return None
        return AttachedData(text.encode() if form is DataType.JSON else octets_of_text(text), form)

    def set_file(self, name: str, data: bytes) -> None:
        """Take the bytes of a file."""
        self._file = data
        self.line.setText(f"{name}, {size_words(len(data))}")
        self.line.setCursorPosition(0)
        self.line.setReadOnly(True)
        self.file.hide()
        self.clear_file.show()
        bare = data.strip()
        self.kind.setCurrentText(JSON if bare[:1] == b"{" else BINARY)
        self.changed.emit()

    def set_text(self, text: str, kind: str) -> None:
        """Take a text."""
        self.forget_file()
        self.kind.setCurrentText(kind)
        self.line.setText(text)
        self.line.setCursorPosition(0)

    @Slot()
    def forget_file(self) -> None:
        """Type again."""
        self._file = None
        self.line.setReadOnly(False)
        self.line.clear()
        self.file.show()
        self.clear_file.hide()

    @Slot(str)
    def _on_text(self, _text: str) -> None:
        if self._file is None:
            self.changed.emit()
