"""The sections of a provider's details, each made once and filled with one after the other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from sealwright.claims.attestation_type import MAIN_TYPES
from sealwright.desktop import theme
from sealwright.desktop.messages import quoted
from sealwright.desktop.providers.details.policy_line import PolicyLine
from sealwright.desktop.providers.details.stops import ConnectionStops
from sealwright.desktop.providers.rows import location_words
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.chip import Chip
from sealwright.desktop.widgets.details import CopyButton, KeyValue, Section
from sealwright.desktop.widgets.fields import LineEdit
from sealwright.desktop.widgets.labels import ElidingLabel, Label
from sealwright.desktop.widgets.progress import ValidityBar
from sealwright.desktop.widgets.surfaces import Picture
from sealwright.desktop.wording import (
    common_name,
    expiry_color,
    time_left,
    took,
    utc_time,
    validity,
)
from sealwright.services.model import TrustModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.services.model import Provider
    from sealwright.services.providers.connection import ConnectionCheck
    from sealwright.services.reaching.overview import PolicyCell
    from sealwright.services.signers import PolicySigner


_FINGERPRINT: Final = re.compile(r"[0-9a-f]{40,}")


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that the details show of a provider."""

    provider: Provider
    cells: Mapping[AttestationType, PolicyCell]
    signers: tuple[PolicySigner, ...] | None = None
    """None while they are being read."""
    unread: str = ""
    """Why they cannot be read, in a sentence."""
    checks: tuple[ConnectionCheck, ...] = ()
    testing: bool = False
    rights: str = ""
    """What the account may do there, in a sentence; empty while it is being read."""


class ProviderSection(Section):
    """A section that can show any provider."""

    def show_provider(self, shown: Shown) -> None:
        """Show this one; what it shows already is left alone."""


class AddressSection(ProviderSection):
    """The attest URI, to read and to copy."""

    def __init__(self) -> None:
        super().__init__("")
        title = self.tr("Attest URI")
        self.set_title(title)
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(6))
        self._field = LineEdit(title, mono=True)
        self._field.setReadOnly(True)
        self._copy = CopyButton(self.tr("attest URI"), "", row)
        layout.addWidget(self._field, 1)
        layout.addWidget(self._copy)
        self.add(row)

    def show_provider(self, shown: Shown) -> None:
        """Its address."""
        uri = shown.provider.attest_uri
        if self._field.text() != uri:
            self._field.setText(uri)
            self._field.setCursorPosition(0)
            self._copy.set_value(uri)


class ConnectionSection(ProviderSection):
    """The connection test: a button, then its stops."""

    test_wanted = Signal()

    def __init__(self) -> None:
        super().__init__("")
        self.set_title(self.tr("Connection test"))
        self._stops = ConnectionStops(())
        self._failed = Label(color="err", wrap=True)
        self._advice = Label(role=Role.SMALL, color="text2", wrap=True)
        self._testing = Label(self.tr("Being tested…"), color="text3")
        self._run = Button(self.tr("Test connection"), icon="play", small=True)
        self._run.clicked.connect(self.test_wanted)
        for widget in (self._stops, self._failed, self._advice, self._testing, self._run):
            self.add(widget)

    def show_provider(self, shown: Shown) -> None:
        """How far the way to it went."""
        checks = shown.checks
        self.hint.setText(took(sum(check.seconds for check in checks)) if checks else "")
        self._stops.show_checks(checks)
        self._stops.setVisible(bool(checks))
        failed = next((check for check in checks if check.status == "fail"), None)
        self._failed.setText(quoted(failed.detail) if failed is not None else "")
        self._failed.setVisible(failed is not None)
        self._advice.setText(_advice(failed) if failed is not None else "")
        self._advice.setVisible(bool(self._advice.text()))
        self._testing.setVisible(shown.testing and not checks)
        self._run.setVisible(not shown.testing and not checks)


def _advice(check: ConnectionCheck) -> str:
    facts = [f"{name}: {_breakable(value)}" for name, value in (check.facts or {}).items()]
    return "\n".join([quoted(check.hint), *facts] if check.hint else facts)


def _breakable(value: str) -> str:
    """A fingerprint in groups: a line breaks at blanks only, and its end would be cut off."""
    if not _FINGERPRINT.fullmatch(value):
        return value
    return " ".join(value[at : at + 8] for at in range(0, len(value), 8))


