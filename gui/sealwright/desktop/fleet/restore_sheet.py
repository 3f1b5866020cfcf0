"""The sheet that brings a backup back: checked, compared, reviewed, then made and proven."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QFileDialog, QSplitter, QWidget

from sealwright.desktop.fleet.restore_rows import build, columns
from sealwright.desktop.tasks import Relay
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.diff import DiffView
from sealwright.desktop.widgets.fields import ComboBox, LineEdit
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.running_sheet import RunningSheet
from sealwright.desktop.widgets.surfaces import EmptyState
from sealwright.desktop.widgets.tables.tree import TreeTable
from sealwright.desktop.wording import common_name, day, fingerprint, local_time
from sealwright.services.model import TrustModel

if TYPE_CHECKING:
    from sealwright.desktop.host import Host
    from sealwright.desktop.tasks import Task
    from sealwright.desktop.widgets.tables.cells import Row
    from sealwright.services.backup.restore import Restored, RestorePlan
    from sealwright.services.backup.service import BackupReport
    from sealwright.services.bundle import Services
    from sealwright.services.keys import KeyUse
    from sealwright.services.model import Provider

_ARCHIVE_MOST = 512 * 2**20


class RestoreSheet(RunningSheet):
    """An archive, what it would change at a provider, and the changes as they are proven."""

    def __init__(self, host: Host, window: QWidget, services: Services) -> None:
        super().__init__(
            host, window, host.tr("Restore from a backup"), icon="history", size=(900, 680)
        )
        self._services = services
        self._report: BackupReport | None = None
        self._plan: RestorePlan | None = None
        self._comparing: Task | None = None
        self._done: list[Restored] = []
        self._over = False
        self._own: frozenset[str] = frozenset()
        self._relay = Relay(self)
        self._relay.received.connect(self._on_item)
        self.file = LineEdit(self.tr("Archive"))
        self.file.setPlaceholderText(self.tr("A file that a backup wrote"))
        self._choose = Button(self.tr("Choose…"), icon="folder")
        self.check = Button(self.tr("Check"), icon="shield")
        self.source = ComboBox(self.tr("Provider in the archive"))
        self.target = ComboBox(self.tr("Restore to"))
        self.key = ComboBox(self.tr("Signed with"))
        self._signed = Label(self.tr("signed with"), color="text2")
        self.table = TreeTable(self.tr("What is missing"), columns())
        self.diff = DiffView(self.tr("What would change"))
        self.apply = Button(self.tr("Restore"), kind=Kind.PRIMARY, icon="history")
        self._build()
        self._connect()
        self._fill()

    def _build(self) -> None:
        places: list[QWidget] = [Label(self.tr("From"), color="text2"), self.source]
        places += [Label(self.tr("to"), color="text2"), self.target, self._signed, self.key]
        self.add_head((self.file, self._choose, self.check), places)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setHandleWidth(1)
        parts.addWidget(self.table)
        parts.addWidget(self.diff)
        parts.setStretchFactor(0, 1)
        parts.setStretchFactor(1, 1)
        self.body.addWidget(parts, 1)
        self.buttons.addWidget(self.leave)
        self.buttons.addWidget(self.apply)

    def _connect(self) -> None:
        self._choose.clicked.connect(self._on_choose)
        self.file.returnPressed.connect(self.read)
        self.file.textChanged.connect(self._on_file)
        self.check.clicked.connect(self.read)
        self.source.currentIndexChanged.connect(self._on_place)
        self.target.currentIndexChanged.connect(self._on_place)
        self.apply.clicked.connect(self._on_apply)
        self.table.row_chosen.connect(self._on_row)
        task = self.host.runner.start(self._services.keys.list)
        task.succeeded.connect(self._on_keys)
        task.failed.connect(self.host.fail)

    def _fill(self) -> None:
        able = [one for one in self.host.providers if one.trust_model is not TrustModel.SHARED]
        names = [provider.name for provider in able]
        for provider in able:
            twice = names.count(provider.name) > 1
            words = f"{provider.name} · {provider.attest_uri}" if twice else provider.name
            self.target.addItem(words, provider)
        self._show_keys()
        self.show_state()

    @Slot(object)
    def _on_keys(self, keys: tuple[KeyUse, ...]) -> None:
        self._own = frozenset(use.key.certificate.sha256 for use in keys)

    # --- what is shown ------------------------------------------------------------------------

    @Slot()
    def show_state(self) -> None:
        """What is missing, and what can be done now."""
        self.table.set_placeholder(self._empty())
        self.table.set_rows(build(self._plan, self._done, running=bool(self.busy), over=self._over))
        self.diff.setVisible(self._plan is not None and bool(self._plan.items))
        busy = self.busy
        for field in (self.file, self.source, self.target, self.key):
            field.setEnabled(not busy)
        self._choose.set_available(busy)
        nowhere = "" if self.file.text().strip() else self.tr("Choose an archive first.")
        self.check.set_available(busy or nowhere)
        self.apply.set_available(busy or self._why_not())

    def _why_not(self) -> str:
        if self._comparing is not None:
            return self.tr("It is being compared with the backup.")
        if self._plan is None:
            return self.tr("Check an archive first; what is missing is restored.")
        if not self._plan.items:
            return self.tr("Nothing is missing.")
        if self._over:
            return self.tr("Check again first: it goes on with what is left.")
        if self._needs_key() and not self.key.count():
            return self.tr("No key on this computer belongs to a signer of this provider.")
        return ""

    def _empty(self) -> EmptyState:
        if self._plan is not None:
            words = self.tr("{0} has everything that the backup holds of {1}.")
            names = (self._plan.target.name, self._plan.source.name)
            return EmptyState("ok", self.tr("Nothing is missing"), words.format(*names))
        return EmptyState(
            "history",
            self.tr("Nothing is compared yet"),
            self.tr("Choose an archive and check it; what is missing at the provider stands here."),
        )

    def _needs_key(self) -> bool:
        return self._plan is not None and self._plan.target.trust_model is TrustModel.ISOLATED

    def _show_keys(self) -> None:
        """Only an Isolated provider wants a signature, and only by a key that it trusts."""
        self.key.clear()
        choices = self._plan.choices if self._plan is not None else ()
        self.key.addItems([each.key.name for each in choices if each.accepted])
        for widget in (self._signed, self.key):
            widget.setVisible(self._needs_key())

    @Slot(object)
    def _on_row(self, row: Row | None) -> None:
        items = self._plan.items if self._plan is not None else ()
        self.diff.set_diff(items[int(row.key)].diff if row is not None and items else None)

    # --- reading ------------------------------------------------------------------------------

    @Slot()
    def _on_choose(self) -> None:
        dialog = QFileDialog(self, self.tr("Open a backup"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(self.tr("Backups (*.zip);;All files (*)"))
        dialog.fileSelected.connect(self._on_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(str)
    def _on_chosen(self, path: str) -> None:
        self.file.setText(path)
        self.read()

    @Slot()
    def _on_file(self) -> None:
        """What was checked is another archive."""
        self._forget()
        self.banner.hide()
        self.show_state()

    def _forget(self) -> None:
        self._report = None
        self._drop_plan()
        with QSignalBlocker(self.source):
            self.source.clear()

    def _drop_plan(self) -> None:
        if self._comparing is not None:
            self._comparing.cancel()
            self._comparing = None
        self._plan, self._over = None, False
        self._done.clear()
        self.diff.set_diff(None)
        self.set_footer("")
        self._show_keys()

    @Slot()
    def read(self) -> None:
        """Check the archive."""
        path = self.file.text().strip()
        if not path or self.busy:
            return
        before = self.source.currentData(), self.target.currentData()
        self._forget()
        call = partial(_checked, self._services, path)
        self.run(call, self.tr("Checking the backup")).then(self._on_report, before)

    def _on_report(self, before: tuple[str | None, Provider | None], report: BackupReport) -> None:
        self._report = report
        with QSignalBlocker(self.source), QSignalBlocker(self.target):
            for saved in report.backup.providers:
                self.source.addItem(saved.name, saved.id)
            self._preselect(*before)
        self._on_place()

    def _preselect(self, source: str | None, target: Provider | None) -> None:
        """What was chosen before; else the first provider of the archive that is known here."""
        at = self.source.findData(source) if source else -1
        if at >= 0 and target is not None:
            self.source.setCurrentIndex(at)
            return
        known = {self.target.itemData(i).id: i for i in range(self.target.count())}
        for number in range(self.source.count()):
            place = known.get(self.source.itemData(number))
            if place is not None:
                self.source.setCurrentIndex(number)
                self.target.setCurrentIndex(place)
                return

    def _tell_report(self, report: BackupReport) -> None:
        worst = next((one for one in report.checks if one.status.value != "pass"), None)
        made = self.tr("Made on {0}").format(_local(report.backup.created))
        if worst is not None:
            tone = Tone.WARN if report.valid else Tone.ERR
            self.banner.tell(tone, worst.title, f"{worst.detail} {made}.")
            return
        who = common_name(report.signed_by)
        if report.signer in self._own:
            words = self.tr("{0}, signed with a key of this computer: {1}.").format(made, who)
            self.banner.tell(Tone.OK, self.tr("The archive is whole"), words)
            return
        words = self.tr(
            "{0}, signed by {1}, certificate {2}. Its key is not on this computer: make sure that"
            " it is one of yours."
        ).format(made, who, fingerprint(report.signer))
        self.banner.tell(Tone.WARN, self.tr("The archive is whole"), words)

    @Slot()
    def _on_place(self) -> None:
        report = self._report
        self._drop_plan()
        if report is None:
            return
        self._tell_report(report)
        target, name = self.target.currentData(), self.source.currentData()
        if target is not None and name and report.valid:
            call = partial(self._services.restorer.plan, report, str(name), target)
            task = self.host.runner.start(call, title=self.tr("Comparing with the backup"))
            self._comparing = task
            task.then(self._on_plan, task)
            task.failed.connect(self._on_uncompared)
        self.show_state()

    @Slot(object)
    def _on_uncompared(self, error: BaseException) -> None:
        if self.sender() is self._comparing:
            self._comparing = None
            self._on_failed(error)
            self.show_state()

    def _on_plan(self, task: Task, plan: RestorePlan) -> None:
        if task is not self._comparing:
            return  # Another place was chosen in the meantime.
        self._comparing, self._plan = None, plan
        words = self.tr("{0} to be restored, {1} as in the backup")
        if plan.source.missing:
            words += self.tr("; not in the backup: {0}").format(", ".join(plan.source.missing))
        self.set_footer(words.format(len(plan.items), len(plan.same)))
        self._show_keys()
        self.show_state()
        first = next((n for n, item in enumerate(plan.items) if item.diff is not None), None)
        if first is not None:
            self.table.select_key(str(first))

    # --- acting -------------------------------------------------------------------------------

    @Slot()
    def _on_apply(self) -> None:
        plan = self._plan
        if plan is None or self.busy or self._why_not():
            return
        self._done.clear()
        call = partial(_restored, self._services, plan, self.key.currentText(), self._relay)
        task = self.run(call, self.tr("Restoring"))
        task.succeeded.connect(self._on_restored)
        task.finished.connect(self._on_restore_ended)

    @Slot(object)
    def _on_item(self, done: Restored) -> None:
        self._done.append(done)
        if self._plan is not None:
            self.progress.set_value(len(self._done) / len(self._plan.items))
        self.show_state()

    @Slot()
    def _on_restore_ended(self) -> None:
        """However it ended, something may be deployed that the other panels do not know."""
        self._over = True
        if self._plan is not None:
            count, proven = len(self._plan.items), sum(each.proven for each in self._done)
            self.set_footer(self.tr("{0} of {1} restored and proven").format(proven, count))
            self.host.overviews.read((self._plan.target.id,))
        for what in ("policies", "signers", "activity"):
            self.host.changed.emit(what)
        self.show_state()

    @Slot(object)
    def _on_restored(self, proven: bool) -> None:  # noqa: FBT001 - a slot
        if proven:
            words = self.tr("Each was sent, read back and compared with the backup.")
            self.banner.tell(Tone.OK, self.tr("Restored: every change was proven"), words)
            return
        words = self.tr(
            "What failed says why in its row; nothing after it was begun. Check again: it goes on"
            " with what is left."
        )
        self.banner.tell(Tone.ERR, self.tr("Not everything was restored"), words)


def _local(moment: str) -> str:
    """The time of the manifest as it is shown everywhere; what is no time stays as it is."""
    with suppress(ValueError):
        made = datetime.fromisoformat(moment)
        return f"{day(made)}, {local_time(made)}"
    return moment


async def _checked(services: Services, path: str) -> BackupReport:
    return await services.backup.verify(await services.files.read(path, limit=_ARCHIVE_MOST))


async def _restored(services: Services, plan: RestorePlan, key: str, relay: Relay) -> bool:
    from sealwright.services.backup.restore import all_proven  # noqa: PLC0415 - brings anyio

    done = await services.restorer.run(plan, key, relay.post)
    proven = all_proven(plan, done)
    if proven:
        await services.backup.rehearsed()
    return proven
