"""What can be done with an attestation: open its token or policy, keep it, save or replay it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication

from sealwright.desktop.attest.words import tr
from sealwright.desktop.host import Notice, PolicyPlace, TokenText
from sealwright.desktop.policies.dry_run.sheets import SaveCaseSheet
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.ask_file import ask_file, ask_where_to_save
from sealwright.services.attestation.rest_text import rest_text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.attest.form import AttestForm
    from sealwright.desktop.attest.result import ResultView
    from sealwright.desktop.attest.runs import AttestRuns
    from sealwright.desktop.host import Host
    from sealwright.services.bundle import Services
    from sealwright.services.model import SavedCase


class OutcomeActions(QObject):
    """The buttons beside the result."""

    def __init__(
        self, host: Host, result: ResultView, runs: AttestRuns, form: AttestForm, panel: QWidget
    ) -> None:
        super().__init__(panel)
        self._host, self._result, self._runs, self._form = host, result, runs, form
        self._panel = panel
        self._services: Services | None = None
        result.tokens_wanted.connect(self.open_token)
        result.case_wanted.connect(self.save_case)
        result.save_wanted.connect(self._on_save)
        result.replay_wanted.connect(self._on_replay)
        result.policy_wanted.connect(self.open_policy)
        form.copy_rest.clicked.connect(self.copy_rest)

    def set_services(self, services: Services) -> None:
        """Cases and files can be kept from now on."""
        self._services = services

    @Slot()
    def open_token(self) -> None:
        """Take the token apart in the Tokens panel."""
        found = self._result.found
        if found is not None and found.token:
            kind = found.request.attestation_type.value
            title = tr("{0}, attested by {1}").format(kind, found.provider.name)
            self._host.token_wanted.emit(TokenText(found.token, title, found.provider.attest_uri))

    @Slot()
    def open_policy(self) -> None:
        """Show the policy that would judge such evidence, so that one can be set."""
        found = self._result.found
        if found is not None:
            place = PolicyPlace(found.provider.id, found.request.attestation_type)
            self._host.policy_wanted.emit(place)

    @Slot()
    def save_case(self) -> None:
        """Keep the incoming claims as a test case."""
        found = self._result.found
        if found is None or self._services is None:
            return
        decision = found.run.decision if found.run is not None else "permit"
        sheet = SaveCaseSheet(
            self._host,
            self._panel.window(),
            self._services,
            found.incoming,
            found.request.attestation_type,
            decision=decision,
        )
        sheet.done.connect(self._on_case)
        sheet.open_sheet()

    @Slot(object)
    def _on_case(self, case: SavedCase) -> None:
        title = tr("Saved as test case {0}").format(case.name)
        words = tr("The dry run and the tests of policies can use it.")
        self._host.notify(Notice(title, words, Tone.OK))

    @Slot()
    def _on_save(self) -> None:
        title = tr("Save request and response")
        ask_where_to_save(self._panel, title, self.save_exchange, "json")

    @Slot(str)
    def save_exchange(self, path: str) -> None:
        """Keep the request with its answer in a file."""
        found = self._result.found
        if found is not None:
            self._runs.save(found.exchange, path)

    @Slot()
    def _on_replay(self) -> None:
        ask_file(self._panel, tr("Replay a saved exchange"), self.replay_exchange)

    @Slot(str)
    def replay_exchange(self, path: str) -> None:
        """Send the request of a saved exchange again, to the chosen provider."""
        if not self._runs.running and self._form.provider_id:
            self._runs.replay(path, self._form.provider_id)

    @Slot()
    def copy_rest(self) -> None:
        """Put the request on the clipboard as another tool can send it."""
        found = self._result.found
        if found is not None:
            QGuiApplication.clipboard().setText(rest_text(found.exchange))
            words = tr("Put your own bearer token where it says so.")
            title = tr("The request is on the clipboard")
            self._host.notify(Notice(title, words, key="clipboard"))
