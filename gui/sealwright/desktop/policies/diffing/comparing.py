"""Finds the text to compare with, and keeps the difference about the page in front."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from sealwright.desktop import theme
from sealwright.desktop.policies.diffing.pane import DEPLOYED, FILE, OTHER, PREVIOUS
from sealwright.desktop.policies.layout.surroundings import DIFF
from sealwright.desktop.policies.newest import Newest
from sealwright.desktop.policies.words import local_date_time, short_hash, tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.claims.claim import Claim
    from sealwright.desktop.host import Host
    from sealwright.desktop.policies.diffing.meaning import Meaning
    from sealwright.desktop.policies.diffing.pane import DiffPane
    from sealwright.desktop.policies.document.page import DocumentPage
    from sealwright.desktop.policies.dry_run.trials import Trials
    from sealwright.desktop.policies.layout.surroundings import Surroundings
    from sealwright.services.bundle import Services
    from sealwright.services.documents import Document
    from sealwright.services.model import HistoryEntry
    from sealwright.services.policies.textdiff import TextDiff
    from sealwright.services.reaching.overview import DeployedPolicy


@dataclass(frozen=True, slots=True)
class Against:
    """Another text, and what it is called."""

    words: str
    text: str


class Comparing(QObject):
    """Compares with what is deployed until another text is chosen for the page in front."""

    def __init__(
        self, host: Host, parts: Surroundings, pane: DiffPane, trials: Trials, panel: QWidget
    ) -> None:
        super().__init__(panel)
        self._host, self._parts, self._trials, self._panel = host, parts, trials, panel
        self._pane = pane
        self._services: Services | None = None
        self._page: DocumentPage | None = None
        self._against: Against | None = None
        self._newest = Newest(host, self)
        self.dialog: QFileDialog | None = None
        self.menu = QMenu(panel)
        self.menu.setAccessibleName(tr("Providers to compare with"))
        self._pane.source_wanted.connect(self._on_source)
        self._pane.mode_changed.connect(self.refresh)
        self._pane.went_to.connect(self._on_went_to)
        parts.bottom.tabs.currentChanged.connect(self._on_tab)
        parts.desk.front_changed.connect(self._on_front)
        self.refresh()

    def set_services(self, services: Services) -> None:
        """Files and providers can be asked from now on."""
        self._services = services

    @Slot()
    def _on_front(self) -> None:
        if self._page is not None:
            self._page.rested.disconnect(self._on_rested)
            self._page.stirred.disconnect(self._newest.call_off)
        self._page = self._parts.desk.front
        if self._page is not None:
            self._page.rested.connect(self._on_rested)
            self._page.stirred.connect(self._newest.call_off)
        self.compare_with_deployed()

    @Slot(object)
    def _on_rested(self, _analysis: object) -> None:
        self.refresh()

    @Slot(int)
    def _on_tab(self, index: int) -> None:
        if index == DIFF:
            self.refresh()

    @Slot(int, int)
    def _on_went_to(self, start: int, end: int) -> None:
        if self._page is not None:
            self._page.go_to(start, end)

    # --- showing ------------------------------------------------------------------------------

    def compare_with_deployed(self) -> None:
        """Show the difference to what is deployed again."""
        self._against = None
        self._pane.show_sources("")
        self.refresh()

    def compare_with(self, against: Against) -> None:
        """Show the difference from another text to the one in the editor."""
        self._against = against
        self._pane.show_sources(against.words)
        self._parts.bottom.bring(DIFF)
        self.refresh()

    def compare_with_entry(self, entry: HistoryEntry) -> None:
        """The same for a text of the history."""
        words = tr("{0} of {1}").format(short_hash(entry.policy_hash), local_date_time(entry.time))
        self.compare_with(Against(words, entry.text))

    @Slot()
    def refresh(self) -> None:
        """Show the difference as it is now; the count in the tab is about what is deployed."""
        self._newest.call_off()
        page = self._page
        analysis = page.analysis if page is not None else None
        deployed = analysis.diff if analysis is not None else None
        changed = deployed.added + deployed.removed if deployed is not None else 0
        self._parts.bottom.tabs.set_count(DIFF, changed)
        if not self._parts.bottom.shows(DIFF):
            return
        against = self._against or self._deployed()
        if page is None or analysis is None or against is None:
            nothing = tr("There is nothing to compare with: the deployed policy is not known.")
            self._pane.show_text(None, "", nothing)
            return
        caption = tr("{0} compared with this text").format(against.words)
        text = analysis.document.policy_text
        if self._pane.shows_meaning:
            cases = [(case.name, case.claims) for case in self._trials.saved]
            kind = page.held.place.attestation_type if page.held.place is not None else None
            call = partial(_meaning, against.text, text, cases, kind)
            self._newest.ask(call, self._on_meaning, caption)
        elif self._against is None:
            self._pane.show_text(deployed, caption, "")
        else:
            wanted = partial(_difference, against.text, text)
            self._newest.ask(wanted, self._on_difference, caption)

    def _deployed(self) -> Against | None:
        held = self._page.held.deployed if self._page is not None else None
        return Against(tr("Deployed policy"), held.text) if held is not None else None

    def _on_meaning(self, caption: str, meaning: Meaning) -> None:
        self._pane.show_meaning(meaning, caption)

    def _on_difference(self, caption: str, diff: TextDiff) -> None:
        self._pane.show_text(diff, caption, "")

    # --- other texts --------------------------------------------------------------------------

    @Slot(str)
    def _on_source(self, wanted: str) -> None:
        if wanted == DEPLOYED:
            self.compare_with_deployed()
        elif wanted == PREVIOUS:
            self._ask_previous()
        elif wanted == FILE:
            self._ask_file()
        elif wanted == OTHER:
            self._ask_provider()

    def _ask_previous(self) -> None:
        page = self._page
        place = page.held.place if page is not None else None
        if self._services is None or page is None or place is None:
            self._tell(tr("This text belongs to no provider, so it has no version before."))
            return
        history = self._services.policies.history
        task = self._host.runner.start(partial(history, place.provider_id, place.attestation_type))
        task.then(self._on_history, page)
        task.failed.connect(self._host.fail)

    def _on_history(self, page: DocumentPage, entries: tuple[HistoryEntry, ...]) -> None:
        now = page.held.deployed.policy_hash if page.held.deployed is not None else ""
        before = next((each for each in entries if each.policy_hash != now), None)
        if page is not self._page:
            return
        if before is None:
            self._tell(tr("No other version was seen on, or sent to, this provider."))
        else:
            self.compare_with_entry(before)

    def _tell(self, words: str) -> None:
        self._newest.call_off()
        self._pane.show_text(None, "", words)

    def _ask_file(self) -> None:
        dialog = QFileDialog(self._panel, tr("Compare with a file"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.compare_with_file)
        dialog.finished.connect(dialog.deleteLater)
        self.dialog = dialog
        dialog.open()

    @Slot(str)
    def compare_with_file(self, path: str) -> None:
        """Compare with the text in a file."""
        if self._services is not None and path:
            task = self._host.runner.start(partial(self._services.documents.open, path))
            task.succeeded.connect(self._on_file)
            task.failed.connect(self._host.fail)

    @Slot(object)
    def _on_file(self, document: Document) -> None:
        self.compare_with(Against(document.title, document.policy_text))

    def _ask_provider(self) -> None:
        place = self._page.held.place if self._page is not None else None
        self.menu.clear()
        for provider in self._host.providers:
            if place is not None and provider.id != place.provider_id:
                entry = self.menu.addAction(theme.icon("providers"), provider.name)
                entry.triggered.connect(partial(self._read, provider.id, place.attestation_type))
        if self.menu.isEmpty():
            self._tell(tr("There is no other provider to compare with."))
            return
        self.menu.setActiveAction(self.menu.actions()[0])
        below = self._pane.source.rect().bottomLeft()
        self.menu.popup(self._pane.source.mapToGlobal(below))

    def _read(self, provider_id: str, kind: AttestationType, _checked: object = None) -> None:
        if self._services is not None:
            call = partial(self._services.policies.deployed, provider_id, kind)
            task = self._host.runner.start(call, title=tr("Reading the policy"))
            task.succeeded.connect(self._on_other)
            task.failed.connect(self._host.fail)

    @Slot(object)
    def _on_other(self, deployed: DeployedPolicy) -> None:
        self.compare_with(Against(deployed.provider.name, deployed.text))


async def _difference(old: str, new: str) -> TextDiff:
    from anyio import to_thread  # noqa: PLC0415 - runs on the worker's loop

    from sealwright.services.policies.textdiff import diff_texts  # noqa: PLC0415 - as above

    return await to_thread.run_sync(diff_texts, old, new)


async def _meaning(
    old: str,
    new: str,
    cases: Sequence[tuple[str, tuple[Claim, ...]]],
    kind: AttestationType | None,
) -> Meaning:
    from anyio import to_thread  # noqa: PLC0415 - runs on the worker's loop

    from sealwright.desktop.policies.diffing.meaning import meaning_of  # noqa: PLC0415 - as above

    return await to_thread.run_sync(meaning_of, old, new, cases, kind)
