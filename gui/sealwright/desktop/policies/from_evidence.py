"""Claims out of an evidence file, for whatever in this panel works on claims."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from sealwright.desktop.host import Notice
from sealwright.desktop.policies.words import tr
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.ask_file import ask_file

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.host import Host
    from sealwright.services.bundle import Services
    from sealwright.services.evidence import EvidenceClaims


class FromEvidence(QObject):
    """Asks for a file and derives the claims that a service would."""

    found = Signal(object)
    """EvidenceClaims"""

    def __init__(self, host: Host, panel: QWidget) -> None:
        super().__init__(panel)
        self._host, self._panel = host, panel
        self._services: Services | None = None

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
            call = partial(self._services.evidence.claims_of, path)
            task = self._host.runner.start(call, title=tr("Reading the evidence"))
            task.succeeded.connect(self._on_found)
            task.failed.connect(self._host.fail)

    @Slot(object)
    def _on_found(self, found: EvidenceClaims) -> None:
        self.found.emit(found)
        if found.problem:
            words = tr("{0}. A service refuses such evidence before it asks any policy.")
            title = tr("This evidence does not hold")
            notice = Notice(title, words.format(found.problem), Tone.WARN, key="evidence")
            self._host.notify(notice)
