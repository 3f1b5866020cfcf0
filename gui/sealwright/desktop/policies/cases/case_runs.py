"""Runs the saved cases on the text in front, and keeps, gives away and takes in cases."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from sealwright.desktop.host import Action, Notice
from sealwright.desktop.policies.layout.surroundings import TESTS
from sealwright.desktop.policies.newest import Newest
from sealwright.desktop.policies.words import tr
from sealwright.desktop.theme import Tone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.claims.claim import Claim
    from sealwright.desktop.host import Host
    from sealwright.desktop.policies.cases.tests_tab import TestsTab
    from sealwright.desktop.policies.document.page import DocumentPage
    from sealwright.desktop.policies.layout.surroundings import Below
    from sealwright.policy import Policy
    from sealwright.services.bundle import Services
    from sealwright.services.model import SavedCase
    from sealwright.services.policies.cases import CasesReport

_LIMIT: Final = 8 * 2**20
_NAMES: Final = "Policy test files (*.policytest.yaml);;All files (*)"


class CaseRuns(QObject):
    """Keeps the Tests tab about the page in front. `changed` when cases came or went."""

    changed = Signal()

    def __init__(self, host: Host, bottom: Below, tab: TestsTab, panel: QWidget) -> None:
        super().__init__(panel)
        self._host, self._bottom, self._tab, self._panel = host, bottom, tab, panel
        self._services: Services | None = None
        self._page: DocumentPage | None = None
        self._kind: AttestationType | None = None
        self._newest = Newest(host, self)
        self.dialog: QFileDialog | None = None
        tab.run_wanted.connect(self.run)
        tab.delete_wanted.connect(self._on_delete)
        tab.export_wanted.connect(self._ask_export)
        tab.import_wanted.connect(self._ask_import)

    def set_services(self, services: Services) -> None:
        """Cases can be read and tried from now on."""
        self._services = services

    def show_page(self, page: DocumentPage | None, kind: AttestationType | None) -> None:
        """Another document or text is in front."""
        self._page, self._kind = page, kind
        if page is None:
            self._newest.call_off()
            self._tab.show_nothing()
            self._bottom.tabs.set_count(TESTS, 0)
        else:
            self.run()

    @Slot()
    def run(self) -> None:
        """Try every case of the type on the text in front."""
        self._newest.call_off()
        page, services = self._page, self._services
        if page is None or page.analysis is None or services is None:
            return
        lint = page.analysis.lint
        policy = lint.found.policy if lint is not None else page.analysis.text
        self._newest.ask(partial(_tried, services, policy, self._kind), self._on_report)

    @Slot()
    def call_off(self) -> None:
        """The text is being changed: nobody waits for what it made of the cases."""
        self._newest.call_off()

    def _on_report(self, found: tuple[CasesReport, tuple[SavedCase, ...]]) -> None:
        report, cases = found
        self._tab.show_report(report, cases)
        tone = Tone.ERR if report.failures else Tone.NEU
        self._bottom.tabs.set_count(TESTS, report.failures or len(cases), tone)

    # --- cases --------------------------------------------------------------------------------

    @Slot(object)
    def _on_delete(self, case: SavedCase) -> None:
        if self._services is None:
            return
        task = self._host.runner.start(partial(self._services.cases.discard, case.id))
        task.then(self._on_deleted, case)
        task.failed.connect(self._host.fail)

    def _on_deleted(self, case: SavedCase, _nothing: object) -> None:
        undo = Action(tr("Undo"), partial(self._bring_back, case))
        title = tr("Test case {0} was deleted").format(case.name)
        self._host.notify(Notice(title, tone=Tone.INFO, action=undo, key=f"case:{case.id}"))
        self._tell_changed()

    def _bring_back(self, case: SavedCase) -> None:
        if self._services is not None:
            task = self._host.runner.start(partial(self._services.cases.change, case))
            task.succeeded.connect(self._tell_changed)
            task.failed.connect(self._host.fail)

    @Slot()
    def _tell_changed(self) -> None:
        self.run()
        self.changed.emit()

    # --- files --------------------------------------------------------------------------------

    def _make_dialog(self, title: str) -> QFileDialog:
        dialog = QFileDialog(self._panel, title)
        dialog.setNameFilter(tr(_NAMES))
        dialog.finished.connect(dialog.deleteLater)
        self.dialog = dialog
        return dialog

    @Slot()
    def _ask_export(self) -> None:
        if self._page is None:
            return
        dialog = self._make_dialog(tr("Export test cases"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(f"{self._stem()}.policytest.yaml")
        dialog.fileSelected.connect(self.export_to)
        dialog.open()

    def _stem(self) -> str:
        title = self._page.held.title if self._page is not None else ""
        return title.removesuffix(".policy") or "policy"

    @Slot(str)
    def export_to(self, path: str) -> None:
        """Write the cases of the type in front as a policy test file."""
        if self._services is not None and path:
            call = partial(_exported, self._services, f"{self._stem()}.policy", self._kind, path)
            task = self._host.runner.start(call, title=tr("Exporting test cases"))
            task.failed.connect(self._host.fail)

    @Slot()
    def _ask_import(self) -> None:
        dialog = self._make_dialog(tr("Import test cases"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.import_from)
        dialog.open()

    @Slot(str)
    def import_from(self, path: str) -> None:
        """Take in the cases of a policy test file."""
        if self._services is not None and path:
            call = partial(_imported, self._services, path, self._kind)
            task = self._host.runner.start(call, title=tr("Importing test cases"))
            task.succeeded.connect(self._on_imported)
            task.failed.connect(self._host.fail)

    @Slot(object)
    def _on_imported(self, cases: tuple[SavedCase, ...]) -> None:
        title = tr("{0} test cases taken in").format(len(cases))
        self._host.notify(Notice(title, tone=Tone.OK))
        self._tell_changed()


async def _tried(
    services: Services, policy: str | Policy, kind: AttestationType | None
) -> tuple[CasesReport, tuple[SavedCase, ...]]:
    return await services.cases.run(policy, kind), await services.cases.cases(kind)


async def _exported(
    services: Services, policy: str, kind: AttestationType | None, path: str
) -> None:
    await services.files.write(path, await services.cases.export(policy, kind))


async def _imported(
    services: Services, path: str, kind: AttestationType | None
) -> tuple[SavedCase, ...]:
    from pathlib import Path  # noqa: PLC0415 - after the first paint

    folder = Path(path).parent

    async def claims_of(files: tuple[str, ...]) -> Sequence[Claim]:
        first, *beside = (str(folder / name) for name in files)
        return (await services.evidence.claims_of(first, beside)).claims

    data = await services.files.read(path, limit=_LIMIT)
    return await services.cases.take_in(data, kind, claims_of)
