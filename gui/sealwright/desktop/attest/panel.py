"""The Attest panel: what is attested at the left, what came of it at the right."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.attest.bringing import Bringing
from sealwright.desktop.attest.form import AttestForm
from sealwright.desktop.attest.guided import GuidedRun, sandbox_provider
from sealwright.desktop.attest.outcome import OutcomeActions
from sealwright.desktop.attest.result import ResultView
from sealwright.desktop.attest.runs import AttestRuns
from sealwright.desktop.attest.words import tr
from sealwright.desktop.evidence.opener import EvidenceOpener
from sealwright.desktop.host import Notice
from sealwright.desktop.panel import Panel, sizes_in
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.ask_file import ask_file
from sealwright.desktop.widgets.finds import Find
from sealwright.desktop.widgets.labels import Hairline, Label
from sealwright.desktop.widgets.tabs import SegmentedControl
from sealwright.desktop.wording import file_name
from sealwright.errors import UsageError
from sealwright.services.conversation import Model
from sealwright.services.evidence.request import Order, live_only, takes_data, takes_draft

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sealwright.desktop.attest.runs import Found
    from sealwright.desktop.host import Host
    from sealwright.services.attestation.request import AttachedData
    from sealwright.services.bundle import Services
    from sealwright.services.documents import Document
    from sealwright.services.evidence.evidence import Evidence
    from sealwright.services.model import Draft, Provider

CHECKS_TAB = 1
_LARGEST_DATA = 1 << 20


class AttestPanel(Panel):
    """Attests evidence, and answers why a machine was refused."""

    def __init__(self, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(host, parent)
        self._drafts: tuple[Draft, ...] = ()
        self.form = AttestForm()
        self.result = ResultView()
        self.bringing = Bringing(host, self.form, self)
        self.runs = AttestRuns(host, self)
        self.view = SegmentedControl(
            tr("Who asks the verifier"), [tr("Passport"), tr("Background check")]
        )
        self.opener = EvidenceOpener(host, self)
        self.outcome = OutcomeActions(host, self.result, self.runs, self.form, self)
        self.guided: GuidedRun | None = None
        self._right = QStackedWidget()
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self.setAcceptDrops(True)
        self._lay_out()
        self._connect()
        self._tell_available()

    def _lay_out(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QWidget()
        head.setFixedHeight(theme.px(55))
        row = QHBoxLayout(head)
        row.setContentsMargins(theme.px(16), 0, theme.px(16), 0)
        row.addWidget(Label(tr("Attest"), role=Role.TITLE))
        row.addStretch(1)
        row.addWidget(self.view)
        column.addWidget(head)
        column.addWidget(Hairline())
        column.addWidget(self.form, 1)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(left)
        self._right.addWidget(self.result)
        self._splitter.addWidget(self._right)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([theme.px(312), theme.px(1052)])
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._splitter)

    def _connect(self) -> None:
        host, form, result = self.host, self.form, self.result
        self.opener.attest_wanted.connect(self._on_attest_wanted)
        host.providers_changed.connect(self._on_providers)
        host.provider_changed.connect(self._on_provider)
        form.changed.connect(self._tell_available)
        form.submitted.connect(self.attest)
        form.evidence_file_wanted.connect(self.choose_evidence)
        form.evidence_paste_wanted.connect(self.paste)
        form.synthetic_wanted.connect(self.bringing.make)
        result.synthetic_wanted.connect(self.bringing.make)
        form.viewer_wanted.connect(self._on_look)
        form.policy_file_wanted.connect(self._on_policy_file)
        form.runtime.file_wanted.connect(partial(self._on_data_file, "runtime"))
        form.init.file_wanted.connect(partial(self._on_data_file, "init"))
        self.bringing.changed.connect(self._tell_available)
        result.viewer_wanted.connect(self._on_look_result)
        result.checks_wanted.connect(partial(self._on_look_result, CHECKS_TAB))
        self.view.tabBarClicked.connect(self.show_model)
        self.view.currentChanged.connect(self.show_model)
        self.runs.began.connect(self._on_began)
        self.runs.ended.connect(self._on_ended)
        self.runs.reached.connect(self.result.show_running)
        self.runs.found.connect(self._on_found)
        for keys, run in (
            (QKeySequence(QKeySequence.StandardKey.Open), self.choose_evidence),
            (QKeySequence("Ctrl+Return"), self.attest),
        ):
            shortcut = QShortcut(keys, self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(run)

    # --- the window's questions ---------------------------------------------------------------

    def set_services(self, services: Services) -> None:
        """Evidence can be brought and attested from now on."""
        super().set_services(services)
        self.bringing.set_services(services)
        self.runs.set_services(services)
        self.opener.set_services(services)
        self.outcome.set_services(services)
        self._tell_available()

    def shown(self) -> None:
        """Drafts may have been written meanwhile."""
        if self.services is not None:
            task = self.host.runner.start(self.services.documents.drafts)
            task.succeeded.connect(self._on_drafts)
            task.failed.connect(self.host.fail)

    def panes(self) -> Sequence[QWidget]:
        """Form, picture, what is below it."""
        return (self.form.provider, *self.result.panes())

    def finds(self) -> Sequence[Find]:
        """What can be done from anywhere."""
        group = tr("Commands")
        return [
            Find(group, tr("Guided run: passport"), partial(self._guide, 0), "step", prefix=">"),
            Find(
                group,
                tr("Guided run: background check"),
                partial(self._guide, 1),
                "step",
                prefix=">",
            ),
            Find(
                group,
                tr("Open evidence in the viewer\u2026"),
                self._open_viewer,
                "chip",
                prefix=">",
            ),
            Find(
                group,
                tr("Attest evidence of a file\u2026"),
                self._attest_file,
                "attest",
                prefix=">",
            ),
        ]

    def save_state(self) -> Mapping[str, object]:
        """The splitter; evidence is never kept."""
        return {"splitter": self._splitter.sizes()}

    def restore_state(self, state: Mapping[str, object]) -> None:
        """The same again."""
        sizes = sizes_in(state, "splitter")
        if sizes:
            self._splitter.setSizes(sizes)

    @Slot(object)
    def _on_providers(self, providers: tuple[Provider, ...]) -> None:
        chosen = self.host.provider
        self.form.set_providers(providers, chosen.id if chosen is not None else "")
        self._tell_available()

    @Slot(object)
    def _on_provider(self, provider: Provider | None) -> None:
        if provider is not None:
            self.form.choose_provider(provider.id)

    @Slot(object)
    def _on_drafts(self, drafts: tuple[Draft, ...]) -> None:
        self._drafts = drafts
        self.form.set_drafts(drafts)

    # --- bringing evidence --------------------------------------------------------------------

    @Slot()
    def choose_evidence(self) -> None:
        """Ask for a file with evidence."""
        ask_file(self, tr("Evidence to attest"), self.bringing.open_file)

    def _guide(self, index: int) -> None:
        self.host.panel_wanted.emit("attest")
        self.view.setCurrentIndex(index)
        self.show_model(index)

    def _attest_file(self) -> None:
        self.host.panel_wanted.emit("attest")
        self.choose_evidence()

    @Slot()
    def paste(self) -> None:
        """Take evidence from the clipboard."""
        mime = QGuiApplication.clipboard().mimeData()
        if not self.bringing.take_mime(mime):
            words = tr("There is no evidence on the clipboard")
            self.host.notify(Notice(words, tone=Tone.WARN, key="clipboard"))

    def _on_data_file(self, which: str) -> None:
        ask_file(self, tr("Data from a file"), partial(self._read_data, which))

    def _read_data(self, which: str, path: str) -> None:
        if self.services is not None:
            call = partial(self.services.files.read, path, limit=_LARGEST_DATA)
            task = self.host.runner.start(call, title=tr("Reading {0}").format(path))
            task.then(self._on_data, which, path)
            task.failed.connect(self.host.fail)

    def _on_data(self, which: str, path: str, data: bytes) -> None:
        field = self.form.runtime if which == "runtime" else self.form.init
        field.set_file(file_name(path), data)

    @Slot()
    def _on_policy_file(self) -> None:
        ask_file(self, tr("Draft policy"), self.open_policy)

    @Slot(str)
    def open_policy(self, path: str) -> None:
        """Use the text of a file as draft policy."""
        if self.services is not None:
            task = self.host.runner.start(partial(self.services.documents.open, path))
            task.then(self._on_policy, path)
            task.failed.connect(self.host.fail)

    def _on_policy(self, path: str, document: Document) -> None:
        self.form.add_draft_file(path, document.title, document.policy_text)

    # --- the evidence viewer ------------------------------------------------------------------

    def _open_viewer(self) -> None:
        self.opener.open_viewer()

    @Slot()
    def _on_look(self) -> None:
        if self.bringing.evidence is not None:
            self.opener.look_into(self.bringing.evidence)

    def _on_look_result(self, tab: int = 0) -> None:
        found = self.result.found
        if found is not None:
            self.opener.look_into(self.bringing.evidence_of(found), tab)

    @Slot(object)
    def _on_attest_wanted(self, evidence: Evidence) -> None:
        self.host.panel_wanted.emit("attest")
        self.bringing.take(evidence)

    # --- attesting ----------------------------------------------------------------------------

    @Slot()
    def _tell_available(self) -> None:
        form, evidence = self.form, self.bringing.evidence
        reason = ""
        if self.services is None:
            reason = tr("This home is still being opened.")
        elif not form.provider_id:
            reason = tr("No provider is known yet.")
        elif evidence is None:
            reason = tr("Bring evidence first: a file, a drop, the clipboard, or a synthetic one.")
        elif live_only(form.attestation_type, evidence):
            reason = tr("A TPM must answer the provider's challenge: a file cannot.")
        if not self.runs.running:
            form.attest.set_available(reason)
        nothing = tr("Bring evidence first.")
        form.look.set_available("" if evidence is not None else nothing)
        found = self.result.found
        form.copy_rest.set_available("" if found else tr("Attest once; then it can be copied."))
        form.set_data_available(
            ""
            if takes_data(form.attestation_type)
            else tr("{0} has no such data beside its evidence.").format(form.attestation_type.value)
        )
        takes = takes_draft(form.attestation_type)
        form.policy.setEnabled(takes)
        no_draft = tr("{0} takes no draft policy.").format(form.attestation_type.value)
        form.policy.setToolTip("" if takes else no_draft)

    @Slot()
    def attest(self) -> None:
        """Send what the form says, or call the running request off."""
        if self.runs.running:
            self.runs.cancel()
            return
        evidence, order = self.bringing.evidence, self._order()
        if evidence is not None and order is not None and self.form.attest.isEnabled():
            self.runs.attest(evidence, order)

    def _order(self) -> Order | None:
        form = self.form
        values: list[AttachedData | None] = []
        for field, box in ((form.runtime, form.runtime_box), (form.init, form.init_box)):
            try:
                values.append(field.value())
                box.set_problem()
            except UsageError as error:
                box.set_problem(error.summary)
                return None
        kind = form.attestation_type
        return Order(
            provider=form.provider_id,
            attestation_type=kind,
            runtime_data=values[0],
            init_data=values[1],
            nonce=form.nonce.text().strip(),
            draft_policy=form.draft_text(self._drafts) if takes_draft(kind) else "",
        )

    @Slot()
    def _on_began(self) -> None:
        self.show_result()
        self.form.attest.setText(tr("Cancel"))
        self.form.attest.set_icon("stop")
        self.form.attest.setAccessibleName(tr("Cancel attesting"))
        self.result.show_running(self.form.provider.currentText())

    @Slot()
    def _on_ended(self) -> None:
        self.form.attest.setText(tr("Attest"))
        self.form.attest.set_icon("play")
        self.form.attest.setAccessibleName(tr("Attest"))
        self.result.show_ended()
        self._tell_available()

    @Slot(object)
    def _on_found(self, found: Found) -> None:
        attestation, story, _examination = found
        self.result.show_found(attestation, story)
        if attestation.error is not None:
            self.host.changed.emit("activity")
        self._tell_available()

    # --- guided runs --------------------------------------------------------------------------

    @Slot(int)
    def show_model(self, index: int) -> None:
        """Show who sends what to whom in a model; its messages are sent one by one."""
        if index < 0 or self.services is None:
            return
        if self.guided is None:
            self.guided = GuidedRun(self.host)
            self.guided.set_services(self.services)
            self.guided.back_wanted.connect(self.show_result)
            self._right.addWidget(self.guided)
        model = tuple(Model)[index]
        if self._right.currentWidget() is not self.guided or self.guided.model is not model:
            self._right.setCurrentWidget(self.guided)
            self.guided.show_model(model, sandbox_provider(self.host.providers))

    @Slot()
    def show_result(self) -> None:
        """Show the last attestation again."""
        self._right.setCurrentWidget(self.result)

    # --- drops --------------------------------------------------------------------------------

    @virtual
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Evidence may be dropped anywhere in the panel."""
        if event.mimeData().hasUrls() or event.mimeData().hasText():
            event.acceptProposedAction()

    @virtual
    def dropEvent(self, event: QDropEvent) -> None:
        """Take it."""
        if self.bringing.take_mime(event.mimeData()):
            event.acceptProposedAction()
