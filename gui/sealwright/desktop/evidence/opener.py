"""Opens the evidence viewer over the window, for whoever in it wants to look into evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from sealwright.desktop.evidence.sheet import EvidenceSheet

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.host import EvidenceBytes, Host
    from sealwright.services.bundle import Services
    from sealwright.services.evidence.evidence import Evidence


class EvidenceOpener(QObject):
    """One viewer at a time."""

    attest_wanted = Signal(object)
    """`Evidence` of the viewer that shall be attested."""

    def __init__(self, host: Host, panel: QWidget) -> None:
        super().__init__(panel)
        self._host, self._panel = host, panel
        self._services: Services | None = None
        self.sheet: EvidenceSheet | None = None
        host.evidence_wanted.connect(self.show_bytes)

    def set_services(self, services: Services) -> None:
        """Evidence can be examined from now on."""
        self._services = services

    @Slot(object)
    def show_bytes(self, given: EvidenceBytes) -> None:
        """Show what a panel hands over."""
        sheet = self.open_viewer()
        if sheet is not None:
            sheet.show_bytes(given)

    def look_into(self, evidence: Evidence, tab: int = 0) -> None:
        """Show evidence on one of the viewer's tabs."""
        sheet = self.open_viewer()
        if sheet is not None:
            sheet.viewer.show_tab(tab)
            sheet.examine(evidence)

    def open_viewer(self) -> EvidenceSheet | None:
        """Open the viewer; the one that is open stays."""
        if self._services is None:
            return None
        if self.sheet is None:
            self.sheet = EvidenceSheet(self._host, self._panel.window(), self._services)
            self.sheet.attest_wanted.connect(self.attest_wanted)
            self.sheet.closed.connect(self._on_closed)
            self.sheet.open_sheet()
        return self.sheet

    @Slot()
    def _on_closed(self) -> None:
        self.sheet = None
