"""Changes at a provider: review, upload, reset, roll back; and the history they come from."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu, QWidget

from sealwright.claims.attestation_type import MAIN_TYPES
from sealwright.desktop import theme
from sealwright.desktop.host import Notice, PolicyPlace
from sealwright.desktop.policies.review.sheet import ReviewSheet
from sealwright.desktop.theme import Tone

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.desktop.host import Host, RollBack
    from sealwright.desktop.policies.document.page import DocumentPage
    from sealwright.desktop.policies.review.history import HistoryPane
    from sealwright.desktop.tasks import Task
    from sealwright.services.bundle import Services
    from sealwright.services.changes.steps import RunOutcome
    from sealwright.services.model import HistoryEntry, Provider
    from sealwright.services.policies.review import Review


class Changes(QObject):
    """Opens the sheet of a change and tells who has to read again. `changed(PolicyPlace)`."""

    changed = Signal(object)
    target_chosen = Signal(object, object)
    """(DocumentPage, PolicyPlace)"""

    def __init__(self, host: Host, panel: QWidget) -> None:
        super().__init__(panel)
        self._host = host
        self._panel = panel
        self._services: Services | None = None
        self._preparing: Task | None = None
        self.sheet: ReviewSheet | None = None

    def set_services(self, services: Services) -> None:
        """Providers can be asked from now on."""
        self._services = services

    # --- changes ------------------------------------------------------------------------------

    def review(self, page: DocumentPage) -> None:
        """Prepare the review of a document's text."""
        place = page.held.place
        if self._services is None or place is None or not page.strip.review.isEnabled():
            return
        data = page.current_document().data
        review = self._services.policies.review
        call = partial(review, data, place.provider_id, place.attestation_type)
        self._prepare(call, page)

    def reset(self, page: DocumentPage) -> None:
        """Prepare the review of a reset to the default policy."""
        place = page.held.place
        if self._services is not None and place is not None:
            review = self._services.policies.review_reset
            self._prepare(partial(review, place.provider_id, place.attestation_type), page)

    @Slot(object)
    def roll_back(self, entry: HistoryEntry) -> None:
        """Prepare the review of going back to an earlier text."""
        if self._services is not None:
            self._prepare(partial(self._services.policies.review_roll_back, entry), None)

    @Slot(object)
    def roll_back_to(self, wanted: RollBack) -> None:
        """The same for a hash that another panel named."""
        if self._services is None:
            return
        find = partial(self._services.policies.history, wanted.provider_id, wanted.attestation_type)
        task = self._host.runner.start(find, title=self.tr("Looking for the earlier policy"))
        task.then(self._on_found, wanted)
        task.failed.connect(self._host.fail)

    def _on_found(self, wanted: RollBack, entries: tuple[HistoryEntry, ...]) -> None:
        found = (held for held in entries if held.policy_hash == wanted.policy_hash)
        entry = next(found, None)
        if entry is None:
            self._host.notify(
                Notice(
                    self.tr("That policy text is not known here"),
                    self.tr("It was changed from elsewhere, so there is nothing to go back to."),
                    Tone.WARN,
                )
            )
        else:
            self.roll_back(entry)

    def _prepare(self, call: Callable[[], Awaitable[Review]], page: DocumentPage | None) -> None:
        if self._preparing is not None or self.sheet is not None:
            return
        self._preparing = self._host.runner.start(call, title=self.tr("Preparing the review"))
        self._preparing.then(self._on_review, page)
        self._preparing.failed.connect(self._on_no_review)
        self._preparing.finished.connect(self._on_prepared)

    @Slot()
    def _on_prepared(self) -> None:
        self._preparing = None

    @Slot(object)
    def _on_no_review(self, error: BaseException) -> None:
        self._host.fail(error, key="review")

    def _on_review(self, page: DocumentPage | None, review: Review) -> None:
        if self._services is None:
            return
        window = self._panel.window()
        self.sheet = ReviewSheet(window, self._host, self._services, review)
        self.sheet.sent.connect(partial(self._on_sent, review))
        self.sheet.proven.connect(partial(self._on_proven, page, review))
        self.sheet.closed.connect(self._on_closed)
        self.sheet.open_sheet()

    @Slot()
    def _on_closed(self) -> None:
        self.sheet = None

    def _on_sent(self, review: Review) -> None:
        self._tell(review)

    def _on_proven(self, page: DocumentPage | None, review: Review, _outcome: RunOutcome) -> None:
        if page is not None and page.current_document().policy_text == review.text:
            page.settled_on(page.editor.text())
            page.drop_draft()
        self._host.step_done.emit("upload")
        self._tell(review)

    def _tell(self, review: Review) -> None:
        # The document's provider need not be the one that the window is at.
        self._host.overviews.read((review.provider.id,))
        self._host.changed.emit("policies")
        self._host.changed.emit("activity")
        self.changed.emit(PolicyPlace(review.provider.id, review.attestation_type))

    # --- history ------------------------------------------------------------------------------

    def show_history(self, page: DocumentPage | None, pane: HistoryPane) -> None:
        """Fill the history of a document's place."""
        place = page.held.place if page is not None else None
        if self._services is None or place is None:
            pane.show_nowhere()
            return
        deployed = page.held.deployed if page is not None else None
        call = partial(self._services.policies.history, place.provider_id, place.attestation_type)
        task = self._host.runner.start(call)
        now = deployed.policy_hash if deployed is not None else ""
        task.then(self._on_history, pane, now)
        task.failed.connect(self._host.fail)

    def _on_history(self, pane: HistoryPane, now: str, entries: tuple[HistoryEntry, ...]) -> None:
        pane.show_entries(entries, now)

    # --- target -------------------------------------------------------------------------------

    def choose_target(self, page: DocumentPage, providers: tuple[Provider, ...]) -> None:
        """Ask for which provider and type a text is."""
        menu = QMenu(self._panel)
        for provider in providers:
            below = menu.addMenu(theme.icon("providers"), provider.name)
            for kind in MAIN_TYPES:
                place = PolicyPlace(provider.id, kind)
                entry = below.addAction(kind.value)
                entry.triggered.connect(partial(self.target_chosen.emit, page, place))
        button = page.strip.target
        at = button.mapToGlobal(button.rect().bottomLeft()) if button.isVisible() else QCursor.pos()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)
