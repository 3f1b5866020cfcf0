"""The Policies panel: library at the left, documents in the middle, findings under them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from sealwright.desktop.host import PolicyPlace
from sealwright.desktop.panel import Panel
from sealwright.desktop.policies.building.building import Building
from sealwright.desktop.policies.diffing.comparing import Comparing
from sealwright.desktop.policies.document.page import DocumentPage, Held
from sealwright.desktop.policies.document.page_menu import fill_menu
from sealwright.desktop.policies.document.status import facts_of
from sealwright.desktop.policies.dry_run.trials import Trials
from sealwright.desktop.policies.finds import command_finds
from sealwright.desktop.policies.layout.surroundings import DIFF, HISTORY
from sealwright.desktop.policies.library.feed import LibraryFeed
from sealwright.desktop.policies.library.open_files import OpenFiles
from sealwright.desktop.policies.library.shelf import place_key, place_of
from sealwright.desktop.policies.outline.outlining import Outlining
from sealwright.desktop.policies.panel_layout import PanelLayout
from sealwright.desktop.policies.review.changes import Changes
from sealwright.desktop.policies.shortcuts import ON_PAGE, add_shortcuts
from sealwright.desktop.turns import Later

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sealwright.desktop.host import Host
    from sealwright.desktop.widgets.finds import Find
    from sealwright.services.bundle import Services
    from sealwright.services.model import Draft, HistoryEntry, Provider
    from sealwright.services.reaching.overview import DeployedPolicy


class PoliciesPanel(Panel):
    """Policies of providers, as documents."""

    def __init__(self, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(host, parent)
        self.setAccessibleName(self.tr("Policies"))
        self._wanted: list[PolicyPlace] = []
        self._restore: dict[str, object] = {}
        self._facts_later = Later(self, self._tell_facts, turns=2)
        self.parts = PanelLayout(self)
        self.library, self.desk = self.parts.library, self.parts.desk
        self.bottom = self.parts.bottom
        self.files = OpenFiles(host, self.desk, self)
        self.changes = Changes(host, self)
        self.feed = LibraryFeed(host, self.library, self.desk, self)
        self.trials = Trials(host, self.parts, self.parts.dry_run, self.bottom.tests, self)
        self.building = Building(host, self.parts, self.parts.builder, self.trials, self)
        self.comparing = Comparing(host, self.parts, self.bottom.diff, self.trials, self)
        self.outlining = Outlining(host, self.parts, self.parts.outline, self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.parts)
        self._connect()
        add_shortcuts(self, self.key_calls())

    def _connect(self) -> None:
        self.parts.new_wanted.connect(self._on_new)
        self.parts.open_wanted.connect(self.files.ask_open)
        self.parts.refresh_wanted.connect(self.refresh)
        self.host.providers_changed.connect(self._on_providers)
        self.host.policy_wanted.connect(self.open_policy)
        self.host.policy_wanted.connect(self.desk.go_on_writing)
        self.host.roll_back_wanted.connect(self.changes.roll_back_to)
        self.library.opened.connect(self._on_opened)
        self.desk.front_changed.connect(self._on_front)
        self.desk.page_changed.connect(self._on_page)
        self.desk.action.connect(self._on_action)
        self.desk.close_wanted.connect(self.close_page)
        self.desk.new_wanted.connect(self._on_new)
        self.desk.open_wanted.connect(self.files.ask_open)
        self.files.opened.connect(self._on_page_made)
        self.files.saved.connect(self._on_page)
        self.bottom.went_to.connect(self._on_went_to)
        self.bottom.fix_wanted.connect(partial(self._act, "fix"))
        self.bottom.closed.connect(self.toggle_bottom)
        self.bottom.history_wanted.connect(self._show_history)
        self.bottom.history.compare_wanted.connect(self.comparing.compare_with_entry)
        self.bottom.history.open_wanted.connect(self._on_put_into_editor)
        self.bottom.history.roll_back_wanted.connect(self.changes.roll_back)
        self.changes.changed.connect(self._on_changed)
        self.changes.target_chosen.connect(self._on_target)

    def key_calls(self) -> dict[str, Callable[[], object]]:
        """What keys can start, by name."""
        return {
            "new": self._on_new,
            "open": self.files.ask_open,
            "bottom": self.toggle_bottom,
            "refresh": self.refresh,
            "step": self.trials.step,
            **self.parts.key_calls(),
            "next-problem": partial(self.bottom.problems.step, 1),
            "previous-problem": partial(self.bottom.problems.step, -1),
            "next-tab": partial(self.desk.step, 1),
            "previous-tab": partial(self.desk.step, -1),
            **{name: partial(self._act, name) for name in ON_PAGE},
        }

    def finds(self) -> Sequence[Find]:
        """The commands that need no click in the panel."""
        return command_finds(self.host, self.key_calls(), front=self.desk.front is not None)

    def set_services(self, services: Services) -> None:
        """The services are open: bring back drafts, read what stands at the providers."""
        super().set_services(services)
        for tell in (self.files, self.changes, self.feed):
            tell.set_services(services)
        for about_front in (self.trials, self.building, self.comparing):
            about_front.set_services(services)
        for page in self.desk.pages:
            page.set_services(services)
        task = self.host.runner.start(services.documents.drafts)
        task.succeeded.connect(self._on_drafts)
        task.failed.connect(self.host.fail)

    def shown(self) -> None:
        """Catch up with what was read while nobody looked."""
        self.feed.show()

    def panes(self) -> Sequence[QWidget]:
        """Library, text, findings."""
        front = self.desk.front
        middle: list[QWidget] = [front.editor] if front is not None else []
        bottom = [self.bottom.tabs] if self.bottom.isVisible() else []
        return [self.library, *middle, *bottom]

    def unsaved(self) -> Sequence[str]:
        """Texts that could not be kept as drafts yet."""
        return [page.held.title for page in self.desk.pages if page.drafts.pending]

    def save_state(self) -> Mapping[str, object]:
        """Open documents, sizes, and what is closed in the library."""
        keys = [key for key, _ in self.desk.items()]
        return {"open": keys, "front": self.desk.front_key, **self.parts.state()}

    def restore_state(self, state: Mapping[str, object]) -> None:
        """Sizes at once; documents when the services are open."""
        self._restore = dict(state)
        self.parts.restore(state)

    @Slot(object)
    def _on_drafts(self, drafts: tuple[Draft, ...]) -> None:
        for draft in drafts:
            if draft.attestation_type is not None and draft.provider_id:
                place = PolicyPlace(draft.provider_id, draft.attestation_type)
                self.feed.shelf.drafts[place_key(place)] = draft
            else:
                self.files.open_draft(draft)
        self._reopen()
        self.feed.show()
        wanted, self._wanted = self._wanted, []
        for place in wanted:
            self.open_policy(place)

    def _reopen(self) -> None:
        state = self._restore
        keys = state.get("open")
        front = state.get("front")
        for key in keys if isinstance(keys, list) else ():
            self._on_opened(str(key))
        if isinstance(front, str):
            self.desk.bring(front)

    @Slot(object)
    def _on_providers(self, providers: tuple[Provider, ...]) -> None:
        self.feed.set_providers(providers)
        known = {provider.id: provider.name for provider in providers}
        for page in self.desk.pages:
            place = page.held.place
            if place is not None:
                page.tell_gone(gone=place.provider_id not in known)
                page.name_provider(known.get(place.provider_id, page.held.provider_name))

    @Slot()
    def refresh(self) -> None:
        """Ask every provider that is open in the library, and the one in front."""
        self.feed.refresh()
        front = self.desk.front
        if front is not None:
            self._read(front)

    @Slot(str)
    def _on_opened(self, key: str) -> None:
        place = place_of(key)
        if place is not None:
            self.open_policy(place)
        elif key.startswith("more:"):
            self.feed.show_all_types(key.removeprefix("more:"))
        elif key.startswith("template:"):
            self.files.open_template(self.feed.template(key))
        elif not self.desk.bring(key):
            self.files.reopen(key, self.feed.take_draft(key))

    @Slot(object)
    def open_policy(self, place: PolicyPlace) -> None:
        """Open the policy of a provider and type, or bring it to the front."""
        key = place_key(place)
        if self.desk.bring(key):
            return
        if self.services is None:
            self._wanted.append(place)
            return
        from sealwright.services.documents import document  # noqa: PLC0415 - after the first paint

        title = place.attestation_type.value
        draft = self.feed.shelf.drafts.get(key)
        held = Held(
            document(draft.data if draft is not None else b"", title=title),
            title,
            place,
            self.feed.provider_name(place.provider_id),
            draft.id if draft is not None else "",
        )
        page = DocumentPage(self.host, held)
        page.set_services(self.services)
        self.desk.add(key, page)
        self._on_page_made(page)
        self._read(page)

    @Slot(object)
    def _on_page_made(self, page: DocumentPage) -> None:
        page.menu.aboutToShow.connect(partial(fill_menu, page, self._on_action))
        page.analysed.connect(partial(self._on_analysed, page))
        page.editor.left.connect(self._on_left)
        page.moved.connect(self._facts_later.ask)
        page.strip.show_target("", shown=page.held.place is None)
        self.feed.show()

    def _read(self, page: DocumentPage) -> None:
        place = page.held.place
        if self.services is None or place is None:
            return
        page.show_reading()
        call = partial(self.services.policies.deployed, place.provider_id, place.attestation_type)
        task = self.host.runner.start(call, title=self.tr("Reading the policy"))
        task.then(self._on_deployed, page)
        task.failed.connect(page.show_problem)

    def _on_deployed(self, page: DocumentPage, deployed: DeployedPolicy) -> None:
        from sealwright.services.documents import document  # noqa: PLC0415 - after the first paint

        if not self.desk.key_of(page):
            return
        found = document(deployed.text.encode("utf-8"), title=page.held.title)
        page.show_deployed(deployed, found)
        self.feed.told(deployed)
        if page.held.draft_id and not page.edited:
            page.drop_draft()
            self.feed.shelf.drafts.pop(self.desk.key_of(page), None)
        if self.desk.front is page and self.bottom.shows(HISTORY):
            self._show_history()

    @Slot()
    def _on_new(self) -> None:
        self.files.new_text().editor.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(object)
    def close_page(self, page: DocumentPage) -> None:
        """Close a tab. What was typed is kept as a draft first."""
        if page.drafts.pending and self.services is not None:
            page.drafts.kept.connect(partial(self._on_kept_then_close, page))
            page.drafts.save_now()
            if page.drafts.pending:
                return
        self._close(page)

    def _on_kept_then_close(self, page: DocumentPage, draft: Draft) -> None:
        key = self.desk.key_of(page)
        if key:
            self.feed.shelf.drafts[key] = draft
            self._close(page)

    def _close(self, page: DocumentPage) -> None:
        self.desk.remove(page)
        self.feed.reread_drafts()

    # --- the page in front --------------------------------------------------------------------

    @Slot()
    def _on_front(self) -> None:
        page = self.desk.front
        self.bottom.setVisible(page is not None and not self.bottom.property("shut"))
        self.bottom.show_analysis(page.analysis if page is not None else None)
        self.library.choose(self.desk.front_key)
        if page is not None and page.held.place is not None:
            known = {held.id: held for held in self.host.providers}
            self.host.choose_provider(known.get(page.held.place.provider_id, self.host.provider))
        if self.bottom.shows(HISTORY):
            self._show_history()
        self._tell_facts()

    @Slot(object)
    def _on_page(self, page: DocumentPage) -> None:
        self.feed.show()
        if page is self.desk.front:
            self._facts_later.ask()

    def _on_analysed(self, page: DocumentPage, _analysis: object) -> None:
        if page is self.desk.front:
            self.bottom.show_analysis(page.analysis)
            self._facts_later.ask()

    @Slot()
    def _tell_facts(self) -> None:
        page = self.desk.front
        self.facts.emit(facts_of(page) if page is not None else ())

    @Slot()
    def _on_left(self) -> None:
        self.library.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot(int, int)
    def _on_went_to(self, start: int, end: int) -> None:
        if self.desk.front is not None:
            self.desk.front.go_to(start, end)

    @Slot()
    def toggle_bottom(self) -> None:
        """Open or close the pane under the text."""
        shut = self.bottom.isVisible()
        self.bottom.setProperty("shut", shut)
        self.bottom.setVisible(not shut and self.desk.front is not None)

    @Slot()
    def _show_history(self) -> None:
        self.changes.show_history(self.desk.front, self.bottom.history)

    @Slot(object)
    def _on_put_into_editor(self, entry: HistoryEntry) -> None:
        if self.desk.front is not None:
            self.desk.front.put(entry.text)

    @Slot(object)
    def _on_changed(self, place: PolicyPlace) -> None:
        page = self.desk.page(place_key(place))
        if page is None:
            self.feed.reread(place.provider_id)
        for held in self.desk.pages:
            if held is not page and held.held.place == place:
                self._read(held)
        if page is not None:
            self._read(page)

    @Slot(object, object)
    def _on_target(self, page: DocumentPage, place: PolicyPlace) -> None:
        page.held.place = place
        page.held.provider_name = self.feed.provider_name(place.provider_id)
        words = f"{page.held.provider_name} · {place.attestation_type.value}"
        page.strip.show_target(words, shown=True)
        self._read(page)

    def _act(self, name: str) -> None:
        page = self.desk.front
        if page is not None:
            self._on_action(page, name)

    @Slot(object, str)
    def _on_action(self, page: DocumentPage, name: str) -> None:
        calls: dict[str, Callable[[], object]] = {
            "review": partial(self.changes.review, page),
            "reset": partial(self.changes.reset, page),
            "target": partial(self.changes.choose_target, page, self.feed.shelf.providers),
            "save": partial(self.files.save, page),
            "save-as": partial(self.files.ask_save, page),
            "read": partial(self._read, page),
            "close": partial(self.close_page, page),
            "go-to-line": page.line_bar.open_bar,
            "discard": partial(self._discard, page),
            "banner": partial(self._on_banner, page),
            **page.find_bar.calls(),
            **page.assist.calls(),
        }
        calls[name]()

    def _discard(self, page: DocumentPage) -> None:
        page.discard()
        self.feed.shelf.drafts.pop(self.desk.key_of(page), None)
        self.feed.show()

    def _on_banner(self, page: DocumentPage) -> None:
        about = page.banner.property("about")
        if about in ("draft", "gone"):
            self.files.ask_save(page)
        elif page.held.problem is not None:
            page.banner.hide()
            self._read(page)
        else:
            page.banner.hide()
            self.comparing.compare_with_deployed()
            self.bottom.show()
            self.bottom.bring(DIFF)
