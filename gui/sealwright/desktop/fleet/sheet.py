"""The Fleet sheet: a workspace compared, what would change, and the proof of what was changed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QSplitter, QWidget

from sealwright.desktop.fleet.rows import TargetLine, as_csv, build, columns
from sealwright.desktop.host import Notice
from sealwright.desktop.tasks import Relay
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.diff import DiffView
from sealwright.desktop.widgets.fields import LineEdit, SearchBox
from sealwright.desktop.widgets.running_sheet import RunningSheet
from sealwright.desktop.widgets.surfaces import EmptyState
from sealwright.desktop.widgets.tables.tree import TreeTable
from sealwright.desktop.wording import counted, day, local_time

if TYPE_CHECKING:
    from sealwright.desktop.host import Host
    from sealwright.desktop.widgets.tables.cells import Row
    from sealwright.services.bundle import Services
    from sealwright.services.fleet.apply import AppliedTarget, FleetOutcome
    from sealwright.services.fleet.compare import Comparison
    from sealwright.services.fleet.plan import FleetPlan
    from sealwright.services.ports.fleet import FleetRecord


class FleetSheet(RunningSheet):
    """One workspace over all its targets."""

    folder_chosen = Signal(str)
    """The workspace that is compared now, to be remembered."""

    def __init__(self, host: Host, window: QWidget, services: Services, folder: str) -> None:
        super().__init__(host, window, host.tr("Fleet"), icon="compare", size=(1080, 720))
        self._services = services
        self._plan: FleetPlan | None = None
        self._lines: dict[str, TargetLine] = {}
        self._changed: tuple[str, ...] = ()
        self._relay = Relay(self)
        self._relay.received.connect(self._on_part)
        self.folder = LineEdit(self.tr("Workspace folder"))
        self.folder.setPlaceholderText(self.tr("A folder with sealwright.yaml"))
        self.folder.setText(folder)
        self._choose = Button(self.tr("Choose…"), icon="folder")
        self._describe = Button(self.tr("Describe what is deployed"), icon="file")
        self.compare = Button(self.tr("Compare"), icon="compare")
        self.apply = Button(self.tr("Apply"), kind=Kind.PRIMARY, icon="upload")
        self.filter = SearchBox(
            self.tr("Filter targets"), placeholder=self.tr("Filter by provider, type or state")
        )
        self.export = Button(self.tr("Export…"), icon="export")
        self.table = TreeTable(self.tr("Targets"), columns())
        self.diff = DiffView(self.tr("What would change"))
        self._build()
        self._connect()
        self._show()

    def _build(self) -> None:
        self.add_head(
            (self.folder, self._choose, self._describe, self.compare), (self.filter, self.export)
        )
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setHandleWidth(1)
        parts.addWidget(self.table)
        parts.addWidget(self.diff)
        parts.setStretchFactor(0, 3)
        parts.setStretchFactor(1, 2)
        self.body.addWidget(parts, 1)
        self.buttons.addWidget(self.leave)
        self.buttons.addWidget(self.apply)

    def _connect(self) -> None:
        self._choose.clicked.connect(self._on_choose)
        self._describe.clicked.connect(self._on_describe)
        self.compare.clicked.connect(self.read)
        self.folder.returnPressed.connect(self.read)
        self.folder.textChanged.connect(self._on_folder)
        self.apply.clicked.connect(self._on_apply)
        self.filter.textChanged.connect(self.table.set_filter)
        self.export.clicked.connect(self._on_export)
        self.table.row_chosen.connect(self._on_row)

    # --- what is shown ------------------------------------------------------------------------

    def _show(self) -> None:
        self.table.set_placeholder(
            EmptyState(
                "compare",
                self.tr("Nothing is compared yet"),
                self.tr(
                    "A workspace says in sealwright.yaml which policy belongs on which provider."
                    " Choose its folder and compare, or describe what is deployed now as one."
                ),
            )
        )
        self.table.set_rows(build(self._lines.values()))
        self.diff.setVisible(bool(self._lines))
        self.show_state()

    def show_state(self) -> None:
        """What can be done now, and why not the rest."""
        busy = self.busy
        nowhere = "" if self.folder.text().strip() else self.tr("Choose a folder first.")
        self.compare.set_available(busy or nowhere)
        self._choose.set_available(busy)
        self._describe.set_available(busy or nowhere)
        self.apply.set_available(busy or self._why_not())
        self.export.set_available(busy or ("" if self._lines else self.tr("Compare first.")))
        changes = len(self._plan.changes) if self._plan is not None else 0
        some = counted(changes, self.tr("Apply {0} change"), self.tr("Apply {0} changes"))
        word = some if changes else self.tr("Apply")
        self.apply.setText(word)
        self.apply.setAccessibleName(word)

    def _why_not(self) -> str:
        if self._plan is None:
            return self.tr("Compare first: every change is shown before it is made.")
        if not self._plan.changes:
            return self.tr("Every target that was read is as wanted.")
        if not self._plan.possible and not self._plan.workspace.limits.carry_on:
            return self.tr(
                "Not everything can be done; mend it, or set onFailure: carry-on in the workspace."
            )
        return ""

    # --- reading ------------------------------------------------------------------------------

    @Slot()
    def read(self) -> None:
        """Compare every target, and review what would change."""
        folder = self.folder.text().strip()
        if not folder or self.busy:
            return
        self._lines.clear()
        self._plan = None
        self.banner.hide()
        self.table.set_loading(on=True)
        call = partial(_plan, self._services, folder, self._relay)
        task = self.run(call, self.tr("Comparing the fleet"))
        task.succeeded.connect(self._on_plan)
        task.failed.connect(self._show)
        task.cancelled.connect(self._show)
        self.folder_chosen.emit(folder)

    @Slot(object)
    def _on_part(self, part: Comparison | AppliedTarget) -> None:
        from sealwright.services.fleet.compare import Comparison  # noqa: PLC0415 - brings anyio

        if isinstance(part, Comparison):
            line = TargetLine(part)
            self._lines[line.key] = line
            one, many = self.tr("{0} target compared"), self.tr("{0} targets compared")
            self.set_footer(counted(len(self._lines), one, many))
            return
        entry = part.entry
        known = self._lines.get(f"{entry.provider_id}\n{entry.attestation_type}")
        if known is not None:
            known.applied = part
            self.table.update_rows(build([known]))
            self._show_applied()

    def _show_applied(self) -> None:
        changed = [line for line in self._lines.values() if line.change is not None]
        ended = sum(line.ended for line in changed)
        self.progress.set_value(ended / max(len(changed), 1))
        self.set_footer(self.tr("{0} of {1} changes").format(ended, len(changed)))

    @Slot(object)
    def _on_plan(self, found: tuple[FleetPlan, FleetRecord | None]) -> None:
        plan, last = found
        self._plan = plan
        changes = {change.target.place: change for change in plan.changes}
        lines = [TargetLine(row, changes.get(row.target.place)) for row in plan.compared.rows]
        # What there is to look at comes first; of hundreds, most are as wanted.
        lines.sort(key=lambda line: line.as_wanted)
        self._lines = {line.key: line for line in lines}
        self._show()
        first = next((line.key for line in lines if line.change is not None), "")
        if first:
            self.table.select_key(first)
        self.set_footer(_summary(self, plan))
        if plan.compared.empty:
            names = "; ".join(plan.compared.empty)
            title = self.tr("An entry of the workspace means no known provider")
            self.banner.tell(Tone.WARN, title, names)
        elif last is not None and last.cut_off:
            self._tell_cut_off(last)

    def _tell_cut_off(self, last: FleetRecord) -> None:
        begun = f"{day(last.started)}, {local_time(last.started)}"
        title = self.tr("The apply of {0} was cut off").format(begun)
        words = self.tr(
            "{0} of its {1} changes were not ended. What it made was found by reading back;"
            " Apply goes on with the rest."
        ).format(last.open, len(last.entries))
        self.banner.tell(Tone.WARN, title, words)

    @Slot(object)
    def _on_row(self, row: Row | None) -> None:
        line = row.data if row is not None else None
        self.diff.set_diff(line.comparison.diff if isinstance(line, TargetLine) else None)

    # --- applying -----------------------------------------------------------------------------

    @Slot()
    def _on_apply(self) -> None:
        plan = self._plan
        if plan is None or self.busy:
            return
        self.banner.hide()
        call = partial(self._services.fleet.apply, plan, self._relay.post)
        one, many = self.tr("Applying {0} change"), self.tr("Applying {0} changes")
        title = counted(len(plan.changes), one, many)
        self._changed = tuple({change.target.provider.id: None for change in plan.changes})
        task = self.run(call, title)
        task.succeeded.connect(self._on_applied)
        task.finished.connect(self._on_apply_ended)

    @Slot()
    def _on_apply_ended(self) -> None:
        """However it ended, something may be deployed that the other panels do not know."""
        self.host.overviews.read(self._changed)
        self.host.changed.emit("policies")
        self.host.changed.emit("activity")

    @Slot(object)
    def _on_applied(self, outcome: FleetOutcome) -> None:
        self._plan = None
        proven, count = outcome.count("proven"), len(outcome.targets)
        if outcome.proven:
            one, many = self.tr("{0} change proven"), self.tr("{0} changes proven")
            title = counted(proven, one, many)
            words = self.tr("Each was uploaded, read back and compared. Activity keeps the proof.")
            self.banner.tell(Tone.OK, title, words)
        else:
            title = self.tr("{0} of {1} changes proven").format(proven, count)
            words = self.tr(
                "What failed says why in its row. Compare again: it goes on with what is left."
            )
            self.banner.tell(Tone.ERR, title, words)
        self.set_footer(title)
        self.show_state()

    @Slot()
    def _on_export(self) -> None:
        dialog = QFileDialog(self, self.tr("Write the table to"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(self.tr("Comma-separated values (*.csv)"))
        dialog.setDefaultSuffix("csv")
        dialog.selectFile("fleet.csv")
        dialog.fileSelected.connect(self.write_table)
        dialog.open()

    @Slot(str)
    def write_table(self, path: str) -> None:
        """Write the targets that pass the filter, with their proof, as CSV."""
        shown = [row.data for row in self.table.rows.leaves() if isinstance(row.data, TargetLine)]
        call = partial(self._services.files.write, path, as_csv(shown))
        self.run(call, self.tr("Writing the table")).then(self._on_written, path)

    def _on_written(self, path: str, _result: object) -> None:
        self.host.notify(Notice(self.tr("The table was written"), path, Tone.OK))

    # --- folder -------------------------------------------------------------------------------

    @Slot()
    def _on_folder(self) -> None:
        self._plan = None
        self.show_state()

    @Slot()
    def _on_choose(self) -> None:
        dialog = QFileDialog(self, self.tr("Workspace folder"), self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.folder.setText)
        dialog.open()

    @Slot()
    def _on_describe(self) -> None:
        folder = self.folder.text().strip()
        providers = self.host.providers
        call = partial(self._services.fleet.begin, folder, providers)
        one, many = self.tr("Describing {0} provider"), self.tr("Describing {0} providers")
        title = counted(len(providers), one, many)
        self.run(call, title).succeeded.connect(self._on_described)

    @Slot(object)
    def _on_described(self, written: tuple[str, ...]) -> None:
        title = self.tr("The workspace was written: {0} files").format(len(written))
        self.host.notify(Notice(title, self.folder.text(), Tone.OK))
        # The task that wrote it ends after this slot.
        QTimer.singleShot(0, self, self.read)


async def _plan(
    services: Services, folder: str, relay: Relay
) -> tuple[FleetPlan, FleetRecord | None]:
    opened = await services.fleet.open(folder)
    last = await services.fleet.last(folder)
    return await services.fleet.plan(opened, relay.post), last


def _summary(sheet: FleetSheet, plan: FleetPlan) -> str:
    from sealwright.services.fleet.compare import Standing  # noqa: PLC0415 - brings anyio

    return sheet.tr("{0} as wanted, {1} drifted, {2} cannot be read").format(
        plan.compared.count(Standing.SAME),
        plan.compared.count(Standing.DRIFTED),
        plan.compared.count(Standing.UNREADABLE),
    )
