"""Runs the text in front on the chosen claims whenever one of them changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from sealwright.claims.attestation_type import AttestationType
from sealwright.desktop.policies.cases.case_runs import CaseRuns
from sealwright.desktop.policies.dry_run.dock import (
    ADD_FILES,
    FORM,
    FROM_EVIDENCE,
    FROM_TOKEN,
    JSON,
)
from sealwright.desktop.policies.dry_run.sheets import (
    ClaimsFormSheet,
    ClaimsTextSheet,
    SaveCaseSheet,
)
from sealwright.desktop.policies.from_evidence import FromEvidence
from sealwright.desktop.policies.newest import Newest
from sealwright.desktop.policies.words import tr

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from sealwright.claims.catalogue import ClaimEntry
    from sealwright.claims.claim import Claim
    from sealwright.desktop.host import Host
    from sealwright.desktop.policies.cases.tests_tab import TestsTab
    from sealwright.desktop.policies.document.page import DocumentPage
    from sealwright.desktop.policies.dry_run.dock import DryRunDock
    from sealwright.desktop.policies.layout.surroundings import Surroundings
    from sealwright.desktop.widgets.forms import FormSheet
    from sealwright.services.bundle import Services
    from sealwright.services.evidence.evidence import Evidence, EvidenceClaims
    from sealwright.services.model import SavedCase

_SAMPLE, _OWN = "sample", "own"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Claims to try, and where they came from."""

    key: str
    words: str
    claims: tuple[Claim, ...]
    evidence: Evidence | None = field(repr=False, default=None)
    """What they come from, when that is evidence."""


