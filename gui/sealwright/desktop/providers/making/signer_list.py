"""The first signers of a new Isolated provider: keys of this computer, and certificate files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role
from sealwright.desktop.widgets.buttons import Button, ToolButton
from sealwright.desktop.widgets.fields import ComboBox
from sealwright.desktop.widgets.labels import ElidingLabel
from sealwright.desktop.widgets.surfaces import Picture
from sealwright.desktop.wording import common_name, day, file_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.desktop.host import Host
    from sealwright.services.bundle import Services
    from sealwright.services.keys import KeyUse
    from sealwright.services.model import Certificate

_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class FirstSigner:
    """A certificate that shall be trusted; `key` is the name of its key here, or empty."""

    certificate: Certificate
    key: str = ""
    file: str = ""


class SignerList(QWidget):
    """What was chosen, each with a cross, and below it what can be added."""

    changed = Signal()
    failed = Signal(object)
    """A file that was chosen holds no certificate."""

    def __init__(self, host: Host, services: Services) -> None:
        super().__init__()
        self._host, self._services = host, services
        self._signers: tuple[FirstSigner, ...] = ()
        self.known = False
        """Whether the keys of this computer were read."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        self._rows = QVBoxLayout()
        self._rows.setSpacing(theme.px(4))
        column.addLayout(self._rows)
        self.keys = ComboBox(self.tr("Key of this computer"))
        self.add = Button(self.tr("Add key"), icon="plus", small=True)
        self.files = Button(self.tr("Certificate files…"), icon="folder", small=True)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(self.keys, 1)
        row.addWidget(self.add)
        row.addWidget(self.files)
        column.addLayout(row)
        self.add.clicked.connect(self._on_add)
        self.files.clicked.connect(self._on_files)
        self.add.set_available(self.tr("The keys of this computer are being read."))

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """DER, in the order they were added."""
        return tuple(each.certificate.der for each in self._signers)

    @property
    def signing_key(self) -> str:
        """The first of them whose key is here; empty when none is."""
        return next((each.key for each in self._signers if each.key), "")

    def set_keys(self, keys: Sequence[KeyUse]) -> None:
        """The keys of this computer; the first is a signer until somebody says otherwise."""
        self.known = True
        self.keys.clear()
        for use in keys:
            self.keys.addItem(use.key.name, use)
        nothing = self.tr("Generate or import a key on the Signers panel first.")
        self.add.set_available("" if keys else nothing)
        if keys and not self._signers:
            self._on_add()

    def put(self, *signers: FirstSigner) -> None:
        """Add what is not there yet; a key that is here says more than its certificate."""
        held = {each.certificate.sha256: each for each in self._signers}
        for one in signers:
            before = held.get(one.certificate.sha256)
            if before is None or (one.key and not before.key):
                held[one.certificate.sha256] = one
        self._show(tuple(held.values()))

    @Slot()
    def _on_add(self) -> None:
        use: KeyUse | None = self.keys.currentData()
        if use is not None:
            self.put(FirstSigner(use.key.certificate, key=use.key.name))
            # The next one is what somebody wants who adds another.
            self.keys.setCurrentIndex(min(self.keys.currentIndex() + 1, self.keys.count() - 1))

    @Slot()
    def _on_files(self) -> None:
        dialog = QFileDialog(self, self.tr("Open certificates"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(self.read_files)
        dialog.open()

    @Slot(list)
    def read_files(self, paths: list[str]) -> None:
        """Add every certificate in these files."""
        task = self._host.runner.start(partial(_read, self._services, tuple(paths)))
        task.succeeded.connect(self._on_read)
        task.failed.connect(self.failed)

    @Slot(object)
    def _on_read(self, found: tuple[FirstSigner, ...]) -> None:
        self.put(*found)

    def _show(self, signers: tuple[FirstSigner, ...]) -> None:
        self._signers = signers
        while self._rows.count():
            item = self._rows.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for each in signers:
            self._rows.addWidget(self._row(each))
        self.changed.emit()

    def _row(self, signer: FirstSigner) -> QWidget:
        name = common_name(signer.certificate.subject)
        holder = QWidget()
        holder.setAccessibleName(self.tr("Signer {0}").format(name))
        row = QHBoxLayout(holder)
        row.setContentsMargins(theme.px(2), 0, 0, 0)
        row.setSpacing(theme.px(8))
        row.addWidget(Picture("key" if signer.key else "cert", "text2"))
        row.addWidget(ElidingLabel(name, role=Role.STRONG), 1)
        origin = (
            self.tr("key “{0}” here").format(signer.key)
            if signer.key
            else self.tr("from {0}").format(signer.file)
        )
        until = self.tr("until {0}").format(day(signer.certificate.not_after))
        row.addWidget(ElidingLabel(f"{origin}, {until}", role=Role.SMALL, color="text3"))
        remove = ToolButton(
            "close", self.tr("Remove signer {0}").format(name), size=24, icon_size=14
        )
        remove.clicked.connect(partial(self._remove, signer))
        row.addWidget(remove)
        return holder

    def _remove(self, signer: FirstSigner) -> None:
        self.keys.setFocus()  # The cross that had the focus goes with its row.
        self._show(tuple(each for each in self._signers if each is not signer))


async def _read(services: Services, paths: tuple[str, ...]) -> tuple[FirstSigner, ...]:
    from anyio import to_thread  # noqa: PLC0415 - start-up stays light

    found: list[FirstSigner] = []
    for path in paths:
        data = await services.files.read(path, limit=_LARGEST)
        held = await to_thread.run_sync(services.signers.read_certificates, data)
        name = file_name(path)
        found += [FirstSigner(each, file=name) for each in held]
    return tuple(found)
