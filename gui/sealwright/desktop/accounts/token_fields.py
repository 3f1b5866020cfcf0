"""A PKCS#11 token in a form: the maker's library, which token, which key, and the PIN."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.accounts.sign_in_sheet import SignInSheet
from sealwright.desktop.widgets.buttons import Button
from sealwright.desktop.widgets.fields import CheckBox, FormField, LineEdit
from sealwright.desktop.widgets.labels import Label
from sealwright.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.desktop.host import Host
    from sealwright.services.accounts.account_list import Account
    from sealwright.services.accounts.accounts import NewAccount
    from sealwright.services.bundle import Services


def pin_field(name: str) -> LineEdit:
    """A field for a PIN; empty where the device asks for it itself."""
    field = LineEdit(name)
    field.setEchoMode(QLineEdit.EchoMode.Password)
    return field


class TokenFields(QWidget):
    """Asks for the one thing that is needed, the library, and for what tells keys apart."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.module = LineEdit(
            self.tr("PKCS#11 module"), placeholder=self.tr("Such as opensc-pkcs11.so"), mono=True
        )
        self._browse = Button(self.tr("Choose…"), icon="folder", small=True)
        self._browse.clicked.connect(self._on_browse)
        self.token = LineEdit(self.tr("Token"), placeholder=self.tr("The only one present"))
        self.key = LineEdit(
            self.tr("Key on the token"), placeholder=self.tr("The only one with a certificate")
        )
        self.pin = pin_field(self.tr("PIN"))
        self.keep = CheckBox(self.tr("Keep the PIN where keys are kept"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(14))
        place = QWidget()
        place.setAccessibleName(self.module.accessibleName())
        row = QHBoxLayout(place)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        row.addWidget(self.module, 1)
        row.addWidget(self._browse)
        self._module_field = FormField(
            self.tr("PKCS#11 module"),
            place,
            hint=self.tr("The library that came with the card, stick or security module"),
        )
        column.addWidget(self._module_field)
        for title, field, hint in (
            (self.tr("Token"), self.token, self.tr("Label, serial number, or slot:N")),
            (self.tr("Key"), self.key, self.tr("Label, or id in hex")),
            (
                self.tr("PIN"),
                self.pin,
                self.tr("Tried once, never again by itself. Empty where the reader has keys."),
            ),
        ):
            column.addWidget(FormField(title, field, hint=hint))
        column.addWidget(self.keep)

    def set_problem(self, text: str = "") -> None:
        """What is wrong with the module."""
        self._module_field.set_problem(text)

    def filled(self, new: NewAccount) -> NewAccount:
        """A new account with what these fields say."""
        return replace(
            new,
            module=self.module.text().strip(),
            token=self.token.text().strip(),
            key=self.key.text().strip(),
            secret=Secret(self.pin.text()) if self.pin.text() else None,
            keep_pin=self.keep.isChecked(),
        )

    @Slot()
    def _on_browse(self) -> None:
        dialog = QFileDialog(self, self.tr("PKCS#11 module"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(self.tr("Libraries (*.so *.so.* *.dll *.dylib);;All files (*)"))
        dialog.fileSelected.connect(self.module.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


class PinSheet(SignInSheet):
    """Signs an account in again whose key stays on a token."""

    def __init__(self, host: Host, window: QWidget, services: Services, account: Account) -> None:
        super().__init__(
            host, window, host.tr("Sign in again"), host.tr("Sign in"), size=(500, 380)
        )
        self._services, self._account = services, account
        profile = account.profile
        words = self.tr("The token proves {0} with its key.").format(profile.name)
        self.column.insertWidget(1, Label(words, color="text2", wrap=True))
        kept = self.tr("Kept where keys are kept, as you chose. Tried once.")
        once = self.tr("For this session only. Tried once. Empty where the reader has keys.")
        self.pin = pin_field(self.tr("PIN"))
        self._field = FormField(self.tr("PIN"), self.pin, hint=kept if profile.keep_pin else once)
        self.column.insertWidget(2, self._field)
        self.column.addStretch(1)

    def set_busy(self, *, busy: bool) -> None:
        """The PIN cannot be changed while it is tried."""
        self._field.setEnabled(not busy)

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """Try it."""
        pin = Secret(self.pin.text()) if self.pin.text() else None
        again = self._services.accounts.sign_in_again
        return partial(again, self._account.profile.id, self.relay.post, pin=pin)
