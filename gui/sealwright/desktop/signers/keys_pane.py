"""My keys: the right half of the Signers panel."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QPainter
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.host import Notice
from sealwright.desktop.signers.rows import key_columns, key_row
from sealwright.desktop.signers.sheets import ExportSheet, GenerateSheet, ImportSheet, RenameSheet
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.buttons import Button, Kind, ToolButton
from sealwright.desktop.widgets.chip import Chip
from sealwright.desktop.widgets.drop_zone import DropZone
from sealwright.desktop.widgets.forms import TypedNameSheet
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.surfaces import EmptyState
from sealwright.desktop.widgets.tables.tree import TreeTable
from sealwright.desktop.wording import file_name
from sealwright.services.keys import KeyUse

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from sealwright.desktop.host import Host
    from sealwright.services.bundle import Services
    from sealwright.services.model import VaultStatus

_LARGEST = 1 << 20


class KeysPane(QWidget):
    """Generate, import, export, rename and delete keys of this computer."""

    add_wanted = Signal(object)
    """KeyUse: make its certificate a signer of the provider."""
    listed = Signal(object)
    """tuple[KeyUse, ...]"""

    def __init__(self, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("My keys"))
        self._host = host
        self._services: Services | None = None
        self.keys: tuple[KeyUse, ...] = ()
        self._vault = Chip(self.tr("Keyring"), Tone.NEU, "lock")
        self._import = ToolButton("import", self.tr("Import key…"), size=30)
        self.generate = Button(self.tr("Generate"), icon="plus")
        self.table = TreeTable(self.tr("My keys"), key_columns())
        self.table.setHeaderHidden(True)
        self.drop = DropZone(
            self.tr("Drop a key or certificate here"),
            self.tr("PEM, DER or PKCS#12, or paste with Ctrl+V"),
        )
        self._export = Button(self.tr("Export…"), icon="export", kind=Kind.GHOST, small=True)
        self._rename = Button(self.tr("Rename…"), icon="pencil", kind=Kind.GHOST, small=True)
        self._delete = Button(self.tr("Delete…"), icon="trash", kind=Kind.GHOST, small=True)
        self._build()
        self._connect()
        self.table.set_loading(on=True)
        self._show_actions()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(theme.px(16), 0, theme.px(16), 0)
        head.setSpacing(theme.px(8))
        head.addWidget(Label(self.tr("My keys"), role=Role.SHEET))
        head.addWidget(self._vault)
        head.addStretch(1)
        head.addWidget(self._import)
        head.addWidget(self.generate)
        top = QWidget()
        top.setFixedHeight(theme.px(56))
        top.setLayout(head)
        actions = QHBoxLayout()
        actions.setContentsMargins(theme.px(8), theme.px(4), theme.px(8), 0)
        actions.setSpacing(0)
        for button in (self._export, self._rename, self._delete):
            actions.addWidget(button)
        actions.addStretch(1)
        foot = QVBoxLayout()
        pad = theme.px(16)
        foot.setContentsMargins(pad, theme.px(8), pad, pad)
        foot.addWidget(self.drop)
        empty = EmptyState(
            "key",
            self.tr("No signing key is on this computer"),
            self.tr("Generate one, or drop one below."),
            action=self.tr("Generate key"),
            action_icon="plus",
        )
        empty.acted.connect(self._on_generate)
        self.table.set_placeholder(empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(top)
        column.addWidget(self.table, 1)
        column.addLayout(actions)
        column.addLayout(foot)

    def _connect(self) -> None:
        self.generate.clicked.connect(self._on_generate)
        self._import.clicked.connect(self._on_import)
        self._export.clicked.connect(self._on_export)
        self._rename.clicked.connect(self._on_rename)
        self._delete.clicked.connect(self._on_delete)
        self.drop.clicked.connect(self._on_open)
        self.drop.file_dropped.connect(self.import_file)
        self.drop.text_dropped.connect(self._on_text)
        self.table.row_chosen.connect(self._show_actions)
        self._host.changed.connect(self._on_changed)

    def set_services(self, services: Services) -> None:
        """Read the keys and the state of the secret store."""
        self._services = services
        self._read()

    @Slot(str)
    def _on_changed(self, what: str) -> None:
        if what == "keys":
            self._read()

    def read_again(self) -> None:
        """What a key signs for is known once the signers of a provider were read."""
        if self._services is not None:
            task = self._host.runner.start(self._services.keys.list)
            task.succeeded.connect(self._on_listed)
            task.failed.connect(self._host.fail)

    def _read(self) -> None:
        if self._services is None:
            return
        task = self._host.runner.start(self._services.keys.list)
        task.succeeded.connect(self._on_listed)
        task.failed.connect(self._host.fail)
        status = self._host.runner.start(self._services.keys.status)
        status.succeeded.connect(self._on_status)
        status.failed.connect(self._host.fail)

    @Slot(object)
    def _on_listed(self, keys: tuple[KeyUse, ...]) -> None:
        self.keys = keys
        self.table.set_rows([key_row(use) for use in keys])
        if keys and self.table.current_row is None:
            self.table.select_key(keys[0].key.name)
        self._show_actions()
        self.listed.emit(keys)

    @Slot(object)
    def _on_status(self, status: VaultStatus) -> None:
        if not status.usable:
            words = self.tr("No keyring"), Tone.WARN, "warn"
        elif status.kind == "memory":
            words = self.tr("Memory only"), Tone.WARN, "lock"
        elif status.kind == "file":
            words = self.tr("Vault file"), Tone.OK, "lock"
        else:
            words = self.tr("Keyring unlocked"), Tone.OK, "lock"
        self._vault.set_state(*words, f"{status.backend} {status.problem}".strip())

    def chosen(self) -> KeyUse | None:
        """The marked key."""
        row = self.table.current_row
        return row.data if row is not None and isinstance(row.data, KeyUse) else None

    @Slot()
    def _show_actions(self) -> None:
        reason = "" if self.chosen() is not None else self.tr("Select a key first.")
        for button in (self._export, self._rename, self._delete):
            button.set_available(reason)

    # --- acting -------------------------------------------------------------------------------

    @Slot()
    def _on_generate(self) -> None:
        if self._services is not None:
            sheet = GenerateSheet(self._host, self.window(), self._services)
            sheet.done.connect(partial(self._on_made, self.tr("{0} was generated")))
            sheet.open_sheet()

    def _on_made(self, words: str, key: object) -> None:
        name = str(getattr(key, "name", ""))
        self._host.notify(Notice(words.format(name), tone=Tone.OK))
        self.table.select_key(name)
        self._host.changed.emit("keys")
        self._host.changed.emit("activity")

    @Slot()
    def _on_import(self) -> None:
        self._open_import()

    def _open_import(self, data: bytes = b"", name: str = "") -> None:
        if self._services is not None:
            sheet = ImportSheet(self._host, self.window(), self._services, data, name)
            sheet.done.connect(partial(self._on_made, self.tr("{0} was imported and checked")))
            sheet.open_sheet()

    @Slot()
    def _on_open(self) -> None:
        dialog = QFileDialog(self, self.tr("Open a key"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.import_file)
        dialog.open()

    @Slot(str)
    def import_file(self, path: str) -> None:
        """Read a file, then ask for name and passphrase."""
        if self._services is None:
            return
        name = file_name(path).rsplit(".", 1)[0]
        call = partial(self._services.files.read, path, limit=_LARGEST)
        task = self._host.runner.start(call, title=self.tr("Reading {0}").format(path))
        task.then(self._on_file, name)
        task.failed.connect(self._host.fail)

    def _on_file(self, name: str, data: bytes) -> None:
        self._open_import(data, name)

    @Slot(str)
    def _on_text(self, text: str) -> None:
        self._open_import(text.encode(), "")

    @Slot()
    def _on_export(self) -> None:
        use = self.chosen()
        if use is not None and self._services is not None:
            sheet = ExportSheet(self._host, self.window(), self._services, use.key.name)
            sheet.done.connect(self._on_exported)
            sheet.open_sheet()

    @Slot(object)
    def _on_exported(self, path: object) -> None:
        self._host.notify(Notice(self.tr("The key was exported"), str(path), Tone.OK))
        self._host.changed.emit("activity")

    @Slot()
    def _on_rename(self) -> None:
        use = self.chosen()
        if use is not None and self._services is not None:
            sheet = RenameSheet(self._host, self.window(), self._services, use.key.name)
            sheet.done.connect(partial(self._on_made, self.tr("The key is called {0} now")))
            sheet.open_sheet()

    @Slot()
    def _on_delete(self) -> None:
        use, services = self.chosen(), self._services
        if use is None or services is None:
            return
        name = use.key.name
        sentences = [self.tr("The private key is removed from the secret store for good.")]
        if use.signs_for:
            names = ", ".join(provider.name for provider in use.signs_for)
            sentences.append(
                self.tr(
                    "It signs for {0}. Without it, policies there can only be changed with "
                    "another trusted key."
                ).format(names)
            )
        sheet = TypedNameSheet(
            self._host,
            self.window(),
            title=self.tr("Delete the key {0}?").format(name),
            verb=self.tr("Delete key"),
            sentences=sentences,
            name=name,
            run=lambda _typed: services.keys.delete(name),
        )
        sheet.done.connect(partial(self._on_deleted, name))
        sheet.open_sheet()

    def _on_deleted(self, name: str, _result: object) -> None:
        self._host.notify(Notice(self.tr("{0} is deleted").format(name), tone=Tone.OK))
        self._host.changed.emit("keys")
        self._host.changed.emit("activity")

    @virtual
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The same actions under the mouse."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        use = self.chosen()
        if use is not None:
            add = menu.addAction(theme.icon("plus"), self.tr("Add as signer…"))
            add.triggered.connect(partial(self.add_wanted.emit, use))
            for text, slot in (
                (self.tr("Export…"), self._on_export),
                (self.tr("Rename…"), self._on_rename),
                (self.tr("Delete…"), self._on_delete),
            ):
                menu.addAction(text).triggered.connect(slot)
        menu.popup(event.globalPos())

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """The line below the head."""
        painter = QPainter(self)
        colors = theme.palette()
        painter.fillRect(0, theme.px(56) - 1, self.width(), 1, colors.border)
