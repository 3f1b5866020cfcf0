"""The sheets of the Signers panel: generate, import, export, rename."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QLineEdit, QPlainTextEdit

from sealwright.desktop import theme
from sealwright.desktop.theme import Role
from sealwright.desktop.widgets.buttons import Button
from sealwright.desktop.widgets.fields import LineEdit, SpinBox
from sealwright.desktop.widgets.forms import FormSheet
from sealwright.desktop.widgets.tabs import SegmentedControl
from sealwright.desktop.wording import file_name
from sealwright.secret import Secret
from sealwright.services.ports import NewKey

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.host import Host
    from sealwright.services.bundle import Services

_BITS = (2048, 3072, 4096)
_FORMS = ("pkcs8", "pkcs12")
_SUFFIXES = {"pkcs8": "pem", "pkcs12": "p12"}
_SHORTEST = 8


class GenerateSheet(FormSheet):
    """A new RSA key with a self-signed certificate."""

    def __init__(self, host: Host, window: QWidget, services: Services) -> None:
        super().__init__(
            host,
            window,
            host.tr("Generate a signing key"),
            host.tr("Generate key"),
            icon="key",
            size=(540, 540),
        )
        self._services = services
        self.name = LineEdit(self.tr("Name"))
        self._name_field = self.add_field(
            self.tr("Name"), self.name, self.tr("How the key is called here")
        )
        self.bits = SegmentedControl(self.tr("Key size"), [f"RSA {bits}" for bits in _BITS])
        self.bits.setCurrentIndex(1)
        self.add_field(
            self.tr("Key size"), self.bits, self.tr("4096 takes a few seconds; all are accepted")
        )
        self.subject = LineEdit(self.tr("Subject"))
        self.subject.setPlaceholderText(self.tr("CN= and the name"))
        self.add_field(
            self.tr("Subject"), self.subject, self.tr("As in CN=policy-signer, O=Contoso")
        )
        self.days = SpinBox(self.tr("Valid for days"), 1, 3650)
        self.days.setValue(730)
        self.add_field(self.tr("Valid for days"), self.days)
        self.add_words(
            self.tr("The private key goes into the secret store of this computer and stays there."),
            "text3",
        )
        self.column.addStretch(1)

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """Generate, once there is a name."""
        name = self.name.text().strip()
        self._name_field.set_problem("" if name else self.tr("A name is needed"))
        if not name:
            return None
        new = NewKey(
            name=name,
            bits=_BITS[self.bits.currentIndex()],
            subject=self.subject.text().strip(),
            valid_days=self.days.value(),
        )
        return partial(self._services.keys.generate, new)


class ImportSheet(FormSheet):
    """A key from a file, the clipboard or a drop, with its passphrase where it has one."""

    def __init__(
        self, host: Host, window: QWidget, services: Services, data: bytes = b"", name: str = ""
    ) -> None:
        super().__init__(
            host,
            window,
            host.tr("Import a signing key"),
            host.tr("Import key"),
            icon="import",
            size=(580, 600),
        )
        self._services = services
        self._data = data
        self.name = LineEdit(self.tr("Name"))
        self.name.setText(name)
        self._name_field = self.add_field(self.tr("Name"), self.name)
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(self.tr("Key and certificates as text"))
        self.text.setFont(theme.font(Role.CODE_SMALL))
        self.text.setPlaceholderText("-----BEGIN PRIVATE KEY-----")
        self.text.setTabChangesFocus(True)
        self.text.setMinimumHeight(theme.px(120))
        self._text_field = self.add_field(
            self.tr("Key and certificates"),
            self.text,
            self.tr("PEM (PKCS#1, PKCS#8, encrypted) with its certificates; or a file below"),
        )
        self._from_file = Button(self.tr("Open a file…"), icon="folder")
        self._from_file.clicked.connect(self._on_open)
        self.column.addWidget(self._from_file)
        self.passphrase = LineEdit(self.tr("Passphrase"))
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self._passphrase_field = self.add_field(
            self.tr("Passphrase"), self.passphrase, self.tr("Empty when the key has none")
        )
        self.column.addStretch(1)
        if data:
            self._show_data()

    def _show_data(self) -> None:
        try:
            self.text.setPlainText(self._data.decode("ascii"))
            self._data = b""
        except UnicodeDecodeError:
            self.text.setPlainText("")
            words = self.tr("A binary file of {0} bytes (DER or PKCS#12)").format(len(self._data))
            self.text.setPlaceholderText(words)

    def _on_open(self) -> None:
        dialog = QFileDialog(self, self.tr("Open a key"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._on_selected)
        dialog.open()

    def _on_selected(self, path: str) -> None:
        task = self.host.runner.start(partial(self._services.files.read, path, limit=1 << 20))
        task.succeeded.connect(self._on_read)
        task.failed.connect(self._on_failed)
        if not self.name.text():
            self.name.setText(file_name(path).rsplit(".", 1)[0])

    def _on_read(self, data: object) -> None:
        if isinstance(data, bytes):
            self._data = data
            self._show_data()

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """Import, once there is a name and something to import."""
        name = self.name.text().strip()
        data = self._data or self.text.toPlainText().encode()
        self._name_field.set_problem("" if name else self.tr("A name is needed"))
        self._text_field.set_problem("" if data.strip() else self.tr("There is no key yet"))
        if not (name and data.strip()):
            return None
        words = self.passphrase.text()
        passphrase = Secret(words) if words else None
        return partial(self._services.keys.import_key, name, data, passphrase=passphrase)

    def failed(self, error: BaseException) -> None:
        """A passphrase problem is shown at its field as well."""
        words = str(getattr(error, "summary", ""))
        if "passphrase" in words.lower():
            self._passphrase_field.set_problem(words)


class ExportSheet(FormSheet):
    """A key into an encrypted file."""

    def __init__(self, host: Host, window: QWidget, services: Services, name: str) -> None:
        super().__init__(
            host,
            window,
            host.tr("Export {0}").format(name),
            host.tr("Export…"),
            icon="export",
            size=(520, 460),
        )
        self._services, self._name, self._path = services, name, ""
        self.form = SegmentedControl(
            self.tr("Form"), [self.tr("PKCS#8 (PEM)"), self.tr("PKCS#12 with certificates")]
        )
        self.add_field(self.tr("Form"), self.form)
        self._first = LineEdit(self.tr("Passphrase"))
        self._second = LineEdit(self.tr("Passphrase again"))
        for field in (self._first, self._second):
            field.setEchoMode(QLineEdit.EchoMode.Password)
        self._first_field = self.add_field(
            self.tr("Passphrase"),
            self._first,
            self.tr("The file is always encrypted; without the passphrase it is worth nothing"),
        )
        self._second_field = self.add_field(self.tr("Passphrase again"), self._second)
        self.column.addStretch(1)

    def _has_problem(self) -> bool:
        short = len(self._first.text()) < _SHORTEST
        other = self._first.text() != self._second.text()
        words = self.tr("At least {0} characters").format(_SHORTEST)
        self._first_field.set_problem(words if short else "")
        self._second_field.set_problem(self.tr("The two are not the same") if other else "")
        return short or other

    def submit(self) -> None:
        """Ask where to, then export."""
        if self._path or self._has_problem():
            super().submit()
            return
        suffix = _SUFFIXES[_FORMS[self.form.currentIndex()]]
        dialog = QFileDialog(self, self.tr("Export the key to"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(f"{self._name}.{suffix}")
        dialog.fileSelected.connect(self._on_selected)
        dialog.open()

    def export_to(self, path: str) -> None:
        """Export into this file."""
        self._on_selected(path)

    def _on_selected(self, path: str) -> None:
        self._path = path
        super().submit()
        self._path = ""

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """Encrypt and write."""
        if self._has_problem() or not self._path:
            return None
        services, name, path = self._services, self._name, self._path
        form = _FORMS[self.form.currentIndex()]
        passphrase = Secret(self._first.text())

        async def export() -> str:
            data = await services.keys.export_key(name, form=form, passphrase=passphrase)
            await services.files.write(path, data)
            return path

        return export


class RenameSheet(FormSheet):
    """Another name for a key; its certificate stays."""

    def __init__(self, host: Host, window: QWidget, services: Services, name: str) -> None:
        super().__init__(
            host,
            window,
            host.tr("Rename {0}").format(name),
            host.tr("Rename"),
            icon="pencil",
            size=(460, 300),
        )
        self._services, self._old = services, name
        self.name = LineEdit(self.tr("New name"))
        self.name.setText(name)
        self.name.selectAll()
        self._name_field = self.add_field(self.tr("New name"), self.name)
        self.column.addStretch(1)

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """Rename, when there is another name."""
        name = self.name.text().strip()
        odd = not name or name == self._old
        self._name_field.set_problem(self.tr("Another name is needed") if odd else "")
        return None if odd else partial(self._services.keys.rename, self._old, name)
