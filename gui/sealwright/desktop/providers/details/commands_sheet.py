"""What is done with a provider, in the words of other tools: az, PowerShell, REST with curl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Slot
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from sealwright.claims.attestation_type import MAIN_TYPES, AttestationType
from sealwright.desktop import theme
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.details import CopyButton
from sealwright.desktop.widgets.fields import ComboBox
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.sheet import Sheet
from sealwright.desktop.widgets.tabs import SegmentedControl

if TYPE_CHECKING:
    from sealwright.services.model import Provider
    from sealwright.services.ports import CloudPlaces


class CommandsSheet(Sheet):
    """The actions of this program on a provider, in the words of other tools."""

    def __init__(self, window: QWidget, provider: Provider, places: CloudPlaces) -> None:
        super().__init__(
            window,
            window.tr("Equivalent commands for {0}").format(provider.name),
            icon="terminal",
            size=QSize(theme.px(820), theme.px(560)),
        )
        self._provider, self._places = provider, places
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
        self._build()
        self.tool.currentChanged.connect(self._show)
        self.kind.currentIndexChanged.connect(self._show)
        self._show()

    def _build(self) -> None:
        holder = QWidget()
        column = QVBoxLayout(holder)
        pad = theme.px(16)
        column.setContentsMargins(pad, theme.px(12), pad, theme.px(12))
        column.setSpacing(theme.px(10))
        words = self.tr("For reading and copying: nothing of it is run.")
        if not self._places.outside:
            words += " " + self.tr(
                "The sandbox of this window has no address for other programs; one that is started"
                " with “sealwright sandbox serve” has."
            )
        column.addWidget(Label(words, color="text2", wrap=True))
        column.addWidget(self.tool)
        column.addWidget(self.kind)
        column.addWidget(self.text, 1)
        self.body.addWidget(holder, 1)
        close = Button(self.tr("Close"), kind=Kind.PRIMARY)
        close.clicked.connect(self.request_close)
        self.buttons.addWidget(self._copy)
        self.buttons.addWidget(close)

    @Slot()
    def _show(self) -> None:
        from sealwright.services.equivalents import Equivalents  # noqa: PLC0415 - when opened

        # Qt gives the data of an item back as plain text.
        kind = AttestationType(str(self.kind.currentData()))
        same = Equivalents(self._provider, self._places)
        groups = (
            (self.tr("Sign in to its cloud"), same.sign_in()),
            (self.tr("List the providers of its group"), same.list_providers()),
            (self.tr("Read the provider"), same.show_provider()),
            (self.tr("List the shared providers"), same.default_providers()),
            (self.tr("Read the policy"), same.show_policy(kind)),
            (self.tr("Set the policy"), same.set_policy(kind)),
            (self.tr("Reset the policy"), same.reset_policy(kind)),
            (self.tr("List the signers"), same.list_signers()),
            (self.tr("Add a signer"), same.add_signer()),
            (self.tr("Remove a signer"), same.remove_signer()),
            (self.tr("Make the provider"), same.create_provider()),
            (self.tr("Set its tags as they are now"), same.update_tags()),
            (self.tr("Set network access and TPM sign-in"), same.update_access()),
            (self.tr("Delete it"), same.delete_provider()),
            (self.tr("Register the namespace"), same.register()),
            (self.tr("List the private endpoints"), same.list_endpoints()),
            (self.tr("Approve one, or reject it with “Rejected”"), same.set_endpoint()),
            (self.tr("Delete one"), same.delete_endpoint()),
            (self.tr("Read its signing keys"), same.signing_keys()),
            (self.tr("Attest"), same.attest(kind)),
        )
        tool = self.tool.currentIndex()
        text = "\n\n".join(f"# {title}\n{commands[tool].text}" for title, commands in groups)
        self.text.setPlainText(text)
        self._copy.set_value(text)
