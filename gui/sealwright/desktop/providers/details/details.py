"""The details of one provider: address, connection test, policies, signers, identity."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot

from sealwright.claims.attestation_type import MAIN_TYPES
from sealwright.desktop import theme
from sealwright.desktop.messages import message
from sealwright.desktop.providers.details.sections import (
    AddressSection,
    ConnectionSection,
    IdentitySection,
    PoliciesSection,
    ProviderSection,
    Shown,
    SignersSection,
)
from sealwright.desktop.providers.rows import Known, status_cell
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.buttons import Button, Kind, ToolButton
from sealwright.desktop.widgets.details import DetailsPane
from sealwright.desktop.widgets.surfaces import Banner, EmptyState
from sealwright.services.model import TrustModel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.desktop.widgets.details import Section
    from sealwright.services.model import Provider
    from sealwright.services.providers.connection import ConnectionCheck
    from sealwright.services.providers.regions import RegionState
    from sealwright.services.signers import PolicySigner

_TRUST_ICONS = {TrustModel.ISOLATED: "lock", TrustModel.AAD: "user", TrustModel.SHARED: "globe"}


class ProviderDetails(DetailsPane):
    """The pane at the right of the Providers panel."""

    policy_wanted = Signal(object)
    """AttestationType"""
    test_wanted = Signal()
    signers_wanted = Signal()
    delete_wanted = Signal()
    first_wanted = Signal()
    more_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        empty = EmptyState(
            "providers",
            self.tr("No provider selected"),
            self.tr("Select one to see its attest URI, policies, signers and connection."),
            action=self.tr("Select the first one"),
            action_icon="cube",
        )
        super().__init__(self.tr("Provider details"), empty, parent)
        empty.acted.connect(self.first_wanted)
        self._shown: Shown | None = None
        self._refusal = ""
        self.edit = Button(self.tr("Edit policy"), icon="policies")
        self.edit.clicked.connect(self._on_edit)
        self.delete = Button(self.tr("Delete…"), icon="trash", kind=Kind.DANGER_OUTLINE)
        self.delete.clicked.connect(self.delete_wanted)
        self.test = ToolButton("refresh", self.tr("Test connection"))
        self.test.clicked.connect(self.test_wanted)
        self.more = ToolButton("more", self.tr("More about this provider"))
        self.more.clicked.connect(self.more_wanted)
        self._region = Banner(closable=False)
        self.warnings.addWidget(self._region)
        self.footer.addWidget(self.edit)
        self.footer.addStretch(1)
        self.footer.addWidget(self.delete)
        self.footer.addWidget(self.test)
        self.footer.addWidget(self.more)

    def show_provider(self, provider: Provider | None, known: Known) -> None:
        """Show another provider, or the same one with more known of it."""
        if provider is None:
            self._shown = None
            self.show_empty()
            return
        before, cells = self._shown, dict(known.cells)
        if before is not None and before.provider.id == provider.id:
            self._show(replace(before, provider=provider, cells=cells))
        else:
            self._show(Shown(provider, cells))

    @Slot(str, object)
    def show_signers(self, provider_id: str, signers: tuple[PolicySigner, ...]) -> None:
        """The trusted certificates have been read."""
        if self._shown is not None and self._shown.provider.id == provider_id:
            self._show(replace(self._shown, signers=signers, unread=""))

    @Slot(str, object)
    def show_unread_signers(self, provider_id: str, error: BaseException) -> None:
        """The trusted certificates cannot be read."""
        if self._shown is not None and self._shown.provider.id == provider_id:
            self._show(replace(self._shown, unread=message(error).sentence))

    @Slot(str, str)
    def show_rights(self, provider_id: str, words: str) -> None:
        """What the account may do there has been read."""
        if self._shown is not None and self._shown.provider.id == provider_id:
            self._show(replace(self._shown, rights=words))

    @Slot(object, object)
    def show_checks(self, provider_id: str, checks: tuple[ConnectionCheck, ...]) -> None:
        """The connection test has an answer; without checks it is running."""
        if self._shown is not None and self._shown.provider.id == provider_id:
            self._show(replace(self._shown, checks=checks, testing=not checks))

    def _show(self, shown: Shown) -> None:
        if shown == self._shown:
            return
        self._shown = shown
        provider = shown.provider
        self.show_thing("providers", provider.name)
        status = status_cell(provider.status)
        public = provider.public_network_access.lower() == "enabled"
        network = self.tr("Public network") if public else self.tr("Private network")
        self.set_chips(
            [
                (status.text, status.tone, status.icon),
                (provider.trust_model.value, Tone.NEU, _TRUST_ICONS[provider.trust_model]),
                (network, Tone.NEU, "globe" if public else "lock"),
            ]
        )
        self.fill_sections()
        self._allow()

    def show_region(self, state: RegionState | None) -> None:
        """Say how its region fails, and why what changes the provider is refused."""
        self._refusal = state.refusal if state is not None else ""
        if state is None:
            self._region.hide()
            self.warnings.setContentsMargins(0, 0, 0, 0)
        else:
            title = self.tr("Failed over") if state.failed_over else self.tr("No answer")
            self._region.tell(Tone.WARN, title, state.words)
            self.warnings.setContentsMargins(0, 0, 0, theme.px(8))
        self._allow()

    def _allow(self) -> None:
        shared = self._shown is not None and self._shown.provider.trust_model == TrustModel.SHARED
        self.delete.set_available(
            self.tr("A shared provider belongs to the region and cannot be deleted.")
            if shared
            else self._refusal
        )

    def fill_section(self, section: Section) -> None:
        """Show the provider in one section."""
        if self._shown is not None and isinstance(section, ProviderSection):
            section.show_provider(self._shown)

    def section_makers(self) -> Sequence[Callable[[], Section]]:
        """From the address to the tags."""
        return (
            AddressSection,
            self._make_connection,
            self._make_policies,
            self._make_signers,
            IdentitySection,
        )

    def _make_connection(self) -> Section:
        section = ConnectionSection()
        section.test_wanted.connect(self.test_wanted)
        return section

    def _make_policies(self) -> Section:
        section = PoliciesSection()
        section.policy_wanted.connect(self.policy_wanted)
        return section

    def _make_signers(self) -> Section:
        section = SignersSection()
        section.signers_wanted.connect(self.signers_wanted)
        return section

    @Slot()
    def _on_edit(self) -> None:
        custom = [kind for kind in MAIN_TYPES if self._is_custom(kind)]
        self.policy_wanted.emit((custom or [MAIN_TYPES[0]])[0])

    def _is_custom(self, kind: AttestationType) -> bool:
        cell = self._shown.cells.get(kind) if self._shown is not None else None
        return cell is not None and cell.state.value == "custom"
