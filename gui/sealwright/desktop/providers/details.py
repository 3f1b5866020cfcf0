"""The details of one provider: address, connection test, policies, signers, identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QWidget

from sealwright.claims.attestation_type import MAIN_TYPES
from sealwright.desktop import theme
from sealwright.desktop.providers.rows import Known, location_words, state_words, status_cell
from sealwright.desktop.providers.stops import ConnectionStops
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.buttons import Button, Kind, ToolButton
from sealwright.desktop.widgets.chip import Chip
from sealwright.desktop.widgets.details import CopyButton, DetailsPane, KeyValue, Section
from sealwright.desktop.widgets.fields import LineEdit
from sealwright.desktop.widgets.labels import ElidingLabel, Label
from sealwright.desktop.widgets.painting import focus_ring, mark_focus, words
from sealwright.desktop.widgets.progress import ValidityBar
from sealwright.desktop.widgets.surfaces import EmptyState, Picture
from sealwright.desktop.wording import (
    common_name,
    expiry_color,
    short,
    time_left,
    took,
    utc_time,
    validity,
)
from sealwright.services.model import TrustModel

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QPaintEvent

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.services.connection import ConnectionCheck
    from sealwright.services.model import Provider
    from sealwright.services.overview import PolicyCell
    from sealwright.services.signers import PolicySigner

_TRUST_ICONS = {TrustModel.ISOLATED: "lock", TrustModel.AAD: "user", TrustModel.SHARED: "globe"}


class PolicyLine(QAbstractButton):
    """One attestation type: state and hash; pressing it opens the policy."""

    def __init__(
        self,
        kind: AttestationType,
        cell: PolicyCell | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.kind = kind
        self._cell = cell
        word = state_words(cell)[0]
        self.setAccessibleName(self.tr("Open policy {0}: {1}").format(kind.value, word))
        self.setToolTip(self._hint())
        self.setFixedHeight(theme.px(26))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def _hint(self) -> str:
        if self._cell is None:
            return self.tr("Being read")
        if self._cell.problem is not None:
            return self._cell.problem.summary
        return self._cell.policy_hash

    @virtual_value(QSize(240, 26))
    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(theme.px(240), theme.px(26))

    @virtual
    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring when focus came by key."""
        super().focusInEvent(event)
        mark_focus(self, ring=event.reason() != Qt.FocusReason.MouseFocusReason)

    @virtual
    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the ring away."""
        super().focusOutEvent(event)
        mark_focus(self, ring=False)

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """Type, state, hash, line."""
        painter = QPainter(self)
        colors = theme.palette()
        if self.underMouse():
            painter.fillRect(self.rect(), colors.hover)
        painter.fillRect(0, self.height() - 1, self.width(), 1, colors.border)
        key = theme.px(108)
        box = QRect(0, 0, key, self.height())
        words(painter, box, self.kind.value, theme.font(Role.BODY), colors.text)
        word, icon, tone = state_words(self._cell)
        size = theme.px(14)
        if icon:
            top = (self.height() - size) // 2
            theme.paint(painter, key, top, icon, size=size, color=f"{tone}.mark")
        state = QRect(key + size + theme.px(6), 0, theme.px(90), self.height())
        color = colors.text if tone == Tone.NEU else colors.tone(tone).text
        words(painter, state, word, theme.font(Role.BODY), color)
        held = short(self._cell.policy_hash, 6, 4) if self._cell else ""
        right = QRect(state.right(), 0, self.width() - state.right(), self.height())
        align = Qt.AlignmentFlag.AlignRight
        words(painter, right, held, theme.font(Role.CODE_SMALL), colors.text2, align=align)
        if self.property("ring"):
            focus_ring(painter, self.rect(), theme.px(4))


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


class ProviderDetails(DetailsPane):
    """The pane at the right of the Providers panel."""

    policy_wanted = Signal(object)
    """AttestationType"""
    test_wanted = Signal()
    signers_wanted = Signal()
    delete_wanted = Signal()
    first_wanted = Signal()

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
        self._provider: Provider | None = None
        self._known = Known()
        self._signers: tuple[PolicySigner, ...] | None = None
        self._checks: tuple[ConnectionCheck, ...] = ()
        self._testing = False
        self._shown: object = None
        self.edit = Button(self.tr("Edit policy"), icon="policies")
        self.edit.clicked.connect(self._on_edit)
        self.delete = Button(self.tr("Delete…"), icon="trash", kind=Kind.DANGER_OUTLINE)
        self.delete.clicked.connect(self.delete_wanted)
        self.test = ToolButton("refresh", self.tr("Test connection"))
        self.test.clicked.connect(self.test_wanted)
        self.footer.addWidget(self.edit)
        self.footer.addStretch(1)
        self.footer.addWidget(self.delete)
        self.footer.addWidget(self.test)

    def show_provider(self, provider: Provider | None, known: Known) -> None:
        """Show another provider, or the same one with more known of it."""
        if provider is None:
            self._provider = self._shown = None
            self.show_empty()
            return
        if self._provider is None or self._provider.id != provider.id:
            self._signers, self._checks, self._testing = None, (), False
        self._provider, self._known = provider, known
        self._fill(provider)

    def show_signers(self, provider_id: str, signers: tuple[PolicySigner, ...]) -> None:
        """The trusted certificates have been read."""
        if self._provider is not None and self._provider.id == provider_id:
            self._signers = signers
            self._fill(self._provider)

    @Slot(object, object)
    def show_checks(self, provider_id: str, checks: tuple[ConnectionCheck, ...]) -> None:
        """The connection test has an answer; without checks it is running."""
        if self._provider is not None and self._provider.id == provider_id:
            self._checks, self._testing = checks, not checks
            self._fill(self._provider)

    def _fill(self, provider: Provider) -> None:
        cells = tuple(self._known.cells.values())
        shown = (provider, cells, self._signers, self._checks, self._testing)
        if shown == self._shown:
            # Some sixty widgets: not made anew for nothing.
            return
        self._shown = shown
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
        self.add_section(self._address(provider))
        self.add_section(self._connection())
        self.add_section(self._policies())
        if provider.trust_model == TrustModel.ISOLATED:
            self.add_section(self._signer_list())
        self.add_section(self._identity(provider))
        shared = provider.trust_model == TrustModel.SHARED
        self.delete.set_available(
            self.tr("A shared provider belongs to the region and cannot be deleted.")
            if shared
            else ""
        )

    def _address(self, provider: Provider) -> Section:
        section = Section(self.tr("Attest URI"))
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(6))
        field = LineEdit(self.tr("Attest URI"), mono=True)
        field.setText(provider.attest_uri)
        field.setReadOnly(True)
        field.setCursorPosition(0)
        layout.addWidget(field, 1)
        layout.addWidget(CopyButton(self.tr("attest URI"), provider.attest_uri, row))
        section.add(row)
        return section

    def _connection(self) -> Section:
        total = sum(check.seconds for check in self._checks)
        hint = took(total) if self._checks else ""
        section = Section(self.tr("Connection test"), hint)
        if self._checks:
            section.add(ConnectionStops(self._checks))
            failed = next((check for check in self._checks if check.status == "fail"), None)
            if failed is not None:
                section.add(Label(failed.detail, color="err", wrap=True))
                for name, value in (("", failed.hint), *(failed.facts or {}).items()):
                    words = f"{name}: {value}" if name else value
                    section.add(Label(words, role=Role.SMALL, color="text2", wrap=True))
        elif self._testing:
            section.add(Label(self.tr("Being tested…"), color="text3"))
        else:
            run = Button(self.tr("Test connection"), icon="play", small=True)
            run.clicked.connect(self.test_wanted)
            section.add(run)
        return section

    def _policies(self) -> Section:
        custom = sum(1 for cell in self._known.cells.values() if cell.state.value == "custom")
        section = Section(self.tr("Policies"), self.tr("{0} custom").format(custom))
        for kind in MAIN_TYPES:
            line = PolicyLine(kind, self._known.cells.get(kind))
            line.clicked.connect(self._on_line)
            section.add(line)
        return section

    def _signer_list(self) -> Section:
        count = str(len(self._signers)) if self._signers is not None else ""
        section = Section(self.tr("Signers"), count)
        if self._signers is None:
            section.add(Label(self.tr("Being read…"), color="text3"))
        for signer in self._signers or ():
            section.add(SignerLine(signer))
        manage = Button(self.tr("Manage signers"), kind=Kind.LINK)
        manage.clicked.connect(self.signers_wanted)
        section.add(manage)
        return section

    def _identity(self, provider: Provider) -> Section:
        section = Section(self.tr("Identity"))
        section.add(KeyValue(self.tr("Location"), location_words(provider)))
        if provider.subscription:
            name = provider.subscription_name or provider.subscription
            section.add(KeyValue(self.tr("Subscription"), name, hint=provider.subscription))
        if provider.resource_group:
            section.add(KeyValue(self.tr("Resource group"), provider.resource_group))
        if provider.resource_id:
            line = KeyValue(self.tr("Resource ID"), provider.resource_id, mono=True, copy=True)
            section.add(line)
        tags = ", ".join(f"{name}={value}" for name, value in provider.tags.items())
        section.add(KeyValue(self.tr("Tags"), tags or self.tr("none")))
        return section

    @Slot()
    def _on_line(self) -> None:
        line = self.sender()
        if isinstance(line, PolicyLine):
            self.policy_wanted.emit(line.kind)

    @Slot()
    def _on_edit(self) -> None:
        custom = [kind for kind in MAIN_TYPES if self._is_custom(kind)]
        self.policy_wanted.emit((custom or [MAIN_TYPES[0]])[0])

    def _is_custom(self, kind: AttestationType) -> bool:
        cell = self._known.cells.get(kind)
        return cell is not None and cell.state.value == "custom"
