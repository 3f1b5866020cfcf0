"""Adding an account: cloud, method and what it needs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLineEdit

from sealwright.desktop.accounts.sign_in_sheet import SignInSheet
from sealwright.desktop.accounts.token_fields import TokenFields
from sealwright.desktop.accounts.words import method_words
from sealwright.desktop.widgets.fields import ComboBox, FormField, LineEdit
from sealwright.secret import Secret
from sealwright.services.accounts.accounts import NewAccount
from sealwright.services.ports.accounts import Method

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.host import Host
    from sealwright.services.bundle import Services
    from sealwright.services.keys import KeyUse

_NEEDS = {
    Method.BROWSER: ("tenant",),
    Method.DEVICE_CODE: ("tenant",),
    Method.SECRET: ("tenant", "client", "secret"),
    Method.CERTIFICATE: ("tenant", "client", "key"),
    Method.PKCS11: ("tenant", "client", "hardware"),
    Method.MANAGED_IDENTITY: ("client",),
    Method.WORKLOAD: ("tenant", "client", "file"),
    Method.AZURE_CLI: ("tenant",),
    Method.POWERSHELL: ("tenant",),
}
_MUST = {
    Method.SECRET: ("tenant", "client", "secret"),
    Method.CERTIFICATE: ("tenant", "client", "key"),
    Method.PKCS11: ("tenant", "client", "hardware"),
}


class AddAccountSheet(SignInSheet):
    """Asks for cloud and method, and only for what that method needs."""

    def __init__(self, host: Host, window: QWidget, services: Services) -> None:
        super().__init__(
            host, window, host.tr("Connect to Azure"), host.tr("Sign in"), size=(560, 620)
        )
        self._services = services
        self._keys: tuple[KeyUse, ...] = ()
        self._methods = tuple(method_words())
        self.cloud = ComboBox(self.tr("Cloud"))
        self.cloud.addItems([one.name for one in services.accounts.clouds()])
        self.method = ComboBox(self.tr("Method"))
        for words, _ in method_words().values():
            self.method.addItem(words)
        self.tenant = LineEdit(self.tr("Tenant"), placeholder=self.tr("The account's own"))
        self.client = LineEdit(self.tr("Client ID"), mono=True)
        self.secret = LineEdit(self.tr("Client secret"))
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.key = ComboBox(self.tr("Key"))
        self.file = LineEdit(
            self.tr("Federated token file"), placeholder=self.tr("As AZURE_FEDERATED_TOKEN_FILE")
        )
        self.hardware = TokenFields()
        for box in (self.cloud, self.method, self.key):
            box.view().setAccessibleName(box.accessibleName())
        self._arrange()
        self.method.currentIndexChanged.connect(self._on_method)
        self._on_method()
        task = host.runner.start(services.keys.list)
        task.succeeded.connect(self._on_keys)
        task.failed.connect(host.fail)

    def _arrange(self) -> None:
        self._cloud_field = self.add_field(self.tr("Cloud"), self.cloud)
        self._method_field = self.add_field(self.tr("How to sign in"), self.method, " ")
        self._fields: dict[str, FormField | TokenFields] = {
            "tenant": self.add_field(
                self.tr("Tenant"), self.tenant, self.tr("Domain or id, such as contoso.com")
            ),
            "client": self.add_field(self.tr("Application (client) ID"), self.client),
            "secret": self.add_field(self.tr("Client secret"), self.secret),
            "key": self.add_field(
                self.tr("Key and certificate"),
                self.key,
                self.tr("Import a PKCS#12 file on the Signers panel to have it here"),
            ),
            "file": self.add_field(self.tr("Federated token file"), self.file),
            "hardware": self.hardware,
        }
        self.column.addWidget(self.hardware)
        self.column.addStretch(1)

    def set_busy(self, *, busy: bool) -> None:
        """What was asked for cannot be changed while it is waited for."""
        for field in (self._cloud_field, self._method_field, *self._fields.values()):
            field.setEnabled(not busy)

    def _chosen(self) -> Method:
        return self._methods[self.method.currentIndex()]

    @Slot()
    def _on_method(self) -> None:
        method = self._chosen()
        self._method_field.set_hint(method_words()[method][1])
        # An application has no tenant of its own: it has to be named.
        own = "" if "tenant" in _MUST.get(method, ()) else self.tr("The account's own")
        workload = method is Method.WORKLOAD
        self.tenant.setPlaceholderText(self.tr("As AZURE_TENANT_ID") if workload else own)
        client = {
            Method.WORKLOAD: self.tr("As AZURE_CLIENT_ID"),
            Method.MANAGED_IDENTITY: self.tr("The machine's own (system-assigned)"),
        }
        self.client.setPlaceholderText(client.get(method, ""))
        for name, field in self._fields.items():
            field.setVisible(name in _NEEDS[method])
            field.set_problem()

    @Slot(object)
    def _on_keys(self, keys: tuple[KeyUse, ...]) -> None:
        self._keys = keys
        self.key.clear()
        self.key.addItems([use.key.name for use in keys])

    def _value(self, name: str) -> str:
        fields = {
            "tenant": self.tenant,
            "client": self.client,
            "secret": self.secret,
            "hardware": self.hardware.module,
        }
        if name == "key":
            return self.key.currentText()
        return fields[name].text().strip()

    def _has_problem(self) -> bool:
        missing = [name for name in _MUST.get(self._chosen(), ()) if not self._value(name)]
        for name in _MUST.get(self._chosen(), ()):
            self._fields[name].set_problem(self.tr("Required") if name in missing else "")
        return bool(missing)

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """Sign in as the form says."""
        if self._has_problem():
            return None
        method = self._chosen()
        needs = _NEEDS[method]
        new = NewAccount(
            cloud=self.cloud.currentText(),
            method=method,
            tenant=self._value("tenant") if "tenant" in needs else "",
            client_id=self._value("client") if "client" in needs else "",
            secret=Secret(self.secret.text()) if method is Method.SECRET else None,
            key=self._value("key") if method is Method.CERTIFICATE else "",
            token_file=self.file.text().strip() if method is Method.WORKLOAD else "",
        )
        if method is Method.PKCS11:
            new = self.hardware.filled(new)
        return partial(self._services.accounts.add, new, self.relay.post)
