"""The Activity panel."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QSplitter, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.activity.details import ActivityDetails
from sealwright.desktop.activity.histogram import Histogram
from sealwright.desktop.activity.rows import RESULTS, build, columns, result_state, type_in
from sealwright.desktop.host import Notice, RollBack
from sealwright.desktop.panel import Panel, sizes_in
from sealwright.desktop.theme import Tone
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.buttons import Button, Kind, ToolButton
from sealwright.desktop.widgets.chip import Chip
from sealwright.desktop.widgets.fields import ComboBox, SearchBox
from sealwright.desktop.widgets.finds import Find
from sealwright.desktop.widgets.heads import FilterBar, PanelHead
from sealwright.desktop.widgets.surfaces import EmptyState
from sealwright.desktop.widgets.tables.tree import TreeTable
from sealwright.desktop.wording import day, now
from sealwright.services.model import ActivityEntry, LogForm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sealwright.desktop.host import Host
    from sealwright.desktop.tasks import Task
    from sealwright.desktop.widgets.tables.cells import Row
    from sealwright.services.activity import ActivityFilter
    from sealwright.services.bundle import Services
    from sealwright.services.model import ChainState

_NARROW = 1120
_FORMS = ("csv", "json", "html")
_PERIODS = (1, 7, 30, 0)


class ActivityPanel(Panel):
    """The log: what happened, whether it is whole, and the way back."""

    def __init__(self, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(host, parent)
        self._entries: tuple[ActivityEntry, ...] = ()
        self._chain: ChainState | None = None
        self._task: Task | None = None
        self._head = PanelHead(self.tr("Activity"))
        self._verify = Button(self.tr("Verify chain"), icon="link", kind=Kind.GHOST)
        self._export = Button(self.tr("Export…"), icon="export")
        self._filter = SearchBox(
            self.tr("Filter activity"), placeholder=self.tr("Filter by text, hash or request ID")
        )
        self._period = ComboBox(self.tr("Period"))
        self._result = ComboBox(self.tr("Results"))
        self._mark = Chip(self.tr("Chain not verified yet"), Tone.NEU, "link")
        self._details_button = ToolButton("info", self.tr("Details"), size=30, checkable=True)
        self._histogram = Histogram()
        self.table = TreeTable(self.tr("Activity"), columns(), first_min=120)
        self.details = ActivityDetails()
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._fill()
        self._build()
        self._connect()
        self.table.set_loading(on=True)

    def _fill(self) -> None:
        words = (
            self.tr("Last day"),
            self.tr("Last 7 days"),
            self.tr("Last 30 days"),
            self.tr("All time"),
        )
        for text, days in zip(words, _PERIODS, strict=True):
            self._period.addItem(text, days)
        self._period.setCurrentIndex(2)
        self._result.addItem(self.tr("All results"), "")
        for result in RESULTS:
            self._result.addItem(result_state(result)[0], result)
        menu = QMenu(self)
        menu.setAccessibleName(self.tr("Export…"))
        for form in _FORMS:
            action = menu.addAction(self.tr("As {0}…").format(form.upper()))
            action.triggered.connect(partial(self._on_export, form))
        self._export.setMenu(menu)

    def _build(self) -> None:
        self._head.tools.addWidget(self._verify)
        self._head.tools.addWidget(self._export)
        bar = FilterBar()
        self._filter.setMaximumWidth(theme.px(280))
        self._period.setMaximumWidth(theme.px(160))
        self._result.setMaximumWidth(theme.px(150))
        bar.row.addWidget(self._filter, 3)
        bar.row.addWidget(self._period, 2)
        bar.row.addWidget(self._result, 2)
        bar.row.addStretch(1)
        bar.row.addWidget(self._mark)
        bar.row.addWidget(self._details_button)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self._head, bar, self._histogram):
            column.addWidget(widget)
        column.addWidget(self.table, 1)
        self._splitter.addWidget(left)
        self._splitter.addWidget(self.details)
        self._splitter.setHandleWidth(1)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setCollapsible(0, False)  # noqa: FBT003 - Qt's signature
        self._splitter.setSizes([theme.px(1004), theme.px(360)])
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._splitter)

    def _connect(self) -> None:
        self.host.changed.connect(self._on_changed)
        self._verify.clicked.connect(self._on_verify)
        self._filter.textChanged.connect(self._on_filter)
        self._period.currentIndexChanged.connect(self._read)
        self._result.currentIndexChanged.connect(self._read)
        self._details_button.toggled.connect(self.details.setVisible)
        self.table.row_chosen.connect(self._on_row)
        self.details.roll_back_wanted.connect(self._on_roll_back)
        for keys, slot in (("F5", self._read), ("Ctrl+F", self._filter.setFocus)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(slot)

    # --- reading ------------------------------------------------------------------------------

    def set_services(self, services: Services) -> None:
        """Read the log and its chain."""
        super().set_services(services)
        self._read()
        self._verify_chain()

    def shown(self) -> None:
        """What happened since is read when the panel is looked at."""
        self._read()
        self._verify_chain()

    @Slot(str)
    def _on_changed(self, what: str) -> None:
        if what == "activity" and self.isVisible():
            self._read()
            self._verify_chain()

    def _wanted(self) -> ActivityFilter:
        from sealwright.services.activity import ActivityFilter  # noqa: PLC0415 - brings anyio

        days, result = int(self._period.currentData() or 0), str(self._result.currentData() or "")
        return ActivityFilter(
            results=frozenset({result}) if result else frozenset(),
            since=now() - timedelta(days=days) if days else None,
        )

    @Slot()
    def _read(self) -> None:
        if self.services is None:
            return
        if self._task is not None:
            self._task.cancel()
        self._task = self.host.runner.start(partial(self.services.activity.list, self._wanted()))
        self._task.succeeded.connect(self._on_entries)
        self._task.failed.connect(self.host.fail)
        self._task.finished.connect(self._on_finished)

    @Slot()
    def _on_finished(self) -> None:
        if self.sender() is self._task:
            self._task = None

    @Slot(object)
    def _on_entries(self, entries: tuple[ActivityEntry, ...]) -> None:
        if self.sender() is not self._task and self._task is not None:
            return
        self._entries = entries
        self._histogram.show_entries(entries)
        words = self.tr("{0} entries").format(f"{len(entries):,}")
        if entries:
            words = self.tr("{0} since {1}").format(words, day(entries[-1].time))
        self._head.set_subtitle(words)
        self._show()

    def _show(self) -> None:
        rows = build(self._entries, self._chain)
        if not rows:
            self.table.set_placeholder(self._placeholder())
        self.table.set_rows(rows)
        if self.table.current_row is None and self._entries:
            self.table.select_key(str(self._entries[0].seq))
        self._on_row(self.table.current_row)

    def _placeholder(self) -> EmptyState:
        if self._filter.text() or self._result.currentIndex() > 0:
            return EmptyState("search", self.tr("Nothing in the log fits this filter"))
        return EmptyState(
            "activity",
            self.tr("Nothing has been changed yet"),
            self.tr("Every change and every refusal will stand here."),
        )

    @Slot()
    def _on_verify(self) -> None:
        self._verify_chain(title=self.tr("Verifying the activity chain"))

    def _verify_chain(self, title: str = "") -> None:
        if self.services is not None:
            task = self.host.runner.start(self.services.activity.verify, title=title)
            task.succeeded.connect(self._on_chain)
            task.failed.connect(self.host.fail)

    @Slot(object)
    def _on_chain(self, chain: ChainState) -> None:
        self._chain = chain
        if chain.holds:
            words = self.tr("Chain verified to entry {0}").format(chain.rows)
            self._mark.set_state(words, Tone.OK, "link")
            self.badge.emit(0, False, "")  # noqa: FBT003 - a signal
        else:
            words = self.tr("Chain broken at entry {0}").format(chain.first_broken)
            self._mark.set_state(words, Tone.ERR, "err")
            self.badge.emit(1, True, words)  # noqa: FBT003 - a signal
        self._show()

    # --- acting -------------------------------------------------------------------------------

    @Slot(str)
    def _on_filter(self, text: str) -> None:
        self.table.set_placeholder(self._placeholder())
        self.table.set_filter(text)

    @Slot(object)
    def _on_row(self, row: Row | None) -> None:
        entry = row.data if row is not None else None
        chosen = entry if isinstance(entry, ActivityEntry) else None
        self.details.show_entry(chosen, self._chain)

    @Slot()
    def _on_roll_back(self) -> None:
        row = self.table.current_row
        entry = row.data if row is not None else None
        if not isinstance(entry, ActivityEntry):
            return
        kind = type_in(entry.what)
        provider = next((p for p in self.host.providers if p.name == entry.where), None)
        if kind is None or provider is None:
            words = self.tr("{0} is not known here any more").format(entry.where)
            self.host.notify(Notice(words, tone=Tone.WARN))
            return
        self.host.choose_provider(provider)
        self.host.roll_back_wanted.emit(RollBack(provider.id, kind, entry.before))

    def _on_export(self, form: str, _checked: object = None) -> None:
        dialog = QFileDialog(self, self.tr("Export the log to"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(f"sealwright-activity.{form}")
        dialog.fileSelected.connect(partial(self.export_to, form))
        dialog.open()

    def export_to(self, form: str, path: str) -> None:
        """Write what the filter shows into a file."""
        services = self.services
        if services is None:
            return
        wanted = self._wanted()

        async def export() -> str:
            data = await services.activity.export(LogForm(form), wanted)
            await services.files.write(path, data)
            return path

        task = self.host.runner.start(export, title=self.tr("Exporting the log"))
        task.succeeded.connect(self._on_exported)
        task.failed.connect(self.host.fail)

    @Slot(object)
    def _on_exported(self, path: object) -> None:
        self.host.notify(Notice(self.tr("The log was exported"), str(path), Tone.OK))

    # --- the window's questions ---------------------------------------------------------------

    def panes(self) -> Sequence[QWidget]:
        """Filter, table, details."""
        return (self._filter, self.table, self.details.roll_back)

    def finds(self) -> Sequence[Find]:
        """Verifying."""
        words = self.tr("Commands"), self.tr("Verify the activity chain")
        return [Find(*words, self._on_verify, "link", prefix=">")]

    def save_state(self) -> Mapping[str, object]:
        """Splitter and filters."""
        return {
            "splitter": self._splitter.sizes(),
            "period": self._period.currentIndex(),
            "chosen": self.table.current_key,
        }

    def restore_state(self, state: Mapping[str, object]) -> None:
        """The same again."""
        sizes = sizes_in(state, "splitter")
        if sizes:
            self._splitter.setSizes(sizes)
        period = state.get("period")
        if isinstance(period, int) and 0 <= period < len(_PERIODS):
            self._period.setCurrentIndex(period)
        chosen = state.get("chosen")
        if isinstance(chosen, str) and chosen:
            self.table.select_key(chosen)

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        """In narrow windows the details give way; the button brings them back."""
        super().resizeEvent(event)
        narrow = self.width() < theme.px(_NARROW)
        self._details_button.setVisible(narrow)
        self.details.setVisible(not narrow or self._details_button.isChecked())
