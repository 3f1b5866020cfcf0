"""Sheets for one provider: its settings, a clone of it, and the same in other tools."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot

from sealwright.desktop.providers.rows import location_words
from sealwright.desktop.providers.tags import read_tags
from sealwright.desktop.widgets.fields import ComboBox, LineEdit
from sealwright.desktop.widgets.forms import FormSheet
from sealwright.services.model import TrustModel
from sealwright.services.ports import NewProvider

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.host import Host
    from sealwright.services.bundle import Services
    from sealwright.services.clone import Cloned
    from sealwright.services.keys import KeyUse
    from sealwright.services.model import Provider
    from sealwright.services.providers.providers import Location

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
        self._location_field = self.add_field(self.tr("Location"), self._location)
        self._location.currentIndexChanged.connect(self._on_location)
        self._key = ComboBox(self.tr("Trust model"))
        self._by_role = self.tr("AAD: whoever has the role changes policies")
        if provider.trust_model is not TrustModel.ISOLATED:
            self._key.addItem(self._by_role, "")
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
        if self._source.trust_model is TrustModel.ISOLATED:
            # Less than it has now: to be chosen, never what is left over.
            self._key.addItem(self._by_role, "")
            self._key.setCurrentIndex(0 if keys else -1)

    @Slot(object)
    def _on_locations(self, places: tuple[Location, ...]) -> None:
        for place in places:
            if place.name != self._source.location:
                self._location.addItem(place.display_name or place.name, place.name)
        if self._refusal() and self._location.count() > 1:
            # Where its own region fails, another one is meant.
            self._location.setCurrentIndex(1)
        self._on_location()

    def _refusal(self) -> str:
        """Why no provider can be made in the chosen location now."""
        place = str(self._location.currentData())
        state = self._services.regions.state_of(self._source.cloud, place)
        return state.refusal if state is not None else ""

    @Slot()
    def _on_location(self) -> None:
        self._location_field.set_problem(self._refusal())

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
        if no_key or self._refusal():
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
