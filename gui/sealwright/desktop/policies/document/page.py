"""One open document: strip, banner, text, find bar; it keeps its own drafts and knows its state."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.messages import message
from sealwright.desktop.policies.document.drafts import DraftKeeper
from sealwright.desktop.policies.document.large import EDIT_LIMIT, SHOWN_OF_LARGE, limited
from sealwright.desktop.policies.document.standing import standing_against
from sealwright.desktop.policies.document.strip import DeployedStrip, Standing
from sealwright.desktop.policies.words import local_time, ways_to_begin
from sealwright.desktop.policies.writing.analyser import Analyser
from sealwright.desktop.policies.writing.analysis import Analysis, Question
from sealwright.desktop.policies.writing.assist import Assist
from sealwright.desktop.policies.writing.pause import Pause
from sealwright.desktop.theme import Tone
from sealwright.desktop.turns import Later
from sealwright.desktop.widgets.editor.code_editor import CodeEditor
from sealwright.desktop.widgets.editor.find import FindBar
from sealwright.desktop.widgets.editor.line_bar import LineBar
from sealwright.desktop.widgets.editor.positions import units
from sealwright.desktop.widgets.surfaces import Banner

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.claims.catalogue import Catalogue
    from sealwright.desktop.host import Host, PolicyPlace
    from sealwright.desktop.tasks import Task
    from sealwright.services.bundle import Services
    from sealwright.services.documents import Document, LineEnds
    from sealwright.services.model import Draft
    from sealwright.services.reaching.overview import DeployedPolicy

_STATE_TURNS = 6
"""Of the Qt thread, after which tab and library say that a text is edited: the text goes first."""


@dataclass(eq=False)
class Held:
    """What a page holds besides its text."""

    document: Document
    title: str
    place: PolicyPlace | None = None
    provider_name: str = ""
    draft_id: str = ""
    deployed: DeployedPolicy | None = None
    problem: BaseException | None = None
    reading: bool = False
    kept: str = ""
    """When the draft was last kept, in words."""


class DocumentPage(QWidget):
    """A document in the editor.

    `state_changed` follows everything that a tab, the library or the status bar shows;
    `analysed(Analysis)` each reading of the text; `action(name)` what the panel has to do.
    """

    state_changed = Signal()
    moved = Signal()
    """The cursor is somewhere else."""
    analysed = Signal(object)
    rested = Signal(object)
    """The same, but not in the middle of typing: for what takes longer than a key."""
    stirred = Signal()
    """The typing goes on: what is being worked out since it rested is out of date."""
    action = Signal(str)

    def __init__(self, host: Host, held: Held, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.host = host
        self.held = held
        self.analysis: Analysis | None = None
        self._shown: object = None
        self._base = held.document.widget_text
        self._base_units = units(self._base)
        self._edited = False
        self._filling = False
        self._catalogue: Callable[[], Catalogue] | None = None
        self.menu = QMenu(self)
        self.strip = DeployedStrip(self.menu)
        self.banner = Banner()
        self.editor = CodeEditor(self.tr("Policy text of {0}").format(held.title))
        self.editor.setPlaceholderText(ways_to_begin())
        self.find_bar = FindBar(self.editor)
        self.line_bar = LineBar(self.editor)
        self.drafts = DraftKeeper(host.runner, self._save_draft, self)
        self.analyser = Analyser(host.runner, self._question, self)
        self.pause = Pause(self)
        self._state_later = Later(self, self.state_changed.emit, _STATE_TURNS)
        self._lay_out()
        self.assist = Assist(host.runner, self.editor, self.analyser, self.banner, self)
        self.analysed.connect(self.assist.show_analysis)
        self._connect()
        self.show_document(held.document)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.strip)
        holder = QVBoxLayout()
        pad = theme.px(8)
        holder.setContentsMargins(pad, 0, pad, 0)
        holder.addWidget(self.banner)
        column.addLayout(holder)
        column.addWidget(self.editor, 1)
        column.addWidget(self.find_bar)
        column.addWidget(self.line_bar)

    def _connect(self) -> None:
        self.editor.pressed.connect(self.host.runner.typed)
        self.editor.edited.connect(self._on_edited)
        self.editor.place_changed.connect(self.moved)
        self.analyser.done.connect(self._on_analysed)
        self.analyser.failed.connect(self._on_analysis_failed)
        self.pause.over.connect(self._on_rest)
        self.pause.begun.connect(self.stirred)
        self.drafts.kept.connect(self._on_kept)
        self.drafts.failed.connect(self._on_draft_failed)
        self.strip.format_wanted.connect(self.assist.formatter.format)
        self.strip.review_wanted.connect(partial(self.action.emit, "review"))
        self.strip.target_wanted.connect(partial(self.action.emit, "target"))
        self.banner.acted.connect(partial(self.action.emit, "banner"))

    def set_services(self, services: Services) -> None:
        """The services are open: drafts can be kept and claims are known."""
        self.drafts.set_services(services)
        self._catalogue = services.reference.catalogue
        self.ask()

    # --- what it is ---------------------------------------------------------------------------

    @property
    def edited(self) -> bool:
        """Whether the text is another than the one it began with."""
        return self._edited and not self.editor.isReadOnly()

    @property
    def read_only(self) -> str:
        """Why it cannot be edited; empty when it can."""
        return self.held.document.read_only

    def set_line_ends(self, ends: LineEnds) -> None:
        """Give every line the same end; the text stays, the bytes change."""
        self.held.document = self.current_document().with_line_ends(ends)
        self.analyser.ask_now()
        self.drafts.touch()

    def current_document(self) -> Document:
        """The document with the text as it is now."""
        document = self.held.document
        if document.read_only or self.editor.text() == document.widget_text:
            return document
        return document.edited(self.editor.text())

    # --- filling ------------------------------------------------------------------------------

    def show_document(self, document: Document, *, base: str | None = None) -> None:
        """Show a document; `base` is the text it counts as edited against."""
        document = limited(document)
        self.held.document = document
        text = document.widget_text
        large = len(document.data) > EDIT_LIMIT
        self._filling = True
        self.editor.set_text(text[:SHOWN_OF_LARGE] if large else text)
        self._filling = False
        self._count_from(text if base is None else base)
        self.editor.setReadOnly(bool(document.read_only))
        if document.read_only:
            self.banner.tell(
                Tone.WARN, self.tr("Opened read-only"), document.read_only, icon="lock"
            )
        self.ask()

    def show_deployed(self, deployed: DeployedPolicy, document: Document) -> None:
        """The provider answered; its text comes into the editor unless something was typed."""
        held = self.held
        before = held.deployed.text if held.deployed is not None else None
        held.deployed, held.reading, held.problem = deployed, False, None
        untouched = not self.edited
        if untouched and not held.draft_id:
            if document.widget_text != self.editor.text() or before is None:
                self.show_document(document)
        else:
            self._count_from(document.widget_text)
            moved = before is not None and before != deployed.text
            if moved and document.widget_text != self.editor.text():
                self.banner.tell(
                    Tone.WARN,
                    self.tr("The deployed policy changed while you were editing"),
                    self.tr("Your text is as it was. Look at the difference before you upload."),
                    action=self.tr("Show difference"),
                )
        self.ask()

    def show_problem(self, error: BaseException) -> None:
        """The deployed policy could not be read; what was typed stays."""
        self.held.problem, self.held.reading = error, False
        shown = message(error)
        self.banner.tell(Tone.ERR, shown.title, shown.text, action=self.tr("Read again"))
        self.ask()

    def tell_gone(self, *, gone: bool) -> None:
        """Whether the provider is not there any more; the text stays."""
        if gone and self.banner.property("about") != "gone":
            self.banner.setProperty("about", "gone")
            self.banner.tell(
                Tone.WARN,
                self.tr("The provider is gone"),
                self.tr("Your text is kept as a draft. Save it to a file to use it elsewhere."),
                action=self.tr("Save as…"),
            )

    def name_provider(self, name: str) -> None:
        """The provider is known by its name now; what came back at the start knew only its ID."""
        self.held.provider_name = name
        self._tell()

    def show_reading(self) -> None:
        """The provider is being asked."""
        self.held.reading = True
        self._tell()

    def settled_on(self, text: str) -> None:
        """From now on the text counts as edited against `text`."""
        self._count_from(text)
        self._tell()

    def put(self, text: str) -> None:
        """Replace the text by another policy text; one undo brings it back."""
        if not self.read_only:
            self.editor.replace_text(text.replace("\r\n", "\n").removeprefix("\ufeff"))
            self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def discard(self) -> None:
        """Go back to the text it is counted as edited against; undo brings the edits back."""
        self.editor.replace_text(self._base)
        self.drop_draft()

    def go_to(self, start: int, end: int) -> None:
        """Select a stretch of the text and put the cursor there."""
        self.editor.go_to(start, end)
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- analysis -----------------------------------------------------------------------------

    def ask(self) -> None:
        """Have the text read again, now."""
        self.analyser.ask_now()
        self._tell()

    def _question(self, number: int) -> Question:
        held = self.held
        deployed = held.deployed.text if held.deployed is not None else None
        kind = held.place.attestation_type if held.place is not None else None
        text = self.editor.text() if not held.document.read_only else held.document.widget_text
        return Question(number, held.document, text, kind, deployed, self._catalogue)

    @Slot(object)
    def _on_analysed(self, analysis: Analysis) -> None:
        known, self.analysis = self.analysis, analysis
        if known is None or known.placed is not analysis.placed:
            self.editor.set_marks(analysis.placed.marks())
        if analysis.changes is not None:
            if not self.held.document.read_only:
                self.held.document = analysis.document
            self.editor.set_changes(analysis.changes)
            self._tell()
        self.analysed.emit(analysis)
        self.pause.tell(analysis)

    @Slot(object)
    def _on_rest(self, analysis: Analysis) -> None:
        if analysis.is_whole:
            self.rested.emit(analysis)
        else:
            self.analyser.finish()

    @Slot(object)
    def _on_analysis_failed(self, error: BaseException) -> None:
        self.host.fail(error)

    @Slot()
    def _on_edited(self) -> None:
        if self._filling:
            return
        self.pause.typed(self.editor.document().characterCount())
        self.analyser.ask()
        self.drafts.touch()
        before = self._edited
        self._compare()
        if self._edited != before:
            self._state_later.ask()

    def _count_from(self, base: str) -> None:
        self._base, self._base_units = base, units(base)
        self._compare()

    def _compare(self) -> None:
        # The length settles most cases without a look at a text of megabytes.
        length = self.editor.document().characterCount() - 1
        self._edited = length != self._base_units or self.editor.text() != self._base

    # --- drafts -------------------------------------------------------------------------------

    def _save_draft(self, services: Services) -> Task | None:
        held = self.held
        if held.document.read_only:
            return None
        if not self.edited:
            # Typed back to where it was: there is nothing to keep.
            self.drop_draft()
            return None
        document = self.current_document()
        place = held.place
        keep = partial(
            services.documents.keep_draft,
            document,
            draft_id=held.draft_id,
            provider_id=place.provider_id if place is not None else "",
            attestation_type=place.attestation_type if place is not None else None,
        )
        return self.host.runner.start(keep)

    @Slot(object)
    def _on_kept(self, draft: Draft) -> None:
        self.held.draft_id = draft.id
        self.held.kept = local_time(draft.saved)
        if self.banner.property("about") == "draft":
            self.banner.setProperty("about", "")
            self.banner.hide()
        self.state_changed.emit()

    @Slot(object)
    def _on_draft_failed(self, error: BaseException) -> None:
        shown = message(error)
        self.banner.tell(
            Tone.ERR,
            self.tr("The draft could not be kept"),
            self.tr(
                "{0} The text is still here; keeping it is tried again every 10 seconds."
            ).format(shown.text),
            action=self.tr("Save as…"),
        )
        self.banner.setProperty("about", "draft")

    def drop_draft(self) -> None:
        """The text is where it belongs: forget its draft."""
        self.drafts.drop(self.held.draft_id)
        self.held.draft_id = ""
        self.held.kept = ""
        self.state_changed.emit()

    # --- what it shows ------------------------------------------------------------------------

    def _tell(self) -> None:
        standing, obstacle = self._standing(), self._obstacle()
        errors = self.analysis.placed.counts.errors if self.analysis is not None else 0
        held = self.held
        shown = (standing, obstacle, errors, self.edited, held.draft_id, held.kept, held.problem)
        if shown != self._shown:
            # The library may be long: it is only asked to follow what it can show.
            self._shown = shown
            self.strip.show_standing(standing)
            self.strip.review.set_available(obstacle)
            self.state_changed.emit()

    def _obstacle(self) -> str:
        held = self.held
        if held.place is None:
            return self.tr("Choose a provider and an attestation type for this text first")
        if len(held.document.data) > EDIT_LIMIT:
            return held.document.read_only
        if held.document.read_only:
            return self.tr("This document cannot be read as a policy: {0}").format(
                held.document.read_only
            )
        return ""

    def _standing(self) -> Standing:
        held = self.held
        text_hash = self.analysis.policy_hash if self.analysis is not None else ""
        if held.place is None:
            return Standing("unknown", "", text_hash)
        if held.problem is not None:
            return Standing("unreadable", "", text_hash, message(held.problem).text)
        if held.deployed is None:
            return Standing("reading" if held.reading else "unreadable", "", text_hash)
        return standing_against(held.deployed, text_hash)
