"""Sheets for one provider: its settings, a clone of it, and the same in other tools."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Slot
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from sealwright.claims.attestation_type import MAIN_TYPES, AttestationType
from sealwright.desktop import theme
from sealwright.desktop.providers.rows import location_words
from sealwright.desktop.providers.tags import read_tags
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.details import CopyButton
from sealwright.desktop.widgets.fields import ComboBox, LineEdit
from sealwright.desktop.widgets.forms import FormSheet
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.sheet import Sheet
from sealwright.desktop.widgets.tabs import SegmentedControl
from sealwright.services.model import TrustModel
from sealwright.services.ports import NewProvider

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.desktop.host import Host
    from sealwright.services.bundle import Services
    from sealwright.services.clone import Cloned
    from sealwright.services.keys import KeyUse
    from sealwright.services.model import Provider
    from sealwright.services.providers import Location

_NAME = re.compile(r"[a-zA-Z0-9-]{3,24}")
_SWITCH = ("Enabled", "Disabled")


class SettingsSheet(FormSheet):
    """Tags, network access and TPM authentication of a provider."""

    def __init__(self, host: Host, window: QWidget, services: Services, provider: Provider) -> None:
        super().__init__(
            host,
            window,
            host.tr("Settings of {0}").format(provider.name),
            host.tr("Save settings"),
            icon="settings",
            size=(560, 480),
        )
        self._services, self._provider = services, provider
        self.tags = LineEdit(self.tr("Tags"))
        self.tags.setText(", ".join(f"{name}={value}" for name, value in provider.tags.items()))
        self._tags_field = self.add_field(
            self.tr("Tags"), self.tags, self.tr("name=value, separated by commas")
        )
        self.network = self._switch(
            self.tr("Public network access"), provider.public_network_access
        )
        self.tpm = self._switch(
            self.tr("TPM attestation needs sign-in"), provider.tpm_attestation_authentication
        )
        self.column.addStretch(1)

    def _switch(self, title: str, value: str) -> ComboBox:
        box = ComboBox(title)
        box.addItems(list(_SWITCH))
        box.setCurrentIndex(max(box.findText(value), 0))
        self.add_field(title, box)
        return box

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """Change what differs."""
        tags = read_tags(self.tags.text())
        self._tags_field.set_problem(
            "" if tags is not None else self.tr("Write each tag as name=value")
        )
        if tags is None:
            return None
        return partial(
            self._services.providers.update,
            self._provider.id,
            tags=tags,
            public_network_access=self.network.currentText(),
            tpm_attestation_authentication=self.tpm.currentText(),
        )


class CloneSheet(FormSheet):
    """A new provider that applies what another applies."""

    def __init__(self, host: Host, window: QWidget, services: Services, provider: Provider) -> None:
        super().__init__(
            host,
            window,
            host.tr("Clone {0}").format(provider.name),
            host.tr("Make clone"),
            icon="copy",
            size=(560, 520),
        )
        self._services, self._source = services, provider
        self._keys: tuple[KeyUse, ...] = ()
        self.add_words(
            self.tr(
                "The policies and signers of {0} are read, a new provider is made, and each policy"
                " is uploaded there, read back and compared."
            ).format(provider.name)
        )
        self.name = LineEdit(self.tr("Name"))
        self._name_field = self.add_field(
            self.tr("Name"), self.name, self.tr("3 to 24 letters, digits and hyphens")
        )
        self._location = ComboBox(self.tr("Location"))
        self._location.addItem(location_words(provider), provider.location)
        self.add_field(self.tr("Location"), self._location)
        self._key = ComboBox(self.tr("Trust model"))
        if provider.trust_model is not TrustModel.ISOLATED:
            self._key.addItem(self.tr("AAD: whoever has the role changes policies"), "")
        self._key_field = self.add_field(
            self.tr("Trust model"),
            self._key,
            self.tr("Isolated: the chosen key is its first signer and signs the policies"),
        )
        self.column.addStretch(1)
        self.name.textChanged.connect(self._on_name)
        keys = host.runner.start(services.keys.list)
        keys.succeeded.connect(self._on_keys)
        keys.failed.connect(self._on_failed)
        if provider.subscription:
            call = partial(services.providers.locations, provider.cloud, provider.subscription)
            places = host.runner.start(call)
            places.succeeded.connect(self._on_locations)
            places.failed.connect(self._on_failed)

    @Slot(object)
    def _on_keys(self, keys: tuple[KeyUse, ...]) -> None:
        for use in keys:
            self._key.addItem(self.tr("Isolated, signed with {0}").format(use.key.name), use)

    @Slot(object)
    def _on_locations(self, places: tuple[Location, ...]) -> None:
        for place in places:
            if place.name != self._source.location:
                self._location.addItem(place.display_name or place.name, place.name)

    @Slot(str)
    def _on_name(self, name: str) -> None:
        """The rules are checked while the name is typed."""
        bad = bool(name) and not _NAME.fullmatch(name)
        self._name_field.set_problem(
            self.tr("3 to 24 letters, digits and hyphens, nothing else") if bad else ""
        )

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """Make the clone."""
        name, use = self.name.text(), self._key.currentData()
        no_key = self._key.currentIndex() < 0
        self._key_field.set_problem(
            self.tr("Generate or import a key on the Signers panel first") if no_key else ""
        )
        if not _NAME.fullmatch(name):
            self._name_field.set_problem(self.tr("3 to 24 letters, digits and hyphens"))
            return None
        if no_key:
            return None
        source = self._source
        key = use.key if use else None
        new = NewProvider(
            subscription=source.subscription,
            resource_group=source.resource_group,
            name=name,
            location=str(self._location.currentData()),
            signing_certificates=(key.certificate.der,) if key else (),
            tags=dict(source.tags),
            public_network_access=source.public_network_access,
            tpm_attestation_authentication=source.tpm_attestation_authentication,
        )
        return partial(_cloned, self._services, source, new, key.name if key else "")


async def _cloned(services: Services, source: Provider, new: NewProvider, key: str) -> Cloned:
    return await services.clones.clone(source, source.cloud, new, key)


class CommandsSheet(Sheet):
    """The actions of this program on a provider, in the words of other tools."""

    def __init__(self, window: QWidget, provider: Provider) -> None:
        super().__init__(
            window,
            window.tr("Equivalent commands for {0}").format(provider.name),
            icon="terminal",
            size=QSize(theme.px(820), theme.px(560)),
        )
        self._provider = provider
        self.tool = SegmentedControl(self.tr("Tool"), ["az", "PowerShell", "REST"])
        self.kind = ComboBox(self.tr("Attestation type"))
        for kind in MAIN_TYPES:
            self.kind.addItem(kind.value, kind)
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(self.tr("Commands"))
        self.text.setReadOnly(True)
        self.text.setProperty("k", "code")
        self.text.setFont(theme.font(theme.Role.CODE))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self._copy = CopyButton(self.tr("commands"), "", self)
        holder = QWidget()
        column = QVBoxLayout(holder)
        pad = theme.px(16)
        column.setContentsMargins(pad, theme.px(12), pad, theme.px(12))
        column.setSpacing(theme.px(10))
        words = self.tr("For reading and copying: nothing of it is run.")
        column.addWidget(Label(words, color="text2", wrap=True))
        column.addWidget(self.tool)
        column.addWidget(self.kind)
        column.addWidget(self.text, 1)
        self.body.addWidget(holder, 1)
        close = Button(self.tr("Close"), kind=Kind.PRIMARY)
        close.clicked.connect(self.request_close)
        self.buttons.addWidget(self._copy)
        self.buttons.addWidget(close)
        self.tool.currentChanged.connect(self._show)
        self.kind.currentIndexChanged.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        from sealwright.services import equivalents as same  # noqa: PLC0415 - when it is opened

        # Qt gives the data of an item back as plain text.
        provider, kind = self._provider, AttestationType(str(self.kind.currentData()))
        isolated = provider.trust_model is TrustModel.ISOLATED
        groups = (
            (self.tr("List the providers of its group"), same.list_providers(provider)),
            (self.tr("Read the provider"), same.show_provider(provider)),
            (self.tr("List the shared providers"), same.default_providers(provider)),
            (self.tr("Read the policy"), same.show_policy(provider, kind)),
            (self.tr("Set the policy"), same.set_policy(provider, kind, signed=isolated)),
            (self.tr("Reset the policy"), same.reset_policy(provider, kind)),
            (self.tr("List the signers"), same.list_signers(provider)),
            (self.tr("Add a signer"), same.add_signer(provider)),
            (self.tr("Remove a signer"), same.remove_signer(provider)),
            (self.tr("Make the provider"), same.create_provider(provider, isolated=isolated)),
            (self.tr("Change its tags"), same.update_provider(provider)),
            (self.tr("Delete it"), same.delete_provider(provider)),
            (self.tr("Register the namespace"), same.register(provider)),
            (self.tr("List the private endpoints"), same.list_endpoints(provider)),
            (self.tr("Approve or reject one"), same.set_endpoint(provider)),
            (self.tr("Delete one"), same.delete_endpoint(provider)),
            (self.tr("Read its signing keys"), same.signing_keys(provider)),
            (self.tr("Attest"), same.attest(provider, f"/attest/{kind.value}")),
        )
        tool = self.tool.currentIndex()
        text = "\n\n".join(f"# {title}\n{commands[tool].text}" for title, commands in groups)
        self.text.setPlainText(text)
        self._copy.set_value(text)
