"""A cloud of one's own: where its authority, Resource Manager and providers are."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sealwright.desktop.widgets.fields import LineEdit
from sealwright.desktop.widgets.forms import FormSheet
from sealwright.services.ports.accounts import CloudSettings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.host import Host
    from sealwright.services.bundle import Services


class CloudSheet(FormSheet):
    """Asks for the addresses; nothing of them is guessed."""

    def __init__(self, host: Host, window: QWidget, services: Services) -> None:
        super().__init__(
            host, window, host.tr("Add a cloud"), host.tr("Add"), icon="cloud", size=(560, 640)
        )
        self._services = services
        self.name = LineEdit(self.tr("Name"))
        self.authority = LineEdit(self.tr("Authority"), mono=True)
        self.arm = LineEdit(self.tr("Resource Manager"), mono=True)
        self.suffix = LineEdit(self.tr("Hosts of its providers"), mono=True)
        self.arm_scope = LineEdit(self.tr("Scope of Resource Manager"), mono=True)
        self.attest_scope = LineEdit(self.tr("Scope of attestation"), mono=True)
        self.arm_scope.setText("https://management.azure.com/.default")
        self.attest_scope.setText("https://attest.azure.net/.default")
        self._fields = (
            self.add_field(self.tr("Name"), self.name),
            self.add_field(
                self.tr("Authority"),
                self.authority,
                self.tr("Such as https://login.microsoftonline.com, without a tenant"),
            ),
            self.add_field(
                self.tr("Resource Manager"),
                self.arm,
                self.tr("Such as https://management.azure.com"),
            ),
            self.add_field(
                self.tr("Hosts of its providers"),
                self.suffix,
                self.tr("How they end, such as attest.azure.net; tokens go to such hosts only"),
            ),
            self.add_field(self.tr("Scope of Resource Manager"), self.arm_scope),
            self.add_field(self.tr("Scope of attestation"), self.attest_scope),
        )
        self.column.addStretch(1)

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """Add what the form says."""
        empty = False
        for field in self._fields:
            missing = isinstance(field.field, LineEdit) and not field.field.text().strip()
            field.set_problem(self.tr("Required") if missing else "")
            empty = empty or missing
        if empty:
            return None
        cloud = CloudSettings(
            name=self.name.text().strip(),
            authority=self.authority.text().strip().rstrip("/"),
            arm_endpoint=self.arm.text().strip().rstrip("/"),
            arm_scope=self.arm_scope.text().strip(),
            attest_scope=self.attest_scope.text().strip(),
            suffix=self.suffix.text().strip().lower().lstrip("."),
        )
        return partial(self._services.accounts.add_cloud, cloud)
