"""Making a provider: name, place, trust model, and for Isolated its first signer."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot

from sealwright.desktop.providers.tags import read_tags
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.fields import ComboBox, LineEdit
from sealwright.desktop.widgets.forms import FormSheet
from sealwright.desktop.widgets.tabs import SegmentedControl
from sealwright.services.ports import NewProvider

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.host import Host
    from sealwright.services.bundle import Services
    from sealwright.services.keys import KeyUse
    from sealwright.services.model import Provider
    from sealwright.services.providers import CloudInfo, Location

_NAME = re.compile(r"[a-zA-Z0-9-]{3,24}")


class NewProviderSheet(FormSheet):
    """Asks for what ARM needs; the lists fill themselves from the chosen cloud."""

    def __init__(self, host: Host, window: QWidget, services: Services) -> None:
        super().__init__(
            host,
            window,
            host.tr("New attestation provider"),
            host.tr("Create provider"),
            icon="providers",
            size=(560, 808),
        )
        self._services = services
        self._clouds: tuple[CloudInfo, ...] = services.providers.clouds()
        self._keys: tuple[KeyUse, ...] = ()
        self._read: set[object] = set()
        self._add_place()
        self._add_trust()
        self._add_more()
        self.column.addStretch(1)
        self.name.textChanged.connect(self._on_name)
        self.problem.acted.connect(self._on_register)
        self.trust.currentChanged.connect(self._on_trust)
        self._cloud.currentIndexChanged.connect(self._on_cloud)
        self._subscription.currentIndexChanged.connect(self._on_subscription)
        self._on_cloud()
        task = host.runner.start(services.keys.list)
        task.succeeded.connect(self._on_keys)
        task.failed.connect(host.fail)

    def _add_place(self) -> None:
        self.name = LineEdit(self.tr("Name"))
        self._name_field = self.add_field(
            self.tr("Name"), self.name, self.tr("3 to 24 letters, digits and hyphens")
        )
        self._cloud = ComboBox(self.tr("Cloud"))
        self._cloud.addItems([cloud.name for cloud in self._clouds])
        self._subscription = ComboBox(self.tr("Subscription"))
        self._group = ComboBox(self.tr("Resource group"))
        self._group.setEditable(True)
        self._location = ComboBox(self.tr("Location"))
        self.add_field(self.tr("Cloud"), self._cloud)
        self._subscription_field = self.add_field(self.tr("Subscription"), self._subscription)
        self._group_field = self.add_field(
            self.tr("Resource group"), self._group, self.tr("Made when it is not there")
        )
        self._location_field = self.add_field(self.tr("Location"), self._location)
        self._location.currentIndexChanged.connect(self._on_location)

    def _add_trust(self) -> None:
        self.trust = SegmentedControl(
            self.tr("Trust model"), [self.tr("AAD: who has the role"), self.tr("Isolated: signed")]
        )
        self.add_field(self.tr("Trust model"), self.trust)
        self._signer = ComboBox(self.tr("First signer"))
        self._signer_field = self.add_field(
            self.tr("First signer"),
            self._signer,
            self.tr("Only policies signed by a trusted key can be set afterwards"),
        )
        self._signer_field.hide()

    def _add_more(self) -> None:
        self._policies = ComboBox(self.tr("Policies"))
        self._policies.addItem(self.tr("The service's defaults"), None)
        for provider in self.host.providers:
            self._policies.addItem(self.tr("As {0} applies them").format(provider.name), provider)
        self.add_field(
            self.tr("Policies"),
            self._policies,
            self.tr("Uploaded in the same run, each read back and compared"),
        )
        self.tags = LineEdit(self.tr("Tags"))
        self._tags_field = self.add_field(
            self.tr("Tags"), self.tags, self.tr("name=value, separated by commas")
        )
        self._network = ComboBox(self.tr("Public network access"))
        self._network.addItems(["Enabled", "Disabled"])
        self.add_field(self.tr("Public network access"), self._network)

    def _chosen_cloud(self) -> str:
        return self._cloud.currentText()

    @Slot()
    def _on_cloud(self) -> None:
        cloud = self._chosen_cloud()
        if not cloud:
            return
        self._read.clear()
        call = partial(self._services.providers.subscriptions, cloud)
        task = self.host.runner.start(call)
        task.succeeded.connect(self._on_subscriptions)
        task.failed.connect(self._on_failed)

    @Slot(object)
    def _on_subscriptions(self, found: tuple[tuple[str, str], ...]) -> None:
        self._read.add(self._subscription)
        self._subscription.clear()
        for identity, name in found:
            self._subscription.addItem(name or identity, identity)

    @Slot()
    def _on_subscription(self) -> None:
        subscription = self._subscription.currentData()
        if not isinstance(subscription, str):
            return
        providers, cloud = self._services.providers, self._chosen_cloud()
        groups = self.host.runner.start(partial(providers.resource_groups, cloud, subscription))
        groups.succeeded.connect(self._on_groups)
        groups.failed.connect(self._on_failed)
        registered = self.host.runner.start(
            partial(self._services.endpoints.registration, cloud, subscription)
        )
        registered.succeeded.connect(self._on_registration)
        registered.failed.connect(self._on_failed)
        places = self.host.runner.start(partial(providers.locations, cloud, subscription))
        places.succeeded.connect(self._on_locations)
        places.failed.connect(self._on_failed)

    @Slot(object)
    def _on_registration(self, state: str) -> None:
        """Without it ARM refuses to make any provider in the subscription."""
        if state == "Registered":
            self.problem.hide()
            return
        self.problem.tell(
            Tone.WARN,
            self.tr("This subscription is not registered for attestation"),
            self.tr("Microsoft.Attestation is {0}; no provider can be made in it yet.").format(
                state
            ),
            action=self.tr("Register it"),
        )

    @Slot()
    def _on_register(self) -> None:
        subscription = str(self._subscription.currentData() or "")
        call = partial(self._services.endpoints.register, self._chosen_cloud(), subscription)
        task = self.host.runner.start(call, title=self.tr("Registering Microsoft.Attestation"))
        task.succeeded.connect(self._on_registration)
        task.failed.connect(self._on_failed)

    @Slot(str)
    def _on_name(self, name: str) -> None:
        """The rules are checked while the name is typed."""
        bad = bool(name) and not _NAME.fullmatch(name)
        taken = any(each.name.lower() == name.lower() for each in self.host.providers)
        words = ""
        if bad:
            words = self.tr("3 to 24 letters, digits and hyphens, nothing else")
        elif taken:
            words = self.tr("A provider of this name is known here already")
        self._name_field.set_problem(words)

    @Slot(object)
    def _on_groups(self, names: tuple[str, ...]) -> None:
        self._group.clear()
        self._group.addItems(list(names))

    @Slot(object)
    def _on_locations(self, places: tuple[Location, ...]) -> None:
        self._read.add(self._location)
        self._location.clear()
        for place in places:
            self._location.addItem(place.display_name or place.name, place.name)

    def _refusal(self) -> str:
        """Why no provider can be made in the chosen location now."""
        place = str(self._location.currentData())
        state = self._services.regions.state_of(self._chosen_cloud(), place)
        return state.refusal if state is not None else ""

    @Slot()
    def _on_location(self) -> None:
        self._location_field.set_problem(self._refusal())

    @Slot(object)
    def _on_keys(self, keys: tuple[KeyUse, ...]) -> None:
        self._read.add(self._signer)
        self._keys = keys
        self._signer.clear()
        self._signer.addItems([use.key.name for use in keys])

    @Slot(int)
    def _on_trust(self, index: int) -> None:
        self._signer_field.setVisible(index == 1)

    def _missing(self, box: ComboBox, words: str) -> str:
        """Why nothing is chosen; a list that is not there yet is no fault of the user's."""
        if box.currentIndex() >= 0:
            return ""
        return words if box in self._read else self.tr("Being read; try again in a moment")

    def _has_problem(self) -> bool:
        name = self.name.text()
        bad_name = not _NAME.fullmatch(name)
        self._name_field.set_problem(
            self.tr("3 to 24 letters, digits and hyphens, nothing else") if bad_name else ""
        )
        no_group = not self._group.currentText().strip()
        self._group_field.set_problem(self.tr("A name is needed") if no_group else "")
        no_subscription = self._missing(
            self._subscription, self.tr("This account sees no subscription in this cloud")
        )
        self._subscription_field.set_problem(no_subscription)
        no_place = self._missing(
            self._location, self.tr("No location takes providers of this subscription")
        )
        place = no_subscription or no_place or self._refusal()
        self._location_field.set_problem("" if no_subscription else place)
        no_signer = self._missing(
            self._signer, self.tr("Generate or import a key on the Signers panel first")
        )
        no_signer = no_signer if self.trust.currentIndex() == 1 else ""
        self._signer_field.set_problem(no_signer)
        bad_tags = read_tags(self.tags.text()) is None
        self._tags_field.set_problem(self.tr("Write each tag as name=value") if bad_tags else "")
        return bad_name or no_group or bool(place or no_signer) or bad_tags

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """Create what the form says."""
        if self._has_problem():
            return None
        isolated = self.trust.currentIndex() == 1
        key = self._keys[self._signer.currentIndex()].key if isolated else None
        new = NewProvider(
            subscription=str(self._subscription.currentData() or ""),
            resource_group=self._group.currentText().strip(),
            name=self.name.text(),
            location=str(self._location.currentData()),
            signing_certificates=(key.certificate.der,) if key is not None else (),
            tags=read_tags(self.tags.text()) or {},
            public_network_access=self._network.currentText(),
        )
        cloud, source = self._chosen_cloud(), self._policies.currentData()
        if source is None:
            return partial(self._services.providers.create, cloud, new)
        name = key.name if key is not None else ""
        return partial(_made_like, self._services, source, cloud, new, name)


async def _made_like(
    services: Services, source: Provider, cloud: str, new: NewProvider, key: str
) -> Provider:
    cloned = await services.clones.with_policies_of(source, cloud, new, key)
    failed = next((each for each in cloned.done if each.error is not None), None)
    if failed is not None and failed.error is not None:
        raise failed.error
    return cloned.provider
