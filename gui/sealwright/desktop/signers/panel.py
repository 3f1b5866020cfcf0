"""The Signers panel."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.host import Notice
from sealwright.desktop.messages import message
from sealwright.desktop.panel import Panel, sizes_in
from sealwright.desktop.signers.add_sheet import AddSignerSheet
from sealwright.desktop.signers.certificate_view import CertificateView
from sealwright.desktop.signers.expiry import expiry
from sealwright.desktop.signers.finds import command, key_finds
from sealwright.desktop.signers.halves import Halves
from sealwright.desktop.signers.keys_pane import KeysPane
from sealwright.desktop.signers.rows import signer_columns, signer_row
from sealwright.desktop.signers.run_sheet import SignerRunSheet
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.heads import PanelHead
from sealwright.desktop.widgets.padded import Padded
from sealwright.desktop.widgets.surfaces import Banner, EmptyState
from sealwright.desktop.widgets.tables.tree import TreeTable
from sealwright.desktop.wording import common_name
from sealwright.services.model import TrustModel
from sealwright.services.reaching.overview import PolicySigner, PolicySigners

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sealwright.desktop.host import Host
    from sealwright.desktop.tasks import Task
    from sealwright.desktop.widgets.finds import Find
    from sealwright.desktop.widgets.tables.cells import Row
    from sealwright.services.bundle import Services
    from sealwright.services.changes.signer_run import SignerRun
    from sealwright.services.keys import KeyUse
    from sealwright.services.model import Certificate, Provider


class SignersPanel(Panel):
    """The certificates a provider trusts, beside the keys of this computer."""

    def __init__(self, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(host, parent)
        self._read: PolicySigners | None = None
        self._task: Task | None = None
        self._said = ("", "")
        self._head = PanelHead(self.tr("Signers"))
        self.add = Button(self.tr("Add signer"), icon="plus", kind=Kind.PRIMARY)
        self._refresh = Button(self.tr("Refresh"), icon="refresh", kind=Kind.GHOST)
        self._banner = Banner()
        self.table = TreeTable(self.tr("Signers of the provider"), signer_columns())
        self.certificate = CertificateView()
        self.keys = KeysPane(host)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._upper = QWidget()
        self._halves = Halves(self._upper, self.table, self.certificate)
        self._build()
        self._connect()
        self.table.set_loading(on=True)
        self._show_add()

    def _build(self) -> None:
        self._head.tools.addWidget(self._refresh)
        self._head.tools.addWidget(self.add)
        column = QVBoxLayout(self._upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        holder = QVBoxLayout()
        pad = theme.px(16)
        holder.setContentsMargins(pad, 0, pad, 0)
        holder.addWidget(Padded(self._banner))
        column.addWidget(self._head)
        column.addLayout(holder)
        column.addWidget(self.table, 1)
        self._splitter.addWidget(self._halves)
        self._splitter.addWidget(self.keys)
        self._splitter.setHandleWidth(1)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setSizes([theme.px(972), theme.px(392)])
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._splitter)

    def _connect(self) -> None:
        self.host.provider_changed.connect(self._on_provider)
        self.host.changed.connect(self._on_changed)
        self.add.clicked.connect(self._on_add)
        self._refresh.clicked.connect(self._reload)
        self.table.row_chosen.connect(self._on_row)
        self.certificate.remove_wanted.connect(self._on_remove)
        self.certificate.export_wanted.connect(self._on_export)
        self.keys.add_wanted.connect(self._on_add_key)
        self.keys.listed.connect(self._show_add)

    # --- reading ------------------------------------------------------------------------------

    def set_services(self, services: Services) -> None:
        """Read my keys and the provider's certificates."""
        super().set_services(services)
        self.keys.set_services(services)
        self._reload()

    @Slot(object)
    def _on_provider(self, provider: Provider | None) -> None:
        if provider and self._read and self._read.provider.id == provider.id:
            # The same, read anew: whoever is adding a signer goes on with what was known.
            self._reload()
            return
        self._read = None
        self.table.set_rows([])
        self.certificate.show_signer(None)
        self._banner_off()
        self._reload()

    @Slot(str)
    def _on_changed(self, what: str) -> None:
        if what == "signers":
            self._reload()

    @Slot()
    def _reload(self) -> None:
        provider = self.host.provider
        self._show_add()
        if provider is None or self.services is None:
            return
        words = self.tr("of {0}, trust model {1}")
        self._head.set_subtitle(words.format(provider.name, provider.trust_model.value))
        if self._task is not None:
            self._task.cancel()
        if provider.trust_model != TrustModel.ISOLATED:
            self._task = None
            self._show_not_isolated(provider)
            return
        self.table.set_loading(on=True)
        title = self.tr("Reading signers of {0}").format(provider.name)
        call = partial(self.services.signers.list, provider.id)
        self._task = self.host.runner.start(call, title=title)
        self._task.succeeded.connect(self._on_signers)
        self._task.failed.connect(self._on_failed)

    @Slot(object)
    def _on_signers(self, found: PolicySigners) -> None:
        provider = self.host.provider
        if provider is None or found.provider.id != provider.id:
            return
        self._read = found
        self._say_empty(
            "signers",
            self.tr("This provider trusts no certificate"),
            self.tr("Add one to be able to sign its policies."),
        )
        self.table.set_rows([signer_row(signer) for signer in found.signers])
        if not self.table.current_row and found.signers:
            self.table.select_key(found.signers[0].certificate.sha256)
        self._on_row(self.table.current_row)
        self._tell_expiry(found)
        self._halves.share()
        self.keys.read_again()
        self._show_add()

    @Slot(object)
    def _on_failed(self, error: BaseException) -> None:
        shown = message(error)
        self._say_empty("lock", shown.title, shown.text, action=self.tr("Try again"))
        self.table.set_rows([])

    def _say_empty(self, icon: str, title: str, words: str, action: str = "") -> None:
        """Why there are no rows; what stands there already is left alone."""
        said = (title, words)
        if said == self._said:
            return
        self._said = said
        empty = EmptyState(icon, title, words, action=action, action_icon="refresh")
        empty.acted.connect(self._reload)
        self.table.set_placeholder(empty)

    def _show_not_isolated(self, provider: Provider) -> None:
        words = (
            self.tr("A shared provider takes no policies of its own.")
            if provider.trust_model == TrustModel.SHARED
            else self.tr("In the AAD trust model the role decides who may set a policy.")
        )
        self._say_empty("signers", self.tr("{0} has no signers").format(provider.name), words)
        self.table.set_rows([])
        self.certificate.show_signer(None)

    def _banner_off(self) -> None:
        self._banner.hide()

    def _tell_expiry(self, found: PolicySigners) -> None:
        told = expiry([signer.certificate for signer in found.signers])
        if told is None:
            self._banner_off()
            self.badge.emit(0, False, "")  # noqa: FBT003 - a signal
            return
        tone = Tone.ERR if told.gone else Tone.WARN
        self._banner.tell(tone, told.title, told.sentence, icon="clock")
        self.badge.emit(told.count, told.gone, told.title)

    @Slot()
    def _show_add(self) -> None:
        provider = self.host.provider
        reason = ""
        if provider is None:
            reason = self.tr("No provider is chosen.")
        elif provider.trust_model != TrustModel.ISOLATED:
            reason = self.tr("Only Isolated providers have signers; choose one above.")
        elif self._read is not None and not self._read.keys_here:
            reason = self.tr("None of the trusted keys is on this computer; import one first.")
        self.add.set_available(reason)

    # --- acting -------------------------------------------------------------------------------

    def _signer(self) -> PolicySigner | None:
        row = self.table.current_row
        return row.data if row is not None and isinstance(row.data, PolicySigner) else None

    @Slot(object)
    def _on_row(self, row: Row | None) -> None:
        signer = row.data if row is not None else None
        self.certificate.show_signer(signer if isinstance(signer, PolicySigner) else None)

    def _trusted_keys(self, *, but: str = "") -> list[str]:
        signers = self._read.keys_here if self._read is not None else ()
        names = [s.key_here for s in signers if s.certificate.sha256 != but]
        return names or [s.key_here for s in signers]

    @Slot()
    def _on_add(self) -> None:
        if self.services is None or self._read is None:
            return
        trusted = {signer.certificate.sha256 for signer in self._read.signers}
        free = [use for use in self.keys.keys if use.key.certificate.sha256 not in trusted]
        sheet = AddSignerSheet(self.host, self.window(), self.services, free)
        sheet.certificate_chosen.connect(self._on_add_certificate)
        sheet.open_sheet()

    @Slot(object)
    def _on_add_key(self, use: KeyUse) -> None:
        if self.add.isEnabled():
            self._on_add_certificate(use.key.certificate)
        else:
            self.host.notify(Notice(self.tr("It cannot be added"), self.add.toolTip(), Tone.WARN))

    @Slot(object)
    def _on_add_certificate(self, certificate: Certificate) -> None:
        provider, services = self.host.provider, self.services
        if provider is None or services is None:
            return
        name = common_name(certificate.subject)

        async def prepare(key: str, _typed: str) -> SignerRun:
            return await services.signers.add(provider.id, certificate.der, signing_key=key)

        sheet = SignerRunSheet(
            self.host,
            self.window(),
            title=self.tr("Add {0} to {1}").format(name, provider.name),
            verb=self.tr("Add signer"),
            sentences=[
                self.tr(
                    "Whoever has the key of this certificate can set and reset the policies of "
                    "{0} from then on."
                ).format(provider.name),
                self.tr("SHA-256 {0}").format(certificate.sha256),
            ],
            keys=self._trusted_keys(),
            typed_name="",
            prepare=prepare,
        )
        sheet.open_sheet()

    @Slot()
    def _on_remove(self) -> None:
        signer, provider, services = self._signer(), self.host.provider, self.services
        if signer is None or provider is None or services is None:
            return
        call = partial(services.signers.needs_typed_name, provider.id, signer.certificate.sha256)
        task = self.host.runner.start(call)
        task.then(self._open_remove, provider, signer)
        task.failed.connect(self.host.fail)

    def _open_remove(self, provider: Provider, signer: PolicySigner, last: object) -> None:
        services = self.services
        if services is None:
            return
        sha256 = signer.certificate.sha256

        async def prepare(key: str, typed: str) -> SignerRun:
            return await services.signers.remove(
                provider.id, sha256, signing_key=key, typed_name=typed
            )

        name = common_name(signer.certificate.subject)
        sentences = [
            self.tr("Policies signed with {0} stay, but it can sign no new ones.").format(name)
        ]
        if last:
            sentences.append(
                self.tr(
                    "It is the last signer whose key is on this computer: afterwards nothing at "
                    "{0} can be changed from here."
                ).format(provider.name)
            )
        sheet = SignerRunSheet(
            self.host,
            self.window(),
            title=self.tr("Remove {0} from {1}?").format(name, provider.name),
            verb=self.tr("Remove signer"),
            sentences=sentences,
            keys=self._trusted_keys(but=sha256),
            typed_name=provider.name if last else "",
            prepare=prepare,
            danger=True,
        )
        sheet.open_sheet()

    @Slot()
    def _on_export(self) -> None:
        signer = self._signer()
        if signer is None:
            return
        dialog = QFileDialog(self, self.tr("Export the certificate to"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(f"{common_name(signer.certificate.subject)}.cer")
        dialog.fileSelected.connect(partial(self._export_to, signer.certificate.der))
        dialog.open()

    def _export_to(self, der: bytes, path: str) -> None:
        if self.services is not None:
            task = self.host.runner.start(partial(self.services.files.write, path, der))
            task.then(self._on_exported, path)
            task.failed.connect(self.host.fail)

    def _on_exported(self, path: str, _result: object) -> None:
        self.host.notify(Notice(self.tr("The certificate was exported"), path, Tone.OK))

    # --- the window's questions ---------------------------------------------------------------

    def panes(self) -> Sequence[QWidget]:
        """Certificates, details, keys."""
        return (self.table, self.certificate.export, self.keys.table)

    def finds(self) -> Sequence[Find]:
        """Keys, and the commands of this panel."""
        return [
            *key_finds(self.keys.keys, self._go_to),
            command(self.tr("Generate a signing key"), self.keys.generate.click, "key"),
            command(self.tr("Add signer"), self._add_here, "plus"),
        ]

    def _add_here(self) -> None:
        self.host.panel_wanted.emit("signers")
        if self.add.isEnabled():
            self._on_add()
        else:
            title = self.tr("No signer can be added here")
            self.host.notify(Notice(title, self.add.toolTip(), Tone.WARN))

    def _go_to(self, name: str) -> None:
        self.host.panel_wanted.emit("signers")
        self.keys.table.select_key(name)
        self.keys.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def save_state(self) -> Mapping[str, object]:
        """Splitters and selection."""
        return {
            "splitter": self._splitter.sizes(),
            "halves": self._halves.chosen,
            "key": self.keys.table.current_key,
        }

    def restore_state(self, state: Mapping[str, object]) -> None:
        """The same again."""
        for name, put in (("splitter", self._splitter.setSizes), ("halves", self._halves.hold)):
            sizes = sizes_in(state, name)
            if sizes:
                put(sizes)
        key = state.get("key")
        if isinstance(key, str) and key:
            self.keys.table.select_key(key)
