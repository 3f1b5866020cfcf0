"""Keeps the builder and the text in front in step, both ways."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from sealwright.claims.attestation_type import AttestationType
from sealwright.desktop import theme
from sealwright.desktop.host import Notice
from sealwright.desktop.policies.dry_run.sheets import ClaimsTextSheet
from sealwright.desktop.policies.from_evidence import FromEvidence
from sealwright.desktop.policies.newest import Newest
from sealwright.desktop.policies.words import tr
from sealwright.desktop.theme import Tone

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtWidgets import QWidget

    from sealwright.claims.catalogue import Catalogue
    from sealwright.claims.claim import Claim
    from sealwright.desktop.host import Host
    from sealwright.desktop.policies.building.dock import BuilderDock
    from sealwright.desktop.policies.document.page import DocumentPage
    from sealwright.desktop.policies.dry_run.trials import Trials
    from sealwright.desktop.policies.layout.surroundings import Surroundings
    from sealwright.desktop.policies.writing.analysis import Lint
    from sealwright.desktop.tasks import Task
    from sealwright.policy.writing.builder import PolicyModel, ReadModel, Requirement
    from sealwright.services.bundle import Services
    from sealwright.services.evidence.evidence import EvidenceClaims

_MOST_WORDS = 24
_OTHER_TYPE = "evidence-type"
_ENCLAVES = {AttestationType.SGX_ENCLAVE, AttestationType.OPEN_ENCLAVE}
"""The same quote in two wrappings."""


class Building(QObject):
    """Reads the model off the text when the typing rests, and writes what the builder wants.

    `pin(claims)` is for whoever has claims: it makes requirements of them.
    """

    def __init__(
        self,
        host: Host,
        parts: Surroundings,
        dock: BuilderDock,
        trials: Trials,
        panel: QWidget,
    ) -> None:
        super().__init__(panel)
        self._host, self._parts, self._trials, self._panel = host, parts, trials, panel
        self._dock = dock
        self._services: Services | None = None
        self._page: DocumentPage | None = None
        self._wanted: PolicyModel | None = None
        self._writing: Task | None = None
        self._newest = Newest(host, self)
        self.sheet: ClaimsTextSheet | None = None
        self.evidence = FromEvidence(host, panel)
        self.evidence.found.connect(self._on_evidence)
        dock.wanted.connect(self._on_wanted)
        dock.went_to.connect(self._on_went_to)
        dock.pin_menu.aboutToShow.connect(self._fill_pins)
        parts.desk.front_changed.connect(self._on_front)
        parts.docks.placed.connect(self._read)
        dock.show_nothing(tr("Open a policy to build on it."))

    def set_services(self, services: Services) -> None:
        """Tokens can be read from now on."""
        self._services = services
        self.evidence.set_services(services)

    @property
    def _lint(self) -> Lint | None:
        analysis = self._page.analysis if self._page is not None else None
        return analysis.lint if analysis is not None else None

    # --- from the text ------------------------------------------------------------------------

    @Slot()
    def _on_front(self) -> None:
        if self._page is not None:
            self._page.rested.disconnect(self._read)
            self._page.stirred.disconnect(self._newest.call_off)
            self._page.analysed.disconnect(self._write)
        self._page = self._parts.desk.front
        self._wanted = None
        self._newest.call_off()
        if self._page is None:
            self._dock.show_nothing(tr("Open a policy to build on it."))
            return
        self._page.rested.connect(self._read)
        self._page.stirred.connect(self._newest.call_off)
        self._page.analysed.connect(self._write)
        self._dock.show_nothing(tr("The text is being read."))
        self._read()

    @Slot()
    @Slot(object)
    def _read(self, _analysis: object = None) -> None:
        page, lint = self._page, self._lint
        if page is None or lint is None or not self._dock.isVisible() or self._wanted is not None:
            return
        self._newest.call_off()
        if page.editor.isReadOnly():
            self._dock.show_nothing(tr("This document can only be read."))
        elif not lint.found.policy.parses and lint.text.strip():
            reason = tr("The text has errors. Correct what is underlined in red, then build on.")
            self._dock.lock(reason, "err", "err.mark")
        else:
            self._newest.ask(partial(_read_off, lint), self._on_read, lint)

    def _on_read(self, lint: Lint, found: tuple[ReadModel, list[tuple[int, str]]]) -> None:
        page = self._page
        if page is None or page.editor.text() != lint.text:
            # The text or the builder went on meanwhile; another answer follows.
            return
        if self._wanted is None:
            from sealwright.desktop.policies.building import rows  # noqa: PLC0415 - first paint

            read, places = found
            known = rows.Known(lint.catalogue, lint.attestation_type)
            self._dock.show_model(read, known, places)

    @Slot(int, int)
    def _on_went_to(self, start: int, end: int) -> None:
        if self._page is not None:
            self._page.go_to(start, end)

    # --- into the text ------------------------------------------------------------------------

    @Slot(object)
    def _on_wanted(self, model: PolicyModel) -> None:
        self._wanted = model
        self._newest.call_off()
        self._write()

    @Slot()
    @Slot(object)
    def _write(self, _analysis: object = None) -> None:
        page, lint, model = self._page, self._lint, self._wanted
        if page is None or lint is None or model is None or self._writing is not None:
            return
        if lint.text != page.editor.text():
            # The answer about the newest text is on its way, and comes here.
            return
        self._writing = self._host.runner.start(partial(_written, lint, model))
        self._writing.then(self._on_written, page, lint, model)
        self._writing.failed.connect(self._on_not_written)

    def _on_written(self, page: DocumentPage, lint: Lint, model: PolicyModel, text: str) -> None:
        self._writing = None
        if page is not self._page:
            return
        if page.editor.text() == lint.text:
            if model is self._wanted:
                self._wanted = None
            page.editor.replace_text(text)
        self._write()

    @Slot(object)
    def _on_not_written(self, error: BaseException) -> None:
        self._writing = self._wanted = None
        self._host.fail(error)
        self._read()

    # --- pinning ------------------------------------------------------------------------------

    @Slot()
    def _fill_pins(self) -> None:
        menu = self._dock.pin_menu
        menu.clear()
        chosen = self._trials.chosen
        if chosen is not None:
            words = tr("Claims of the dry run: {0}").format(chosen.words)
            entry = menu.addAction(theme.icon("play"), words)
            entry.triggered.connect(partial(self._on_pin, chosen.claims))
        for case in self._trials.saved:
            entry = menu.addAction(theme.icon("flag"), case.name)
            entry.triggered.connect(partial(self._on_pin, case.claims))
        menu.addSeparator()
        evidence = menu.addAction(theme.icon("chip"), tr("An evidence file…"))
        evidence.triggered.connect(self.evidence.ask)
        held = self.evidence.held
        if held is not None:
            words = tr("Add files to {0}…").format(held.title)
            more = menu.addAction(theme.icon("plus"), words)
            more.triggered.connect(self._on_add_files)
        token = menu.addAction(theme.icon("tokens"), tr("A token…"))
        token.triggered.connect(self._ask_token)

    def _on_pin(self, claims: tuple[Claim, ...], _checked: object = None) -> None:
        self.pin(claims)

    def pin(self, claims: Iterable[Claim]) -> None:
        """Require what these claims say, where a policy can rely on it."""
        lint = self._lint
        if lint is None:
            return
        kind = lint.attestation_type or AttestationType.SGX_ENCLAVE
        task = self._host.runner.start(partial(_pinned, tuple(claims), lint.catalogue, kind))
        task.succeeded.connect(self._on_pinned)
        task.failed.connect(self._host.fail)

    @Slot(object)
    def _on_pinned(self, pinned: tuple[Requirement, ...]) -> None:
        if pinned:
            self._dock.require(pinned)
        else:
            self._dock.tell_no_pins()

    @Slot()
    def _ask_token(self, _checked: object = None) -> None:
        if self._services is None:
            return
        self.sheet = ClaimsTextSheet(
            self._host,
            self._panel.window(),
            self._services.dry_run.from_token,
            title=tr("Claims of a token"),
            words=tr("Paste an attestation token. It is read, not verified."),
        )
        self.sheet.done.connect(self._on_token)
        self.sheet.closed.connect(self._on_sheet_closed)
        self.sheet.open_sheet()

    @Slot()
    def _on_add_files(self, _checked: object = None) -> None:
        self.evidence.look()

    @Slot(object)
    def _on_evidence(self, found: EvidenceClaims) -> None:
        from sealwright.services.evidence.request import attestation_type_of  # noqa: PLC0415 - first paint

        kind, lint = attestation_type_of(found.kind), self._lint
        if lint is not None and not _is_of_type(kind, lint.attestation_type):
            words = tr(
                "`{0}` is attested as {1}, and this policy is for {2}. What is required of its "
                "claims may never be met."
            )
            names = (found.title, kind, lint.attestation_type)
            title = tr("Evidence of another type")
            self._host.notify(Notice(title, words.format(*names), Tone.WARN, key=_OTHER_TYPE))
        self.pin(found.claims)

    @Slot(object)
    def _on_token(self, claims: tuple[Claim, ...]) -> None:
        self.pin(claims)

    @Slot()
    def _on_sheet_closed(self) -> None:
        self.sheet = None


def _is_of_type(found: AttestationType | None, wanted: AttestationType | None) -> bool:
    """Whether claims of one type come to policies of the other; a type not known may be any."""
    return found is None or wanted is None or found is wanted or {found, wanted} == _ENCLAVES


async def _read_off(lint: Lint) -> tuple[ReadModel, list[tuple[int, str]]]:
    from anyio import to_thread  # noqa: PLC0415 - runs on the worker's loop

    return await to_thread.run_sync(_model_of, lint)


def _model_of(lint: Lint) -> tuple[ReadModel, list[tuple[int, str]]]:
    from sealwright.policy import read_model  # noqa: PLC0415 - after the first paint

    policy = lint.found.policy
    read = read_model(policy)
    places = []
    for placed in read.outside:
        words = " ".join(lint.text[slice(*placed.span)].split())
        words = words if len(words) <= _MOST_WORDS else f"{words[:_MOST_WORDS]}…"
        places.append((policy.position(placed.span.start).line, words))
    return read, places


async def _written(lint: Lint, model: PolicyModel) -> str:
    from anyio import to_thread  # noqa: PLC0415 - runs on the worker's loop

    from sealwright.policy.writing.builder_edits import text_with  # noqa: PLC0415 - as above

    return await to_thread.run_sync(text_with, lint.found.policy, model)


async def _pinned(
    claims: tuple[Claim, ...], catalogue: Catalogue, kind: AttestationType
) -> tuple[Requirement, ...]:
    from anyio import to_thread  # noqa: PLC0415 - runs on the worker's loop

    from sealwright.policy import pin_from  # noqa: PLC0415 - as above

    return await to_thread.run_sync(pin_from, claims, catalogue, kind)