class PoliciesSection(ProviderSection):
    """One line an attestation type."""

    policy_wanted = Signal(object)
    """AttestationType"""

    def __init__(self) -> None:
        super().__init__("")
        self.set_title(self.tr("Policies"))
        self._lines = [PolicyLine(kind) for kind in MAIN_TYPES]
        for line in self._lines:
            line.clicked.connect(self._on_line)
            self.add(line)

    def show_provider(self, shown: Shown) -> None:
        """What stands at each type."""
        custom = sum(1 for cell in shown.cells.values() if cell.state.value == "custom")
        self.hint.setText(self.tr("{0} custom").format(custom) if shown.cells else "")
        for line in self._lines:
            line.show_cell(shown.cells.get(line.kind))

    @Slot()
    def _on_line(self) -> None:
        line = self.sender()
        if isinstance(line, PolicyLine):
            self.policy_wanted.emit(line.kind)


class SignersSection(ProviderSection):
    """The trusted certificates; Isolated providers only."""

    signers_wanted = Signal()

    def __init__(self) -> None:
        super().__init__("")
        self.set_title(self.tr("Signers"))
        self._shown: tuple[PolicySigner, ...] = ()
        self._lines: list[SignerLine] = []
        self._reading = Label(color="text3", wrap=True)
        self._manage = Button(self.tr("Manage signers"), kind=Kind.LINK)
        self._manage.clicked.connect(self.signers_wanted)
        self.add(self._reading)
        self.add(self._manage)

    def show_provider(self, shown: Shown) -> None:
        """Whom it trusts."""
        self.setVisible(shown.provider.trust_model == TrustModel.ISOLATED)
        self._reading.setText(quoted(shown.unread) or self.tr("Being read…"))
        self._reading.setVisible(shown.signers is None)
        signers = shown.signers or ()
        self.hint.setText(str(len(signers)) if shown.signers is not None else "")
        if signers == self._shown:
            return
        self._shown = signers
        for line in self._lines:
            line.hide()
            line.deleteLater()
        self._lines = [SignerLine(signer) for signer in signers]
        for line in self._lines:
            self.column.insertWidget(self.column.indexOf(self._manage), line)


class SignerLine(QWidget):
    """A trusted certificate in one line."""

    def __init__(self, signer: PolicySigner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        certificate = signer.certificate
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme.px(2), 0, theme.px(2))
        row.setSpacing(theme.px(8))
        row.addWidget(Picture("cert", "text2"))
        name = ElidingLabel(common_name(certificate.subject))
        row.addWidget(name, 1)
        if signer.key_here:
            row.addWidget(Chip(self.tr("Key here"), Tone.OK, dense=True))
        bar = ValidityBar(40)
        share, days = validity(certificate)
        bar.set_validity(share, days)
        row.addWidget(bar)
        end = certificate.not_after
        left = ElidingLabel(time_left(end), color=expiry_color(end))
        left.setAlignment(Qt.AlignmentFlag.AlignRight)
        left.setMinimumWidth(theme.px(58))
        left.setToolTip(utc_time(end))
        row.addWidget(left)


class IdentitySection(ProviderSection):
    """Where it is, and what it is called there."""

    def __init__(self) -> None:
        super().__init__("")
        self.set_title(self.tr("Identity"))
        self._location = KeyValue(self.tr("Location"), "")
        self._subscription = KeyValue(self.tr("Subscription"), "")
        self._group = KeyValue(self.tr("Resource group"), "")
        self._id = KeyValue(self.tr("Resource ID"), "", mono=True, copy=True)
        self._tags = KeyValue(self.tr("Tags"), "")
        for line in (self._location, self._subscription, self._group, self._id, self._tags):
            self.add(line)
        self._rights = Label("", color="text2", wrap=True)
        self._rights.setContentsMargins(0, theme.px(8), 0, 0)
        self.add(self._rights)

    def show_provider(self, shown: Shown) -> None:
        """Lines of what is known; the others are left out."""
        provider = shown.provider
        self._location.set_value(location_words(provider))
        name = provider.subscription_name or provider.subscription
        self._subscription.set_value(name, hint=provider.subscription)
        self._group.set_value(provider.resource_group)
        self._id.set_value(provider.resource_id)
        for line in (self._subscription, self._group, self._id):
            line.setVisible(bool(line.value.text()))
        tags = ", ".join(f"{name}={value}" for name, value in provider.tags.items())
        self._tags.set_value(tags or self.tr("none"))
        self._rights.setText(shown.rights)
        self._rights.setVisible(bool(shown.rights))
