"""Sheets that write a backup, and that bring one back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from sealwright.desktop.tasks import Relay
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.cells import Column, Row, State, Text
from sealwright.desktop.widgets.fields import ComboBox, LineEdit
from sealwright.desktop.widgets.forms import FormSheet, with_button
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.running_sheet import RunningSheet
from sealwright.desktop.widgets.surfaces import EmptyState
from sealwright.desktop.widgets.tree import TreeTable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.desktop.host import Host
    from sealwright.services.backup.restore import Restored, RestorePlan
    from sealwright.services.backup.service import BackupReport
    from sealwright.services.bundle import Services
    from sealwright.services.keys import KeyUse
    from sealwright.services.model import Provider

_ARCHIVE_MOST = 512 * 2**20


class BackupSheet(FormSheet):
    """Where the archive goes, and which key signs it."""

    def __init__(self, host: Host, window: QWidget, services: Services) -> None:
        super().__init__(
            host,
            window,
            host.tr("Back up providers"),
            host.tr("Write backup"),
            icon="database",
            size=(560, 420),
        )
        self._services = services
        count = len(host.providers)
        self.add_words(
            self.tr(
                "Policies, signers and settings of {0} providers in one archive, each file with"
                " its hash. Keys are not in it: export those on the Signers panel."
            ).format(count)
        )
        self.file = LineEdit(self.tr("Archive"))
        choose = Button(self.tr("Choose…"), icon="folder")
        choose.clicked.connect(self._on_choose)
        place = with_button(self.file, choose)
        self._file_field = self.add_field(self.tr("Archive"), place)
        self._key = ComboBox(self.tr("Signed with"))
        self._key.addItem(self.tr("No key: nobody can prove who made it"), "")
        self.add_field(
            self.tr("Signed with"),
            self._key,
            self.tr("The signature shows later that nobody changed the archive"),
        )
        self.column.addStretch(1)
        task = host.runner.start(services.keys.list)
        task.succeeded.connect(self._on_keys)
        task.failed.connect(host.fail)

    @Slot(object)
    def _on_keys(self, keys: tuple[KeyUse, ...]) -> None:
        for use in keys:
            self._key.addItem(use.key.name, use.key.name)
        if keys:
            self._key.setCurrentIndex(1)

    @Slot()
    def _on_choose(self) -> None:
        dialog = QFileDialog(self, self.tr("Write the backup to"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile("attestation-backup.zip")
        dialog.fileSelected.connect(self.file.setText)
        dialog.open()

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """Write the archive."""
        path = self.file.text().strip()
        self._file_field.set_problem("" if path else self.tr("Name the file to write"))
        if not path:
            return None
        key = str(self._key.currentData() or "")
        return partial(_written, self._services, self.host.providers, path, key)


class RestoreSheet(RunningSheet):
    """An archive, what it would change at a provider, and the changes as they are proven."""

    def __init__(self, host: Host, window: QWidget, services: Services) -> None:
        super().__init__(
            host, window, host.tr("Restore from a backup"), icon="history", size=(860, 620)
        )
        self._services = services
        self._report: BackupReport | None = None
        self._plan: RestorePlan | None = None
        self._done: dict[int, Restored] = {}
        self._relay = Relay(self)
        self._relay.received.connect(self._on_item)
        self.file = LineEdit(self.tr("Archive"))
        self.file.setPlaceholderText(self.tr("A file that a backup wrote"))
        self._choose = Button(self.tr("Choose…"), icon="folder")
        self.check = Button(self.tr("Check"), icon="shield")
        self.source = ComboBox(self.tr("Provider in the archive"))
        self.target = ComboBox(self.tr("Restore to"))
        self._key = ComboBox(self.tr("Signed with"))
        self.table = TreeTable(
            self.tr("What is missing"),
            (
                Column("what", self.tr("What"), "Policy SgxEnclave", stretch=1),
                Column("state", self.tr("State"), "To be restored", icon=True),
                Column("detail", self.tr("Detail"), "The provider's answer", stretch=1),
            ),
        )
        self.apply = Button(self.tr("Restore"), kind=Kind.PRIMARY, icon="history")
        self._build()
        self._connect()
        self._fill()

    def _build(self) -> None:
        words = (self.tr("From"), self.tr("to"), self.tr("signed with"))
        chosen = (self.source, self.target, self._key)
        places: list[QWidget] = []
        for text, box in zip(words, chosen, strict=True):
            places += [Label(text, color="text2"), box]
        self.add_head((self.file, self._choose, self.check), places)
        self.body.addWidget(self.table, 1)
        self.buttons.addWidget(self.leave)
        self.buttons.addWidget(self.apply)

    def _connect(self) -> None:
        self._choose.clicked.connect(self._on_choose)
        self.file.returnPressed.connect(self.read)
        self.file.textChanged.connect(self.show_state)
        self.check.clicked.connect(self.read)
        self.source.currentIndexChanged.connect(self._on_place)
        self.target.currentIndexChanged.connect(self._on_place)
        self.apply.clicked.connect(self._on_apply)
        task = self.host.runner.start(self._services.keys.list)
        task.succeeded.connect(self._on_keys)
        task.failed.connect(self.host.fail)

    def _fill(self) -> None:
        for provider in self.host.providers:
            if provider.trust_model.value != "Shared":
                self.target.addItem(provider.name, provider)
        self.show_state()

    @Slot(object)
    def _on_keys(self, keys: tuple[KeyUse, ...]) -> None:
        self._key.addItems([use.key.name for use in keys])

    # --- what is shown ------------------------------------------------------------------------

    @Slot()
    def show_state(self) -> None:
        """What is missing, and what can be done now."""
        rows = []
        items = self._plan.items if self._plan is not None else ()
        for number, item in enumerate(items):
            done = self._done.get(number)
            state, detail = self._state(done)
            words = Text(f"{item.kind[:1].upper()}{item.kind[1:]} {item.what}", weight=500)
            rows.append(Row(str(number), (words, state, Text(detail, color="text2"))))
        empty = EmptyState(
            "history",
            self.tr("Nothing to be restored"),
            self.tr("Choose an archive and check it; what is missing at the provider stands here."),
        )
        self.table.set_placeholder(empty)
        self.table.set_rows(rows)
        busy = self.busy
        self.check.set_available(
            busy or ("" if self.file.text().strip() else self.tr("Choose an archive first."))
        )
        nothing = "" if items else self.tr("Check an archive first; what is missing is restored.")
        self.apply.set_available(busy or nothing)

    def _state(self, done: Restored | None) -> tuple[State, str]:
        if done is None:
            return State(self.tr("To be restored"), "clock", Tone.NEU), ""
        if done.proven:
            return State(self.tr("Proven"), "ok", Tone.OK), ""
        return State(self.tr("Failed"), "err", Tone.ERR), done.error.summary if done.error else ""

    # --- acting -------------------------------------------------------------------------------

    @Slot()
    def _on_choose(self) -> None:
        dialog = QFileDialog(self, self.tr("Open a backup"))
        dialog.setNameFilter(self.tr("Backups (*.zip);;All files (*)"))
        dialog.fileSelected.connect(self.file.setText)
        dialog.open()

    @Slot()
    def read(self) -> None:
        """Check the archive."""
        path = self.file.text().strip()
        if not path or self.busy:
            return
        self._report = self._plan = None
        call = partial(_checked, self._services, path)
        self.run(call, self.tr("Checking the backup")).succeeded.connect(self._on_report)

    @Slot(object)
    def _on_report(self, report: BackupReport) -> None:
        self._report = report
        worst = next((one for one in report.checks if one.status.value != "pass"), None)
        made = self.tr("Made {0}").format(report.backup.created)
        if worst is None:
            words = self.tr("{0}, signed by {1}.").format(made, report.signed_by)
            self.banner.tell(Tone.OK, self.tr("The archive is whole"), words)
        else:
            tone = Tone.WARN if report.valid else Tone.ERR
            self.banner.tell(tone, worst.title, f"{worst.detail} {made}.")
        self.source.clear()
        for saved in report.backup.providers:
            self.source.addItem(saved.name, saved.name)
            at = self.target.findText(saved.name)
            if at >= 0 and self.source.count() == 1:
                self.target.setCurrentIndex(at)

    @Slot()
    def _on_place(self) -> None:
        target, name = self.target.currentData(), self.source.currentData()
        if self._report is None or target is None or not name or not self._report.valid:
            return
        self._done.clear()
        call = partial(self._services.restorer.plan, self._report, str(name), target)
        task = self.host.runner.start(call, title=self.tr("Comparing with the backup"))
        task.succeeded.connect(self._on_plan)
        task.failed.connect(self._on_failed)

    @Slot(object)
    def _on_plan(self, plan: RestorePlan) -> None:
        self._plan = plan
        words = self.tr("{0} to be restored, {1} as in the backup")
        self.set_footer(words.format(len(plan.items), len(plan.same)))
        self.show_state()

    @Slot()
    def _on_apply(self) -> None:
        if self._plan is None or self.busy:
            return
        self._done.clear()
        call = partial(_restored, self._services, self._plan, self._key.currentText(), self._relay)
        self.run(call, self.tr("Restoring")).succeeded.connect(self._on_restored)

    @Slot(object)
    def _on_item(self, done: Restored) -> None:
        self._done[len(self._done)] = done
        self.show_state()

    @Slot(object)
    def _on_restored(self, proven: bool) -> None:  # noqa: FBT001 - a slot
        if proven:
            self.banner.tell(Tone.OK, self.tr("Restored: every change was proven"), "")
        else:
            words = self.tr("What failed says why in its row; nothing after it was begun.")
            self.banner.tell(Tone.ERR, self.tr("Not everything was restored"), words)
        if self._plan is not None:
            self.host.overviews.read((self._plan.target.id,))
        for what in ("policies", "signers", "activity"):
            self.host.changed.emit(what)


async def _written(services: Services, providers: tuple[Provider, ...], path: str, key: str) -> str:
    made = await services.backup.create(providers, key)
    await services.files.write(path, made.data)
    words = f"{path}: {made.providers} providers, {made.policies} policies, {made.signers} signers"
    return f"{words}. Missing: {'; '.join(made.missing)}" if made.missing else words


async def _checked(services: Services, path: str) -> BackupReport:
    return await services.backup.verify(await services.files.read(path, limit=_ARCHIVE_MOST))


async def _restored(services: Services, plan: RestorePlan, key: str, relay: Relay) -> bool:
    from sealwright.services.backup.restore import all_proven  # noqa: PLC0415 - brings anyio

    done = await services.restorer.run(plan, key, relay.post)
    await services.backup.rehearsed()
    return all_proven(plan, done)
