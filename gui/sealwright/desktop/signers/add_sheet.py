"""Which certificate becomes a signer: one of my keys, a file, or pasted text."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit

from sealwright.desktop import theme
from sealwright.desktop.theme import Role
from sealwright.desktop.widgets.buttons import Button
from sealwright.desktop.widgets.fields import ComboBox
from sealwright.desktop.widgets.forms import FormSheet

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.host import Host
    from sealwright.services.bundle import Services
    from sealwright.services.keys import KeyUse
    from sealwright.services.model import Certificate

_LARGEST = 1 << 20


class AddSignerSheet(FormSheet):
    """Chooses the certificate; the change itself is another sheet."""

    certificate_chosen = Signal(object)

    def __init__(
        self, host: Host, window: QWidget, services: Services, keys: Sequence[KeyUse]
    ) -> None:
        super().__init__(
            host,
            window,
            host.tr("Which certificate shall be trusted?"),
            host.tr("Go on"),
            icon="signers",
            size=(560, 500),
        )
        self._services, self._keys = services, tuple(keys)
        self._data = b""
        self.which = ComboBox(self.tr("Certificate of"))
        for use in self._keys:
            self.which.addItem(self.tr("My key {0}").format(use.key.name))
        self.which.addItem(self.tr("A file or pasted text"))
        self.add_field(self.tr("Certificate of"), self.which)
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(self.tr("Certificate as text"))
        self.text.setFont(theme.font(Role.CODE_SMALL))
        self.text.setPlaceholderText("-----BEGIN CERTIFICATE-----")
        self.text.setTabChangesFocus(True)
        self._text_field = self.add_field(
            self.tr("Certificate"), self.text, self.tr("PEM, DER or PKCS#7")
        )
        self._open = Button(self.tr("Open a file…"), icon="folder")
        self._open.clicked.connect(self._on_open)
        self.column.addWidget(self._open)
        self.column.addStretch(1)
        self.text.textChanged.connect(self._on_text)
        self.which.currentIndexChanged.connect(self._on_which)
        self._on_which()
        self.done.connect(self._on_read)

    @Slot()
    def _on_which(self) -> None:
        foreign = self.which.currentIndex() >= len(self._keys)
        self._text_field.setVisible(foreign)
        self._open.setVisible(foreign)

    @Slot()
    def _on_text(self) -> None:
        self._data = b""

    @Slot()
    def _on_open(self) -> None:
        dialog = QFileDialog(self, self.tr("Open a certificate"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._on_selected)
        dialog.open()

    @Slot(str)
    def _on_selected(self, path: str) -> None:
        call = partial(self._services.files.read, path, limit=_LARGEST)
        task = self.host.runner.start(call)
        task.succeeded.connect(self._on_file)
        task.failed.connect(self._on_failed)

    @Slot(object)
    def _on_file(self, data: bytes) -> None:
        try:
            self.text.setPlainText(data.decode("ascii"))
        except UnicodeDecodeError:
            # What was there before must not be taken for this file.
            self.text.clear()
            self._data = data
            words = self.tr("A binary file of {0} bytes").format(len(data))
            self.text.setPlaceholderText(words)

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """Take the key's certificate, or read the text."""
        at = self.which.currentIndex()
        services, keys = self._services, self._keys
        data = self.text.toPlainText().encode() or self._data
        if at >= len(keys) and not data.strip():
            self._text_field.set_problem(self.tr("There is no certificate yet"))
            return None

        async def read() -> Certificate:
            if at < len(keys):
                return keys[at].key.certificate
            return services.signers.read_signer(data)

        return read

    @Slot(object)
    def _on_read(self, certificate: Certificate) -> None:
        self.certificate_chosen.emit(certificate)
