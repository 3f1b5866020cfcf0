"""Claims out of an evidence file, for whatever in this panel works on claims."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from sealwright.desktop.host import Action, Notice
from sealwright.desktop.policies.words import tr
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.ask_file import ask_file
from sealwright.errors import UsageError

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.evidence.sheet import EvidenceSheet
    from sealwright.desktop.host import Host
    from sealwright.services.bundle import Services
    from sealwright.services.evidence.evidence import Evidence, EvidenceClaims

_KEY = "evidence"


class FromEvidence(QObject):
    """Asks for a file and derives the claims that a service would.

    What evidence lacks (the log of a quote, certificates) is added in the evidence viewer.
    """

    found = Signal(object)
    """EvidenceClaims"""

    def __init__(self, host: Host, panel: QWidget) -> None:
        super().__init__(panel)
        self._host, self._panel = host, panel
        self._services: Services | None = None
        self.held: Evidence | None = None
        """What the claims were last derived from, with all that was added to it."""
        self.sheet: EvidenceSheet | None = None

    def set_services(self, services: Services) -> None:
        """Evidence can be examined from now on."""
        self._services = services

    @Slot()
    def ask(self, _checked: object = None) -> None:
        """Ask for the file."""
        ask_file(self._panel, tr("Claims of evidence"), self.open)

    @Slot(str)
    def open(self, path: str) -> None:
        """Derive the claims of a file."""
        if self._services is not None:
            call = partial(self._services.evidence.read, path)
            task = self._host.runner.start(call, title=tr("Reading the evidence"))
            task.succeeded.connect(self.derive)
            task.failed.connect(self._host.fail)

    @Slot(object)
    def derive(self, evidence: Evidence) -> None:
        """Derive the claims of evidence, with what lies beside it."""
        if self._services is not None:
            self.held = evidence
            call = partial(self._services.evidence.derive, evidence)
            task = self._host.runner.start(call, title=tr("Reading the evidence"))
            task.succeeded.connect(self._on_found)
            task.failed.connect(self._on_failed)

    @Slot()
    def look(self) -> None:
        """Show the evidence, so that files can be added to it."""
        from sealwright.desktop.evidence.sheet import EvidenceSheet  # noqa: PLC0415 - first paint

        if self._services is None or self.held is None or self.sheet is not None:
            return
        window = self._panel.window()
        self.sheet = EvidenceSheet(self._host, window, self._services, use_claims=True)
        self.sheet.claims_wanted.connect(self.derive)
        self.sheet.closed.connect(self._on_closed)
        self.sheet.open_sheet()
        self.sheet.examine(self.held)

    @Slot()
    def _on_closed(self) -> None:
        self.sheet = None

    @property
    def _more(self) -> Action:
        return Action(tr("Add files\u2026"), self.look, "plus")

    @Slot(object)
    def _on_found(self, found: EvidenceClaims) -> None:
        self.found.emit(found)
        if found.problem:
            words = tr("{0}. A service refuses such evidence before it asks any policy.")
            title = tr("This evidence does not hold")
            self._tell(Notice(title, words.format(found.problem), Tone.WARN))
        elif found.unproven:
            self._tell(Notice(tr("This evidence is not complete"), found.unproven))

    def _tell(self, notice: Notice) -> None:
        self._host.notify(replace(notice, action=self._more, key=_KEY))

    @Slot(object)
    def _on_failed(self, error: BaseException) -> None:
        # What gives no claim by itself may give some with a file beside it.
        action = self._more if isinstance(error, UsageError) else None
        self._host.fail(error, key=_KEY, action=action)
