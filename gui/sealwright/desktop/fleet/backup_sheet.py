"""The sheet that writes a backup."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from sealwright.desktop.tasks import Relay
from sealwright.desktop.widgets.buttons import Button
from sealwright.desktop.widgets.fields import CheckBox, ComboBox, LineEdit
from sealwright.desktop.widgets.forms import FormSheet, with_button
from sealwright.desktop.wording import counted

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.desktop.host import Host
    from sealwright.services.backup.service import MadeBackup
    from sealwright.services.bundle import Services
    from sealwright.services.keys import KeyUse
    from sealwright.services.model import Provider


class BackupSheet(FormSheet):
    """Where the archive goes, and which key signs it."""

    def __init__(self, host: Host, window: QWidget, services: Services) -> None:
        super().__init__(
            host,
            window,
            host.tr("Back up providers"),
            host.tr("Write backup"),
            icon="database",
            size=(560, 420),
        )
        self._services = services
        self._relay = Relay(self)
        self._relay.received.connect(self._on_read)
        one = self.tr("Policies, signers and settings of {0} provider in one archive,")
        many = self.tr("Policies, signers and settings of {0} providers in one archive,")
        rest = self.tr("each file with its hash. Keys are not in it: export those on Signers.")
        self.add_words(f"{counted(len(host.providers), one, many)} {rest}")
        self.file = LineEdit(self.tr("Archive"))
        choose = Button(self.tr("Choose…"), icon="folder")
        choose.clicked.connect(self._on_choose)
        place = with_button(self.file, choose)
        self._file_field = self.add_field(self.tr("Archive"), place)
        self._agreed = ""
        self._overwrite = CheckBox(self.tr("Overwrite the file"))
        self._overwrite.hide()
        self.column.addWidget(self._overwrite)
        self.file.textChanged.connect(self._on_file)
        self._key = ComboBox(self.tr("Signed with"))
        self._key.addItem(self.tr("No key: nobody can prove who made it"), "")
        self.add_field(
            self.tr("Signed with"),
            self._key,
            self.tr("The signature shows later that nobody changed the archive"),
        )
        self.column.addStretch(1)
        task = host.runner.start(services.keys.list)
        task.succeeded.connect(self._on_keys)
        task.failed.connect(host.fail)

    @Slot(object)
    def _on_keys(self, keys: tuple[KeyUse, ...]) -> None:
        for use in keys:
            self._key.addItem(use.key.name, use.key.name)
        if keys:
            self._key.setCurrentIndex(1)

    @Slot()
    def _on_choose(self) -> None:
        dialog = QFileDialog(self, self.tr("Write the backup to"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile("attestation-backup.zip")
        dialog.fileSelected.connect(self._on_chosen)
        dialog.open()

    @Slot(str)
    def _on_chosen(self, path: str) -> None:
        # The dialog has asked already whether a file may be overwritten.
        self._agreed = path
        self.file.setText(path)

    @Slot()
    def _on_file(self) -> None:
        self._file_field.set_problem()
        self._overwrite.setChecked(False)
        self._overwrite.hide()

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """Write the archive."""
        path = self.file.text().strip()
        self._file_field.set_problem("" if path else self.tr("Name the file to write"))
        if not path:
            return None
        key = str(self._key.currentData() or "")
        if self._overwrite.isChecked():
            self._agreed = path
        told = self._relay.post
        write = partial(_written, self._services, self.host.providers, path, key, told)
        return partial(write, overwrite=path == self._agreed)

    @Slot(object)
    def _on_read(self, count: int) -> None:
        every = len(self.host.providers)
        self.progress.set_value(count / every)
        self.set_footer(self.tr("{0} of {1} providers read").format(count, every))

    def failed(self, error: BaseException) -> None:
        """Nothing was written."""
        self.set_footer("")

    def ended(self) -> None:
        """It was called off."""
        self.set_footer("")

    def settled(self, result: object) -> bool:
        """Nothing is written over a file before that was agreed to."""
        if result is not None:
            return True
        words = self.tr("This file exists. Name another one, or agree to overwrite it.")
        self._file_field.set_problem(words)
        self._overwrite.show()
        self._overwrite.setFocus(Qt.FocusReason.OtherFocusReason)
        return False


async def _written(
    services: Services,
    providers: tuple[Provider, ...],
    path: str,
    key: str,
    told: Callable[[int], None],
    *,
    overwrite: bool,
) -> tuple[str, MadeBackup] | None:
    """None where a file is in the way; that is known before anything is read."""
    if not overwrite and await services.files.exists(path):
        return None
    made = await services.backup.create(providers, key, told)
    await services.files.write(path, made.data)
    await services.backup.kept(providers, made, path)
    return path, made