class Trials(QObject):
    """Keeps the dock and the tests about the page in front."""

    def __init__(
        self,
        host: Host,
        parts: Surroundings,
        dock: DryRunDock,
        tests: TestsTab,
        panel: QWidget,
    ) -> None:
        super().__init__(panel)
        self._host, self._parts, self._panel = host, parts, panel
        self._dock = dock
        self._services: Services | None = None
        self._page: DocumentPage | None = None
        self._cases: tuple[SavedCase, ...] = ()
        self._chosen: dict[AttestationType | None, Chosen] = {}
        self._newest = Newest(host, self)
        self.sheet: FormSheet | None = None
        self.evidence = FromEvidence(host, panel)
        self.evidence.found.connect(self._on_evidence)
        self.cases = CaseRuns(host, parts.bottom, tests, panel)
        self.cases.changed.connect(self.read_cases)
        tests.try_wanted.connect(self._on_try)
        dock.run_wanted.connect(self.run)
        dock.source_wanted.connect(self._on_source)
        dock.save_wanted.connect(self._on_save)
        dock.trace.went_to.connect(self._on_went_to)
        parts.desk.front_changed.connect(self._on_front)
        parts.docks.placed.connect(self.run)
        dock.show_nothing(tr("Open a policy to try it."))

    def set_services(self, services: Services) -> None:
        """Texts can be tried from now on."""
        self._services = services
        self.cases.set_services(services)
        self.evidence.set_services(services)
        self.read_cases()

    @property
    def chosen(self) -> Chosen | None:
        """The claims that the text in front is tried on."""
        return self._chosen.get(self._kind)

    @property
    def saved(self) -> tuple[SavedCase, ...]:
        """The saved cases of the type in front."""
        return self._cases

    @property
    def _kind(self) -> AttestationType | None:
        place = self._page.held.place if self._page is not None else None
        return place.attestation_type if place is not None else None

    @Slot()
    def _on_front(self) -> None:
        if self._page is not None:
            self._page.rested.disconnect(self._on_analysed)
            self._page.stirred.disconnect(self._on_stirred)
        self._page = self._parts.desk.front
        if self._page is not None:
            self._page.rested.connect(self._on_analysed)
            self._page.stirred.connect(self._on_stirred)
            self.read_cases()
        else:
            self._newest.call_off()
            self._dock.show_nothing(tr("Open a policy to try it."))
        self.cases.show_page(self._page, self._kind)
        self._parts.place_docks()

    @Slot(object)
    def _on_analysed(self, _analysis: object) -> None:
        self.cases.show_page(self._page, self._kind)
        self.run()

    @Slot()
    def _on_stirred(self) -> None:
        self._newest.call_off()
        self.cases.call_off()

    @Slot(str)
    def _on_try(self, case_id: str) -> None:
        self._parts.show_dry_run()
        self._on_source(case_id)

    @Slot()
    def step(self) -> None:
        """Go to the next rule, in the trace and in the text."""
        if not self._dock.isVisible():
            self._parts.show_dry_run()
        else:
            self._dock.step()

    @Slot(int, int)
    def _on_went_to(self, start: int, end: int) -> None:
        if self._page is not None:
            # From its end, so that the beginning of a long rule stays in sight.
            self._page.editor.go_to(end, start)

    # --- claims -------------------------------------------------------------------------------

    @Slot()
    def read_cases(self) -> None:
        """Ask for the saved cases of the type in front."""
        if self._services is None:
            return
        task = self._host.runner.start(partial(self._services.cases.cases, self._kind))
        task.succeeded.connect(self._on_cases)
        task.failed.connect(self._host.fail)

    @Slot(object)
    def _on_cases(self, cases: tuple[SavedCase, ...]) -> None:
        self._cases = cases
        self._tell_sources()

    def _tell_sources(self) -> None:
        chosen = self._chosen.get(self._kind)
        given = [(_SAMPLE, "rows", tr("Sample claims"))]
        if chosen is not None and chosen.key == _OWN:
            given.append((_OWN, "pencil", chosen.words))
        given += [(case.id, "flag", case.name) for case in self._cases]
        key = chosen.key if chosen is not None else _SAMPLE
        evidence = chosen.evidence if chosen is not None else None
        self._dock.show_sources(given, key, of_evidence=evidence is not None)

    def _choose(self, chosen: Chosen) -> None:
        self._chosen[self._kind] = chosen
        self._tell_sources()
        self.run()

    @Slot(str)
    def _on_source(self, key: str) -> None:
        case = next((held for held in self._cases if held.id == key), None)
        if case is not None:
            self._choose(Chosen(case.id, case.name, case.claims))
        elif key == _SAMPLE:
            self._chosen.pop(self._kind, None)
            self.run()
        elif key == FORM:
            self._ask_form()
        elif key == JSON:
            self._ask_json()
        elif key == FROM_TOKEN:
            self._ask_token()
        elif key == FROM_EVIDENCE:
            self.evidence.ask()
        elif key == ADD_FILES:
            self._add_files()

    def _ask_form(self) -> None:
        chosen = self._chosen.get(self._kind)
        if self._services is None or chosen is None:
            return
        kind = self._kind or AttestationType.SGX_ENCLAVE
        task = self._host.runner.start(partial(self._services.dry_run.form, kind))
        task.then(self._on_form, chosen)
        task.failed.connect(self._host.fail)

    def _on_form(self, chosen: Chosen, entries: tuple[ClaimEntry, ...]) -> None:
        sheet = ClaimsFormSheet(self._host, self._panel.window(), entries, chosen.claims)
        self._open(sheet, tr("Edited claims"))

    def _ask_json(self) -> None:
        chosen = self._chosen.get(self._kind)
        if self._services is not None and chosen is not None:
            call = partial(self._services.dry_run.to_json, chosen.claims)
            task = self._host.runner.start(call)
            task.succeeded.connect(self._on_json)
            task.failed.connect(self._host.fail)

    @Slot(object)
    def _on_json(self, text: str) -> None:
        if self._services is not None:
            sheet = ClaimsTextSheet(
                self._host,
                self._panel.window(),
                self._services.dry_run.from_json,
                title=tr("Claims as JSON"),
                words=tr("An object of names and values, or a list of claims."),
                text=text,
            )
            self._open(sheet, tr("Claims from JSON"))

    def _ask_token(self) -> None:
        if self._services is not None:
            sheet = ClaimsTextSheet(
                self._host,
                self._panel.window(),
                self._services.dry_run.from_token,
                title=tr("Claims of a token"),
                words=tr("Paste an attestation token. It is read, not verified."),
            )
            self._open(sheet, tr("Claims of a token"))

    def _open(self, sheet: FormSheet, words: str) -> None:
        self.sheet = sheet
        sheet.done.connect(partial(self._on_own, words))
        sheet.closed.connect(self._on_sheet_closed)
        sheet.open_sheet()

    def _on_own(self, words: str, found: tuple[Claim, ...]) -> None:
        self._choose(Chosen(_OWN, words, found))

    @Slot(object)
    def _on_evidence(self, found: EvidenceClaims) -> None:
        words = tr("Evidence: {0}").format(found.title)
        self._choose(Chosen(_OWN, words, found.claims, self.evidence.held))

    def _add_files(self) -> None:
        chosen = self._chosen.get(self._kind)
        if chosen is not None and chosen.evidence is not None:
            self.evidence.held = chosen.evidence
            self.evidence.look()

    @Slot()
    def _on_sheet_closed(self) -> None:
        self.sheet = None

    # --- cases --------------------------------------------------------------------------------

    @Slot()
    def _on_save(self) -> None:
        chosen, run = self._chosen.get(self._kind), self._dock.shown
        if self._services is None or chosen is None or run is None or not run.decision:
            return
        sheet = SaveCaseSheet(
            self._host,
            self._panel.window(),
            self._services,
            chosen.claims,
            self._kind,
            decision=run.decision,
        )
        self.sheet = sheet
        sheet.done.connect(self._on_saved)
        sheet.closed.connect(self._on_sheet_closed)
        sheet.open_sheet()

    @Slot(object)
    def _on_saved(self, case: SavedCase) -> None:
        self._chosen[case.attestation_type] = Chosen(case.id, case.name, case.claims)
        self.read_cases()
        self.cases.run()

    # --- runs ---------------------------------------------------------------------------------

    @Slot()
    def run(self) -> None:
        """Try the text in front; an older run that still goes on is called off."""
        self._newest.call_off()
        services, page = self._services, self._page
        if services is None or page is None or page.analysis is None:
            return
        if not self._dock.isVisible():
            return
        chosen = self._chosen.get(self._kind)
        if chosen is None:
            kind = self._kind or AttestationType.SGX_ENCLAVE
            task = self._host.runner.start(partial(services.dry_run.samples, kind))
            task.then(self._on_samples, self._kind)
            task.failed.connect(self._host.fail)
            return
        if not page.analysis.document.policy_text.strip():
            self._dock.show_nothing(tr("The policy is empty."))
            return
        document, lint = page.analysis.document, page.analysis.lint
        call = partial(
            services.dry_run.run,
            lint.found.policy if lint is not None else page.analysis.text,
            self._kind,
            chosen.claims,
            sent_text=document.policy_text,
        )
        self._newest.ask(call, self._dock.show_run)

    def _on_samples(self, kind: AttestationType | None, claims: tuple[Claim, ...]) -> None:
        self._chosen[kind] = Chosen(_SAMPLE, tr("Sample claims"), claims)
        if kind == self._kind:
            self._tell_sources()
            self.run()
