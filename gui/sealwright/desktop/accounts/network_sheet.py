"""Proxy and trust. There is no switch for the check of certificates."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.buttons import Button
from sealwright.desktop.widgets.fields import CheckBox, LineEdit
from sealwright.desktop.widgets.forms import FormSheet, with_button
from sealwright.desktop.widgets.surfaces import Banner
from sealwright.desktop.widgets.tabs import SegmentedControl
from sealwright.secret import Secret
from sealwright.services.network import NetworkSettings, ProxyMode

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.desktop.host import Host
    from sealwright.services.bundle import Services

_MODES = (ProxyMode.SYSTEM, ProxyMode.MANUAL, ProxyMode.NONE)
_BETWEEN = ";"


class NetworkSheet(FormSheet):
    """Which proxy, and which certificates count in addition to the system's."""

    def __init__(self, host: Host, window: QWidget, services: Services) -> None:
        super().__init__(
            host, window, host.tr("Network"), host.tr("Use this"), icon="globe", size=(560, 620)
        )
        self._services = services
        self._script = Banner(closable=False)
        self.column.addWidget(self._script)
        words = [self.tr("As the system"), self.tr("This proxy"), self.tr("No proxy")]
        self.mode = SegmentedControl(self.tr("Proxy"), words)
        self.add_field(self.tr("Proxy"), self.mode)
        self.address = LineEdit(self.tr("Address of the proxy"), mono=True)
        self.user = LineEdit(self.tr("User at the proxy"))
        self.password = LineEdit(self.tr("Password at the proxy"))
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.loopback = CheckBox(self.tr("Use it for addresses of this computer, too"))
        self._address_field = self.add_field(
            self.tr("Address"), self.address, self.tr("Such as http://proxy.contoso.com:3128")
        )
        self._manual = (
            self._address_field,
            self.add_field(self.tr("User"), self.user, self.tr("Empty for none")),
            self.add_field(self.tr("Password"), self.password, self.tr("Kept where keys are kept")),
        )
        self.column.addWidget(self.loopback)
        self.files = LineEdit(self.tr("Certificate files"), mono=True)
        self._browse = Button(self.tr("Add file…"), icon="folder", small=True)
        self._browse.clicked.connect(self._on_browse)
        self.add_field(
            self.tr("Trust these certificates in addition to the system's"),
            with_button(self.files, self._browse),
            self.tr("PEM files, with a semicolon between; for a proxy that opens TLS"),
        )
        self.add_words(
            self.tr("Certificates are always checked; there is no way to switch that off."), "text3"
        )
        self.column.addStretch(1)
        self.mode.currentChanged.connect(self._on_mode)
        self._on_mode(0)
        self._read()

    def _read(self) -> None:
        task = self.host.runner.start(self._services.network.read)
        task.succeeded.connect(self._on_read)
        task.failed.connect(self.host.fail)
        self.ok.set_available(self.tr("Being read"))

    @Slot(object)
    def _on_read(self, settings: NetworkSettings) -> None:
        self.mode.setCurrentIndex(_MODES.index(settings.mode))
        self.address.setText(settings.proxy)
        self.user.setText(settings.proxy_user)
        if settings.proxy_user:
            self.password.setPlaceholderText(self.tr("Unchanged"))
        self.loopback.setChecked(settings.proxy_loopback)
        self.files.setText(_BETWEEN.join(settings.ca_files))
        self.files.setCursorPosition(0)
        self.ok.set_available()
        found = self.host.runner.start(self._services.network.proxy_script)
        found.succeeded.connect(self._on_script)
        found.failed.connect(self.host.fail)

    @Slot(object)
    def _on_script(self, script: str) -> None:
        if script:
            self._script.tell(
                Tone.WARN,
                self.tr("The system names a proxy script (PAC)"),
                self.tr("Sealwright does not run {0}. Name the proxy itself.").format(script),
            )

    @Slot(int)
    def _on_mode(self, index: int) -> None:
        manual = _MODES[index] is ProxyMode.MANUAL
        for field in self._manual:
            field.setVisible(manual)
        self.loopback.setVisible(manual)

    @Slot()
    def _on_browse(self) -> None:
        dialog = QFileDialog(self, self.tr("Certificates to trust"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(self.tr("Certificates (*.pem *.crt *.cer);;All files (*)"))
        dialog.fileSelected.connect(self._on_file)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(str)
    def _on_file(self, path: str) -> None:
        self.files.setText(_BETWEEN.join([*self._paths(), path]))

    def _paths(self) -> list[str]:
        return [one.strip() for one in self.files.text().split(_BETWEEN) if one.strip()]

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """Keep and use what the form says."""
        mode = _MODES[self.mode.currentIndex()]
        address = self.address.text().strip()
        missing = mode is ProxyMode.MANUAL and not address
        self._address_field.set_problem(self.tr("Required") if missing else "")
        if missing:
            return None
        wanted = NetworkSettings(
            mode=mode,
            proxy=address,
            proxy_user=self.user.text().strip(),
            proxy_loopback=self.loopback.isChecked(),
            ca_files=tuple(self._paths()),
        )
        password = Secret(self.password.text()) if self.password.text() else None
        return partial(self._services.network.save, wanted, password)
