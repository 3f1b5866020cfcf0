"""Making a provider: name, place, trust model, signers and first policies, in one run."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.providers.making.first_policies import FirstPolicies, read
from sealwright.desktop.providers.making.name_check import NameCheck
from sealwright.desktop.providers.making.running import CLOSE, making_views, truth
from sealwright.desktop.providers.making.trust_choice import TrustChoice
from sealwright.desktop.providers.tags import read_tags
from sealwright.desktop.tasks import Relay
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.fields import ComboBox, LineEdit
from sealwright.desktop.widgets.forms import FormSheet
from sealwright.desktop.widgets.stepper import RunSteps
from sealwright.services.ports import NewProvider

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.desktop.host import Host
    from sealwright.desktop.providers.making.first_policies import Chosen
    from sealwright.services.bundle import Services
    from sealwright.services.keys import KeyUse
    from sealwright.services.making import Making
    from sealwright.services.providers.providers import CloudInfo, Location


class NewProviderSheet(FormSheet):
    """Asks for what ARM needs; the lists fill themselves from the chosen cloud.

    Once something is made, the form gives way to the steps, where what failed can be tried again.
    """

    made = Signal(object)
    """Provider: it is there, whatever became of its policies."""

    def __init__(self, host: Host, window: QWidget, services: Services) -> None:
        super().__init__(
            host,
            window,
            host.tr("New attestation provider"),
            host.tr("Create provider"),
            icon="providers",
            size=(680, 860),
        )
        self._services = services
        self._clouds: tuple[CloudInfo, ...] = services.providers.clouds()
        self._read: set[object] = set()
        self._making: Making | None = None
        self._told = False
        self._relay = Relay(self)
        self._relay.received.connect(self._on_step)
        self._add_place()
        self.trust = TrustChoice(host, services)
        self.column.addWidget(self.trust)
        self._add_more()
        self.column.addStretch(1)
        self._add_steps()
        self._connect()
        self._on_cloud()

    def _connect(self) -> None:
        self.problem.acted.connect(self._on_register)
        self.trust.signers.failed.connect(self._on_failed)
        self.steps.details_wanted.connect(self._on_details)
        self._cloud.currentIndexChanged.connect(self._on_cloud)
        self._subscription.currentIndexChanged.connect(self._on_subscription)
        self._group.currentTextChanged.connect(self.name_check.look)
        self._location.currentIndexChanged.connect(self._on_location)
        task = self.host.runner.start(self._services.keys.list)
        task.succeeded.connect(self._on_keys)
        task.failed.connect(self.host.fail)

    def _add_place(self) -> None:
        self.name = LineEdit(self.tr("Name"))
        self._name_field = self.add_field(
            self.tr("Name"), self.name, self.tr("3 to 24 letters, digits and hyphens")
        )
        self.name_check = NameCheck(
            self.host, self._services, self.name, self._name_field, self._place_of_name
        )
        self._cloud = ComboBox(self.tr("Cloud"))
        self._cloud.addItems([cloud.name for cloud in self._clouds])
        self._subscription = ComboBox(self.tr("Subscription"))
        self._group = ComboBox(self.tr("Resource group"))
        self._group.make_editable()
        self._location = ComboBox(self.tr("Location"))
        self.add_field(self.tr("Cloud"), self._cloud)
        self._subscription_field = self.add_field(self.tr("Subscription"), self._subscription)
        self._group_field = self.add_field(
            self.tr("Resource group"), self._group, self.tr("Made when it is not there")
        )
        self._location_field = self.add_field(self.tr("Location"), self._location)

    def _add_more(self) -> None:
        self.policies = FirstPolicies(self.host, self._services)
        self.add_field(
            self.tr("Policies"),
            self.policies,
            self.tr(
                "Checked before anything is made; uploaded in the same run, each read back and"
                " compared; signed where the provider is Isolated"
            ),
        )
        self.tags = LineEdit(self.tr("Tags"))
        self._tags_field = self.add_field(
            self.tr("Tags"), self.tags, self.tr("name=value, separated by commas")
        )
        self._network = ComboBox(self.tr("Public network access"))
        self._network.addItems(["Enabled", "Disabled"])
        self.add_field(
            self.tr("Public network access"),
            self._network,
            self.tr("Disabled: switched off last, once signers and policies are proven"),
        )

    def _add_steps(self) -> None:
        self.steps = RunSteps()
        inner = QWidget()
        inner.setProperty("k", "clear")
        column = QVBoxLayout(inner)
        pad = theme.px(22)
        column.setContentsMargins(pad, theme.px(16), pad, theme.px(16))
        column.addWidget(self.steps)
        column.addStretch(1)
        self._steps_area = QScrollArea()
        self._steps_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._steps_area.setWidgetResizable(True)
        self._steps_area.setProperty("k", "clear")
        self._steps_area.setAccessibleName(self.tr("Steps"))
        self._steps_area.setWidget(inner)
        self._steps_area.hide()
        self.body.addWidget(self._steps_area)

    # --- the lists fill themselves ------------------------------------------------------------

    def _place_of_name(self) -> tuple[str, str, str]:
        subscription = self._subscription.currentData()
        chosen = subscription if isinstance(subscription, str) else ""
        return self._cloud.currentText(), chosen, self._group.currentText().strip()

    @Slot()
    def _on_cloud(self) -> None:
        cloud = self._cloud.currentText()
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
        self.name_check.look()
        cloud, subscription, _ = self._place_of_name()
        if not subscription:
            return
        providers = self._services.providers
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
        cloud, subscription, _ = self._place_of_name()
        call = partial(self._services.endpoints.register, cloud, subscription)
        task = self.host.runner.start(call, title=self.tr("Registering Microsoft.Attestation"))
        task.succeeded.connect(self._on_registration)
        task.failed.connect(self._on_failed)

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
        state = self._services.regions.state_of(self._cloud.currentText(), place)
        return state.refusal if state is not None else ""

    @Slot()
    def _on_location(self) -> None:
        self._location_field.set_problem(self._refusal())

    @Slot(object)
    def _on_keys(self, keys: tuple[KeyUse, ...]) -> None:
        self.trust.signers.set_keys(keys)

    # --- what must be right -------------------------------------------------------------------

    def _missing(self, box: ComboBox, words: str) -> str:
        """Why nothing is chosen; a list that is not there yet is no fault of the user's."""
        if box.currentIndex() >= 0:
            return ""
        return words if box in self._read else self.tr("Being read; try again in a moment")

    def _has_problem(self) -> bool:
        bad_name = self.name_check.bad
        if bad_name:
            self._name_field.set_problem(bad_name)
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
        bad_tags = read_tags(self.tags.text()) is None
        self._tags_field.set_problem(self.tr("Write each tag as name=value") if bad_tags else "")
        unchosen = not self.policies.are_chosen()
        return bool(bad_name or no_group or place or self._no_signer() or bad_tags or unchosen)

    def _no_signer(self) -> str:
        """Why this cannot be an Isolated provider, or one with these policies."""
        signers, words = self.trust.signers, ""
        if self.trust.isolated and not signers.certificates:
            words = (
                self.tr("Add a key of this computer or a certificate file")
                if signers.known
                else self.tr("Being read; try again in a moment")
            )
        elif self.trust.isolated and self.policies.chosen() and not signers.signing_key:
            words = self.tr(
                "No key of these signers is here to sign the policies with. Add one, or begin with"
                " the service's defaults"
            )
        self.trust.set_problem(words)
        return words

    # --- the run ------------------------------------------------------------------------------

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """Make what the form says, or go on with what is not proven."""
        if self._making is not None:
            return partial(_gone_on, self._making, self._relay)
        if self._has_problem():
            return None
        isolated, signers = self.trust.isolated, self.trust.signers
        cloud, subscription, group = self._place_of_name()
        new = NewProvider(
            subscription=subscription,
            resource_group=group,
            name=self.name.text(),
            location=str(self._location.currentData()),
            signing_certificates=signers.certificates if isolated else (),
            tags=read_tags(self.tags.text()) or {},
            public_network_access=self._network.currentText(),
        )
        key = signers.signing_key if isolated else ""
        chosen = self.policies.chosen()
        return partial(_made, self._services, cloud, new, chosen, key, self._relay)

    @Slot(object)
    def _on_step(self, making: Making) -> None:
        self._making = making
        if making.has_steps:
            self._show_steps(making)

    def _show_steps(self, making: Making) -> None:
        if self.area.isVisible():
            # Qt would hand the focus of the form on to the cross.
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.area.hide()
        self._steps_area.show()
        self.steps.show_steps(making_views(making))
        self.set_footer(*truth(making))

    def settled(self, result: object) -> bool:
        """Stay open over the proof of the policies, or over what is left to do."""
        return self._rest()

    def failed(self, error: BaseException) -> None:
        """Back to the form, unless something was made."""
        super().failed(error)
        self._rest()

    def ended(self) -> None:
        """Called off: what is there already is shown."""
        self._rest()

    def _rest(self) -> bool:
        """Nothing runs any more; whether nothing is left to show."""
        making = self._making
        if making is None or making.provider is None:
            self._making = None
            self._steps_area.hide()
            self.area.show()
            self.set_footer("")
            return False
        if not self._told:
            self._told = True
            self.made.emit(making.provider)
        if not making.has_steps:
            return True
        self._show_steps(making)
        for button, words in ((self.leave, self.tr("Close")), (self.ok, self.tr("Try again"))):
            button.setText(words)
            button.setAccessibleName(words)
        self.ok.setHidden(making.proven)
        (self.leave if making.proven else self.ok).setFocus(Qt.FocusReason.OtherFocusReason)
        self.host.changed.emit("policies")
        return False

    @Slot(str)
    def _on_details(self, key: str) -> None:
        making = self._making
        if making is None:
            return
        errors = {each.policy.attestation_type.value: each.error for each in making.policies}
        error = making.closing_error if key == CLOSE else errors.get(key)
        if error is not None:
            self.host.fail(error, key="making")


async def _made(  # noqa: PLR0917 - what the form holds
    services: Services,
    cloud: str,
    new: NewProvider,
    chosen: tuple[Chosen, ...],
    key: str,
    relay: Relay,
) -> Making:
    initial = await read(services, chosen)
    making = services.making.prepare(cloud, new, initial, key)
    return await _gone_on(making, relay)


async def _gone_on(making: Making, relay: Relay) -> Making:
    relay.post(making)
    return await making.run(lambda: relay.post(making))
