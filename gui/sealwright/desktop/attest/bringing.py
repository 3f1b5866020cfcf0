"""Brings evidence into the form, and says what it is before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from sealwright.desktop.attest.words import tr
from sealwright.desktop.messages import message
from sealwright.errors import AppError, UsageError
from sealwright.services.evidence.request import attestation_type_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from PySide6.QtCore import QMimeData

    from sealwright.desktop.attest.form import AttestForm
    from sealwright.desktop.attest.synthetic_sheet import SyntheticSheet
    from sealwright.desktop.host import Host
    from sealwright.evidence.examination import Examination
    from sealwright.services.attestation.flow import Attestation
    from sealwright.services.bundle import Services
    from sealwright.services.evidence.evidence import Evidence

_PAUSE_MS = 250


class Bringing(QObject):
    """The evidence of the form, examined whenever it or what it is bound to changes."""

    changed = Signal()
    """Other evidence, or another opinion about it."""

    def __init__(self, host: Host, form: AttestForm, parent: QObject) -> None:
        super().__init__(parent)
        self._host, self._form = host, form
        self._services: Services | None = None
        self.evidence: Evidence | None = None
        self.examination: Examination | None = None
        self._number = 0
        # Kept until an answer comes: one for other data may overtake that for the evidence alone.
        self._type_open = False
        self.sheet: SyntheticSheet | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self.examine)
        form.runtime.changed.connect(self._timer.start)
        form.init.changed.connect(self._timer.start)

    def set_services(self, services: Services) -> None:
        """Evidence can be brought from now on."""
        self._services = services

    # --- ways in ------------------------------------------------------------------------------

    @Slot(str)
    def open_file(self, path: str) -> None:
        """Read evidence from a file."""
        if self._services is not None:
            self._bring(partial(self._services.evidence.read, path))

    @Slot(str)
    def open_text(self, text: str) -> None:
        """Take evidence out of a text."""
        if self._services is not None:
            title = tr("pasted evidence")
            self._bring(partial(self._services.evidence.of_text, text, title))

    def take_mime(self, mime: QMimeData) -> bool:
        """Take evidence out of a drop or the clipboard; False when there is none."""
        for url in mime.urls():
            if url.isLocalFile():
                self.open_file(url.toLocalFile())
                return True
        if mime.hasText() and mime.text().strip():
            self.open_text(mime.text())
            return True
        return False

    @Slot()
    def make(self) -> None:
        """Ask what to make, and let the sandbox's machine make it."""
        from sealwright.desktop.attest.synthetic_sheet import (  # noqa: PLC0415 - first paint
            SyntheticSheet,
        )

        if self._services is not None and self.sheet is None:
            window = self._form.window()
            self.sheet = SyntheticSheet(self._host, window, self._services)
            self.sheet.done.connect(self._on_made)
            self.sheet.closed.connect(self._on_sheet_closed)
            self.sheet.open_sheet()

    @Slot(object)
    def _on_made(self, evidence: Evidence) -> None:
        """Synthetic evidence comes with what it commits to; data of other evidence go."""
        text = (evidence.runtime_data or b"").decode("utf-8", "replace")
        self._form.runtime.set_text(text, "JSON" if text[:1] == "{" else "Binary")
        self._form.init.set_text("", "JSON")
        self.take(evidence)

    @Slot()
    def _on_sheet_closed(self) -> None:
        self.sheet = None

    def _bring(self, call: Callable[[], Awaitable[Evidence]]) -> None:
        task = self._host.runner.start(call, title=tr("Reading the evidence"))
        task.succeeded.connect(self._on_brought)
        task.failed.connect(self._on_unreadable)

    @Slot(object)
    def _on_brought(self, evidence: Evidence) -> None:
        """A request brings its data along; a bare file leaves what was typed."""
        for data, field in (
            (evidence.runtime_data, self._form.runtime),
            (evidence.init_data, self._form.init),
        ):
            if data is not None:
                field.set_file(tr("from the request"), data)
        self.take(evidence)

    @Slot(object)
    def take(self, evidence: Evidence) -> None:
        """Use this evidence."""
        self.evidence, self.examination = evidence, None
        self._form.evidence_box.set_problem()
        self._form.show_evidence(evidence.title, len(evidence.data), tr("Being examined\u2026"))
        self._type_open = True
        self.changed.emit()
        self.examine()

    @Slot(object)
    def _on_unreadable(self, error: BaseException) -> None:
        if not isinstance(error, AppError):
            self._host.fail(error)
            return
        shown = message(error)
        self._form.evidence_box.set_problem(f"{shown.title}. {shown.text}".strip())

    # --- examining ----------------------------------------------------------------------------

    @Slot()
    def examine(self) -> None:
        """Look at the evidence again; a newer look wins over an older one."""
        evidence, services = self.evidence, self._services
        if evidence is None or services is None or not evidence.data:
            return
        try:
            runtime, init = self._form.runtime.value(), self._form.init.value()
        except UsageError:
            return
        bound = replace(
            evidence,
            runtime_data=runtime.data if runtime is not None else None,
            init_data=init.data if init is not None else None,
        )
        self._number += 1
        call = partial(_examined, services, bound, self._number)
        task = self._host.runner.start(call)
        task.succeeded.connect(self._on_examined)
        task.failed.connect(self._host.fail)

    @Slot(object)
    def _on_examined(self, answer: tuple[int, Examination | AppError]) -> None:
        number, found = answer
        if number != self._number or self.evidence is None:
            return
        if isinstance(found, AppError):
            self.examination = None
            self._on_unreadable(found)
            self.changed.emit()
            return
        self.examination = found
        kind = attestation_type_of(found.kind.value)
        if self._type_open and kind is not None:
            self._form.choose_type(kind)
        self._type_open = False
        self._form.show_evidence(self.evidence.title, len(self.evidence.data), hint_of(found))
        self._tell_binding(found)
        self.changed.emit()

    def evidence_of(self, found: Attestation) -> Evidence:
        """The evidence behind an attestation, with the data it was sent with."""
        from sealwright.services.evidence.evidence import Evidence  # noqa: PLC0415 - after the first paint

        request, held = found.request, self.evidence
        if held is None or held.data != request.evidence:
            held = Evidence(request.evidence, tr("attested evidence"))
        runtime, init = request.runtime_data, request.init_data
        return replace(
            held,
            runtime_data=runtime.data if runtime is not None else None,
            init_data=init.data if init is not None else None,
        )

    def _tell_binding(self, found: Examination) -> None:
        for name, box in (
            ("report-data", self._form.runtime_box),
            ("init-data", self._form.init_box),
        ):
            check = next((each for each in found.checks if each.id == name), None)
            status = check.status.value if check is not None else ""
            words = {"pass": tr("hash bound"), "fail": tr("not bound to the evidence")}
            box.set_note(words.get(status, ""))


async def _examined(
    services: Services, evidence: Evidence, number: int
) -> tuple[int, Examination | AppError]:
    """The examination, or why there is none, with the number of the question."""
    try:
        return number, await services.evidence.examine(evidence)
    except AppError as error:
        return number, error


def hint_of(found: Examination) -> str:
    """What it is, in a sentence or two."""
    if found.refusal is not None:
        return f"{found.refusal.summary} {found.refusal.hint}".strip()
    parts = [f"{found.form}."]
    debug = next((c for c in found.claims if c.type.endswith("is-debuggable")), None)
    if debug is not None:
        parts.append(tr("Debug is on.") if debug.value else tr("Debug is off."))
    failed = found.failed()
    if failed:
        parts.append(tr("Does not hold: {0}.").format(failed[0].title))
    elif found.root == "sandbox":
        parts.append(tr("Signed by the sandbox, no real hardware."))
    elif found.valid:
        parts.append(tr("Its signatures hold."))
    else:
        parts.extend(tr("Not judged: {0}.").format(each.title) for each in found.missing()[:1])
        parts.append(tr("See the evidence viewer."))
    return " ".join(parts)
