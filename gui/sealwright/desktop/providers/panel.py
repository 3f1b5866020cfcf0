"""The Providers panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.host import PolicyPlace
from sealwright.desktop.panel import Panel, sizes_in
from sealwright.desktop.providers.acting import ProviderActs
from sealwright.desktop.providers.card import AzureCard, FirstRunCard
from sealwright.desktop.providers.details.details import ProviderDetails
from sealwright.desktop.providers.details.more import ProviderMore
from sealwright.desktop.providers.drift import DriftBanner, drifted
from sealwright.desktop.providers.empty import nothing_found, nothing_known
from sealwright.desktop.providers.finds import provider_finds
from sealwright.desktop.providers.first_run import FirstRun, is_own
from sealwright.desktop.providers.head_tools import HeadTools
from sealwright.desktop.providers.legend import Legend
from sealwright.desktop.providers.rows import GroupBy, Known, build, columns, provider_row
from sealwright.desktop.providers.watching import ProviderWatch
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.buttons import Button, Kind, ToolButton
from sealwright.desktop.widgets.fields import ComboBox, SearchBox
from sealwright.desktop.widgets.finds import Find
from sealwright.desktop.widgets.heads import FilterBar, PanelHead
from sealwright.desktop.widgets.padded import Padded
from sealwright.desktop.widgets.tables.columns import ColumnsButton
from sealwright.desktop.widgets.tables.tree import TreeTable
from sealwright.errors import UnreachableError
from sealwright.services.model import Provider

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.desktop.host import Host
    from sealwright.desktop.overviews import Told
    from sealwright.desktop.widgets.surfaces import EmptyState
    from sealwright.desktop.widgets.tables.cells import Row
    from sealwright.services.bundle import Services

_LEFT_MIN = 600
_NARROW = 1120


class ProvidersPanel(Panel):
    """All providers with their state; one of them in detail."""

    def __init__(self, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(host, parent)
        self._known: dict[str, Known] = {}
        self._providers: dict[str, Provider] = {}
        self._rows: dict[str, Row] = {}  # made once, however they are grouped
        self.tools = HeadTools(self, self._selected)
        self.watch = ProviderWatch(self, self.tools.keeping)
        self._acts = ProviderActs(self, self.watch)
        self._more = ProviderMore(self, self.watch)
        self._head = PanelHead(self.tr("Providers"))
        self.new = Button(self.tr("New provider"), icon="plus", kind=Kind.PRIMARY)
        self.refresh = Button(self.tr("Refresh"), icon="refresh")
        self._filter = SearchBox(
            self.tr("Filter providers"), placeholder=self.tr("Name, location, tag")
        )
        self._group = ComboBox(self.tr("Group by"))
        self._details_button = ToolButton("info", self.tr("Details"), size=30, checkable=True)
        self.table = TreeTable(self.tr("Providers"), columns())
        self._columns = ColumnsButton(self.table)
        self.details = ProviderDetails()
        self.card = FirstRunCard()
        self._first_run = FirstRun(host, self.card, self)
        self._azure = AzureCard()
        self._drift = DriftBanner()
        self._legend = Legend()
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._build()
        self._connect()
        self.table.set_loading(on=True)

    def _fill_head(self) -> None:
        for button in (*self.tools.buttons, self.refresh, self.new):
            self._head.tools.addWidget(button)
        # The head gives up words before it would keep the window from getting narrower.
        self.tools.fit(self._head)
        for text, group in (
            (self.tr("Resource group"), GroupBy.RESOURCE_GROUP),
            (self.tr("Location"), GroupBy.LOCATION),
            (self.tr("Trust model"), GroupBy.TRUST_MODEL),
            (self.tr("Nothing"), GroupBy.NOTHING),
        ):
            self._group.addItem(self.tr("Group by {0}").format(text.lower()), group.value)

    def _build(self) -> None:
        self._fill_head()
        bar = FilterBar()
        self._filter.setMaximumWidth(theme.px(264))
        self._group.setMaximumWidth(theme.px(230))
        self._group.setMinimumWidth(theme.px(224))
        bar.row.addWidget(self._filter, 3)
        bar.row.addWidget(self._group, 2)
        bar.row.addWidget(self._columns)
        bar.row.addStretch(1)
        bar.row.addWidget(self._legend)
        bar.row.addWidget(self._details_button)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(bar)
        column.addLayout(self._around(self.card, self._drift))
        column.addWidget(self.table, 1)
        column.addLayout(self._around(self._azure))
        left.setMinimumWidth(theme.px(_LEFT_MIN))
        self._splitter.addWidget(left)
        self._splitter.addWidget(self.details)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setCollapsible(0, False)  # noqa: FBT003 - Qt's signature
        self._splitter.setHandleWidth(1)
        self._splitter.setSizes([theme.px(1004), theme.px(360)])
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._splitter)

    @staticmethod
    def _around(*widgets: QWidget) -> QVBoxLayout:
        holder = QVBoxLayout()
        pad = theme.px(16)
        holder.setContentsMargins(pad, 0, pad, 0)
        holder.setSpacing(0)
        for widget in widgets:
            holder.addWidget(Padded(widget))
        return holder

    def _connect(self) -> None:
        host = self.host
        host.providers_changed.connect(self._on_providers)
        host.provider_changed.connect(self._on_chosen_elsewhere)
        host.changed.connect(self._on_changed)
        host.refresh_wanted.connect(self._acts.refresh)
        self.new.clicked.connect(self._acts.create)
        self.refresh.clicked.connect(self._acts.refresh)
        self._filter.textChanged.connect(self._on_filter)
        self._group.currentIndexChanged.connect(self._show)
        self._details_button.toggled.connect(self._on_details)
        self.table.row_chosen.connect(self._on_row)
        self.table.row_opened.connect(self._on_opened)
        self.details.policy_wanted.connect(self._on_policy)
        self.details.test_wanted.connect(self._on_test)
        self.details.signers_wanted.connect(self._on_signers_wanted)
        self.details.delete_wanted.connect(self._on_delete)
        self.details.first_wanted.connect(self._on_first)
        self.details.more_wanted.connect(self._on_more)
        self._more.tell(self.details)
        self.watch.region_changed.connect(self._show_details)
        self._azure.connect_wanted.connect(host.connect_wanted)
        self._drift.acted.connect(self._on_drift)
        self._acts.reading.connect(self._on_reading)
        self._acts.tested.connect(self.details.show_checks)
        self._acts.made.connect(self._on_made)
        host.overviews.told.connect(self._on_told)
        host.overviews.ended.connect(self._on_read)
        for keys, slot in (("F5", self._acts.refresh), ("Ctrl+F", self._filter.setFocus)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(slot)

    # --- data ---------------------------------------------------------------------------------

    def set_services(self, services: Services) -> None:
        """The providers come through the host; here begins the first-run card."""
        super().set_services(services)
        self._first_run.set_services(services)
        self.watch.begin(services)

    @Slot(object)
    def _on_providers(self, providers: tuple[Provider, ...]) -> None:
        self._providers = {provider.id: provider for provider in providers}
        self._known = {key: self._known.get(key) or Known() for key in self._providers}
        self._rows = {each.id: provider_row(each, self._known[each.id]) for each in providers}
        azure = [provider for provider in providers if is_own(provider)]
        self._azure.setVisible(not azure)
        sandbox = len(providers) - len(azure)
        words = (
            self.tr("{0} in Azure, {1} in the sandbox").format(len(azure), sandbox)
            if azure
            else self.tr("{0} in the sandbox").format(sandbox)
        )
        self._head.set_subtitle(words)
        self.tools.show_providers(providers)
        self._show()

    @Slot(object)
    def _on_told(self, heap: Sequence[Told]) -> None:
        changed: dict[str, Provider] = {}
        for provider_id, part in heap:
            provider = self._providers.get(provider_id)
            if provider is None:
                continue
            problem = self._known[provider_id].take(part)
            changed[provider_id] = provider
            if isinstance(problem, UnreachableError):
                self.watch.unanswered(provider, problem)
        rows = {key: provider_row(each, self._known[key]) for key, each in changed.items()}
        self._rows |= rows
        self.table.update_rows(rows.values())
        current = self._current()
        if current is not None and current.id in changed:
            self._show_details()

    @Slot()
    def _on_read(self) -> None:
        if self._filter.text():
            # What was read may pass the filter now, or not any more.
            self._show()
        current = self._current()
        if current is not None:
            # A role may have been activated, or a door opened, since it was chosen.
            self._more.read(current)
        found = drifted(self._providers.values(), self._known)
        self._drift.show_drift(found)
        words = self.tr("{0} policies drifted").format(len(found)) if found else ""
        self.badge.emit(len(found), bool(found), words)

    @Slot()
    def _show(self) -> None:
        group = GroupBy(str(self._group.currentData()))
        if not (rows := build(self._providers.values(), self._rows, group)):
            self.table.set_placeholder(self._placeholder())
        self.table.set_rows(rows)
        if not self.table.current_key and self.host.provider is not None:
            self.table.select_key(self.host.provider.id)
        self._show_details()

    def _placeholder(self) -> EmptyState:
        if self._filter.text():
            empty = nothing_found()
            empty.acted.connect(self._filter.clear)
            return empty
        empty = nothing_known()
        empty.acted.connect(self._acts.create)
        return empty

    def _current(self) -> Provider | None:
        row = self.table.current_row
        return row.data if row is not None and isinstance(row.data, Provider) else None

    def _selected(self) -> Sequence[Provider]:
        """The selected providers, or all that are known when none is."""
        chosen = [row.data for row in self.table.selected_rows() if isinstance(row.data, Provider)]
        return chosen or tuple(self._providers.values())

    def _show_details(self) -> None:
        provider = self._current()
        known = self._known.get(provider.id, Known()) if provider else Known()
        before = self.details.title
        self.details.show_provider(provider, known)
        self.details.show_region(self.watch.failed_at(provider))
        if provider is not None and before != provider.name:
            self._more.read(provider)

    # --- acting -------------------------------------------------------------------------------

    @Slot(object)
    def _on_row(self, _row: Row | None) -> None:
        provider = self._current()
        self._show_details()
        if provider is not None:
            self.host.choose_provider(provider)

    @Slot(object)
    def _on_chosen_elsewhere(self, provider: Provider | None) -> None:
        if provider is not None and self.table.current_key != provider.id:
            self.table.select_key(provider.id)
            self._show_details()

    @Slot(object)
    def _on_opened(self, _row: Row) -> None:
        self.details.edit.click()

    @Slot(object)
    def _on_policy(self, kind: AttestationType) -> None:
        provider = self._current()
        if provider is not None:
            self.host.policy_wanted.emit(PolicyPlace(provider.id, kind))

    @Slot()
    def _on_drift(self) -> None:
        for provider, kind in drifted(self._providers.values(), self._known)[:1]:
            self.host.policy_wanted.emit(PolicyPlace(provider.id, kind))

    @Slot()
    def _on_test(self) -> None:
        provider = self._current()
        if provider is not None:
            self._acts.test(provider)

    @Slot(bool)
    def _on_reading(self, reading: bool) -> None:  # noqa: FBT001 - a slot
        self.refresh.set_available(self.tr("Being refreshed") if reading else "")

    @Slot(object)
    def _on_made(self, provider: Provider) -> None:
        self.table.select_key(provider.id)

    @Slot()
    def _on_delete(self) -> None:
        provider = self._current()
        if provider is not None:
            self._acts.delete(provider)

    @Slot()
    def _on_more(self) -> None:
        provider = self._current()
        if provider is not None:
            self._more.drop(provider, self.details.more)

    @Slot()
    def _on_signers_wanted(self) -> None:
        self.host.panel_wanted.emit("signers")

    @Slot(str)
    def _on_changed(self, what: str) -> None:
        if what in ("policies", "signers") and self.host.provider is not None:
            self.host.overviews.read((self.host.provider.id,))

    @Slot()
    def _on_first(self) -> None:
        first = next(self.table.rows.leaves(), None)
        if first is not None:
            self.table.select_key(first.key)

    @Slot(str)
    def _on_filter(self, text: str) -> None:
        self.table.set_filter(text)
        if not self.table.rows.rowCount():
            self.table.set_placeholder(self._placeholder())

    def panes(self) -> Sequence[QWidget]:
        """Filter, table, details."""
        return (self._filter, self.table, self.details.edit)

    def finds(self) -> Sequence[Find]:
        """Providers, and the commands of this panel."""
        found = provider_finds(self.host, tuple(self._providers.values()), self._known)
        new = Find(
            self.tr("Commands"), self.tr("New provider"), self._acts.create, "plus", prefix=">"
        )
        return [*found, new]

    def save_state(self) -> Mapping[str, object]:
        """Splitter, grouping, columns, selection."""
        return {
            "splitter": self._splitter.sizes(),
            "group": self._group.currentData(),
            "hidden": sorted(self.table.hidden_columns),
            "chosen": self.table.current_key,
            "workspace": self.tools.keeping.workspace,
        }

    def restore_state(self, state: Mapping[str, object]) -> None:
        """The same again."""
        sizes = sizes_in(state, "splitter")
        if sizes:
            self._splitter.setSizes(sizes)
        at = self._group.findData(state.get("group"))
        self._group.setCurrentIndex(max(at, 0))
        hidden = state.get("hidden")
        if isinstance(hidden, list):
            self.table.set_hidden_columns({str(key) for key in hidden})
        self.tools.keeping.workspace = str(state.get("workspace") or "")
        chosen = state.get("chosen")
        if isinstance(chosen, str) and chosen:
            self.table.select_key(chosen)

    # --- width --------------------------------------------------------------------------------

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Below 1200 the details give way; the button brings them back."""
        super().resizeEvent(event)
        narrow = self.width() < theme.px(_NARROW)
        self._details_button.setVisible(narrow)
        self._legend.setVisible(self.width() > theme.px(_NARROW + 100))
        self.details.setVisible(not narrow or self._details_button.isChecked())

    @Slot(bool)
    def _on_details(self, shown: bool) -> None:  # noqa: FBT001 - a slot
        self.details.setVisible(shown)
