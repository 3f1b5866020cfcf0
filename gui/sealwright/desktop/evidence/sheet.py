"""The evidence viewer over the window: brings evidence from a file, a drop or the clipboard."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.evidence.compare_view import rows_of
from sealwright.desktop.evidence.shown import ShownEvidence, make_ready
from sealwright.desktop.evidence.time_sheet import TimeSheet
from sealwright.desktop.evidence.viewer import COMPARE, EvidenceViewer
from sealwright.desktop.evidence.words import size_words, tr
from sealwright.desktop.messages import message
from sealwright.desktop.theme import Tone
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.ask_file import ask_file, ask_files
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.drop_zone import DropZone
from sealwright.desktop.widgets.progress import Skeleton
from sealwright.desktop.widgets.sheet import Sheet
from sealwright.desktop.widgets.surfaces import Banner, EmptyState
from sealwright.desktop.wording import utc_time
from sealwright.services.evidence.request import attestation_type_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from sealwright.desktop.host import EvidenceBytes, Host
    from sealwright.desktop.tasks import Task
    from sealwright.desktop.widgets.tables.cells import Row
    from sealwright.services.bundle import Services
    from sealwright.services.evidence.evidence import Evidence

_SIZE = QSize(1360, 840)


class EvidenceSheet(Sheet):
    """One piece of evidence at a time; a newer one wins over an older answer."""

    attest_wanted = Signal(object)
    """`Evidence` that shall be attested."""

    claims_wanted = Signal(object)
    """`Evidence` whose claims were chosen."""

    def __init__(
        self, host: Host, window: QWidget, services: Services, *, use_claims: bool = False
    ) -> None:
        size = QSize(theme.px(_SIZE.width()), theme.px(_SIZE.height()))
        super().__init__(window, tr("Evidence"), icon="chip", size=size)
        self.host, self._services = host, services
        self._evidence: Evidence | None = None
        self._task: Task | None = None
        self.viewer = EvidenceViewer()
        self.drop = DropZone(
            tr("Drop evidence here"), tr("A quote, report, log or request; or paste with Ctrl+V")
        )
        self.problem = Banner()
        self._pages = QStackedWidget()
        self._start = self._start_page()
        self._waiting = Skeleton(8, tr("Examining the evidence"))
        self._add = Button(tr("Add files\u2026"), icon="plus", kind=Kind.GHOST)
        self._time = Button(tr("At a time\u2026"), icon="clock", kind=Kind.GHOST)
        self._compare = Button(tr("Compare with\u2026"), icon="compare", kind=Kind.GHOST)
        self._open = Button(tr("Open evidence\u2026"), icon="folder")
        self._attest = Button(tr("Attest this"), icon="attest")
        self._use = Button(tr("Use its claims"), icon="rows", kind=Kind.PRIMARY)
        # `setVisible(True)` before it has a parent would open a window of its own.
        (self._attest if use_claims else self._use).hide()
        self._done = Button(tr("Close"), name=tr("Close the evidence viewer"))
        self._lay_out()
        self._connect()
        self._tell_available()

    def _start_page(self) -> QWidget:
        page = QWidget()
        empty = EmptyState(
            "chip",
            tr("No evidence is open"),
            tr("Open a quote, a report, an event log or a request, whatever produced it."),
            action=tr("Choose a file\u2026"),
            action_icon="folder",
        )
        empty.acted.connect(self.choose_file)
        column = QVBoxLayout(page)
        pad = theme.px(16)
        column.setContentsMargins(pad, pad, pad, pad)
        column.addWidget(empty, 1)
        column.addWidget(self.drop)
        return page

    def _lay_out(self) -> None:
        self.setAcceptDrops(True)
        holder = QVBoxLayout()
        holder.setContentsMargins(theme.px(16), theme.px(8), theme.px(16), 0)
        holder.addWidget(self.problem)
        self.body.addLayout(holder)
        for page in (self._start, self._waiting, self.viewer):
            self._pages.addWidget(page)
        self.body.addWidget(self._pages, 1)
        for button in (self._add, self._time, self._compare, self._open):
            self.insert_head(button)
        for button in (self._attest, self._done, self._use):
            self.buttons.addWidget(button)

    def _connect(self) -> None:
        self._open.clicked.connect(self.choose_file)
        self._add.clicked.connect(self._on_add)
        self.viewer.add_wanted.connect(self._on_add)
        self.viewer.time_wanted.connect(self._on_time)
        self._time.clicked.connect(self._on_time)
        self._compare.clicked.connect(self._on_compare)
        self._attest.clicked.connect(self._on_attest)
        self._use.clicked.connect(self._on_use)
        self._done.clicked.connect(self.request_close)
        self.closed.connect(self._on_closed)
        self.drop.clicked.connect(self.choose_file)
        self.drop.file_dropped.connect(self.open_file)
        self.drop.text_dropped.connect(self.open_text)
        compare = self.viewer.compare
        compare.open_wanted.connect(self._on_compare)
        compare.file_dropped.connect(self.compare_with)
        compare.text_dropped.connect(self._on_other_text)
        for keys, run in (
            (QKeySequence.StandardKey.Paste, self.paste),
            (QKeySequence.StandardKey.Open, self.choose_file),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(run)

    def _tell_available(self) -> None:
        reason = "" if self._evidence is not None else tr("Open evidence first.")
        for button in (self._add, self._time, self._compare, self._attest, self._use):
            button.set_available(reason)
        shown = self.viewer.shown
        if shown is not None and not shown.examination.claims:
            self._use.set_available(tr("No claim comes from this by itself. Add files beside it."))
        if shown is not None and attestation_type_of(shown.examination.kind.value) is None:
            self._attest.set_available(tr("No operation takes this kind of evidence by itself."))

    # --- bringing evidence --------------------------------------------------------------------

    def panes(self) -> tuple[QWidget, ...]:
        """Those of the viewer."""
        return self.viewer.panes()

    def show_bytes(self, given: EvidenceBytes) -> None:
        """Show evidence that a panel hands over."""
        from sealwright.services.evidence.evidence import Evidence  # noqa: PLC0415 - after the first paint

        held = Evidence(
            given.data,
            given.title,
            certificates=given.certificates,
            runtime_data=given.runtime_data,
        )
        self.examine(held)

    @Slot()
    def choose_file(self) -> None:
        """Ask for a file."""
        ask_file(self, tr("Open evidence"), self.open_file)

    @Slot(str)
    def open_file(self, path: str) -> None:
        """Read evidence from a file."""
        self._bring(partial(self._services.evidence.read, path))

    @Slot(str)
    def open_text(self, text: str) -> None:
        """Take evidence out of a text."""
        self._bring(partial(self._services.evidence.of_text, text, tr("pasted evidence")))

    @Slot()
    def paste(self) -> None:
        """Take evidence from the clipboard: a copied file, or text."""
        mime = QGuiApplication.clipboard().mimeData()
        if not self.drop.take(mime):
            self._tell(Tone.WARN, tr("There is no evidence on the clipboard"))

    def _bring(self, call: Callable[[], Awaitable[Evidence]]) -> None:
        self._run(call, tr("Reading the evidence"), self._on_read)

    @Slot(object)
    def _on_read(self, evidence: Evidence) -> None:
        self.examine(evidence)

    def examine(self, evidence: Evidence) -> None:
        """Examine and show."""
        service = self._services.evidence

        async def call() -> tuple[Evidence, ShownEvidence]:
            from anyio import to_thread  # noqa: PLC0415 - after the first paint

            found = await service.examine(evidence)
            shown = partial(make_ready, evidence.title, found, evidence.data)
            return evidence, await to_thread.run_sync(shown)

        if self._evidence is None:
            self._pages.setCurrentWidget(self._waiting)
        self._run(call, tr("Examining the evidence"), self._on_examined)

    @Slot(object)
    def _on_examined(self, found: tuple[Evidence, ShownEvidence]) -> None:
        self._evidence, shown = found
        form = shown.examination.form
        self.title.setText(self._evidence.title)
        words = f"{form} \u00b7 {size_words(len(self._evidence.data))}"
        if self._evidence.at is not None:
            words += " \u00b7 " + tr("as of {0}").format(utc_time(self._evidence.at))
        self.set_subtitle(words)
        self._tell_footer(shown)
        self.viewer.show_evidence(shown)
        first = self._pages.currentWidget() is not self.viewer
        self._pages.setCurrentWidget(self.viewer)
        self._tell_available()
        if first:
            self.viewer.first_stop.setFocus(Qt.FocusReason.OtherFocusReason)

    def _tell_footer(self, shown: ShownEvidence) -> None:
        if shown.examination.root == "sandbox":
            words = tr("Made by a sandbox: it proves nothing about real hardware.")
            self.set_footer(words, "cube")
        else:
            self.set_footer(tr("Nothing of this left your computer."), "lock")

    # --- more beside it -----------------------------------------------------------------------

    @Slot()
    def _on_add(self) -> None:
        ask_files(self, tr("Add certificates, collateral or other files"), self.add_files)

    @Slot(list)
    def add_files(self, paths: list[str]) -> None:
        """Examine the same evidence with further files beside it."""
        if self._evidence is not None:
            self._bring(partial(self._services.evidence.add_files, self._evidence, paths))

    @Slot()
    def _on_time(self) -> None:
        if self._evidence is not None:
            sheet = TimeSheet(self.host, self.window(), self._evidence.at)
            sheet.done.connect(self.examine_at)
            sheet.open_sheet()

    @Slot(object)
    def examine_at(self, moment: datetime | None) -> None:
        """Examine as of another time; None is now."""
        if self._evidence is not None:
            self.examine(replace(self._evidence, at=moment))

    @Slot()
    def _on_compare(self) -> None:
        ask_file(self, tr("Compare with other evidence"), self.compare_with)

    @Slot(str)
    def compare_with(self, path: str) -> None:
        """Compare with the evidence of a file."""
        self._compare_to(partial(self._services.evidence.read, path))

    @Slot(str)
    def _on_other_text(self, text: str) -> None:
        self._compare_to(partial(self._services.evidence.of_text, text, tr("pasted evidence")))

    def _compare_to(self, bring: Callable[[], Awaitable[Evidence]]) -> None:
        shown, mine, service = self.viewer.shown, self._evidence, self._services.evidence
        if shown is None or mine is None:
            return

        async def call() -> tuple[list[Row], str]:
            from anyio import to_thread  # noqa: PLC0415 - after the first paint

            other = replace(await bring(), kind=mine.kind, at=mine.at)
            found = await service.examine(other)
            difference = await service.compare(shown.examination, found)
            return await to_thread.run_sync(rows_of, difference), other.title

        self._run(call, tr("Comparing evidence"), self._on_compared)

    @Slot(object)
    def _on_compared(self, found: tuple[list[Row], str]) -> None:
        self.viewer.compare.show_rows(*found)
        self.viewer.show_tab(COMPARE)

    @Slot()
    def _on_attest(self) -> None:
        if self._evidence is not None:
            self.attest_wanted.emit(self._evidence)
            self.request_close()

    @Slot()
    def _on_use(self) -> None:
        if self._evidence is not None:
            self.claims_wanted.emit(self._evidence)
            self.request_close()

    # --- runs ---------------------------------------------------------------------------------

    def _run(
        self, call: Callable[[], Awaitable[object]], title: str, done: Callable[..., None]
    ) -> None:
        """Run the newest wish; what an older one finds is dropped."""
        if self._task is not None:
            self._task.cancel()
        self.problem.hide()
        self.show_progress(shown=True)
        self.progress.set_value(None)
        task = self.host.runner.start(call, title=title)
        self._task = task
        task.then(self._on_done, task, done)
        task.otherwise(self._on_failed, task)
        task.at_end(self._on_finished, task)

    def _on_done(self, task: Task, done: Callable[..., None], found: object) -> None:
        if task is self._task:
            self._end()
            done(found)

    def _on_failed(self, task: Task, error: BaseException) -> None:
        if task is not self._task:
            return
        self._end()
        shown = message(error)
        self._tell(Tone.ERR, shown.title, shown.text)
        if self._evidence is None:
            self._pages.setCurrentWidget(self._start)

    def _on_finished(self, task: Task) -> None:
        if task is self._task:
            self._end()

    @Slot()
    def _on_closed(self) -> None:
        """Nobody is left to hear of what still runs."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    def _end(self) -> None:
        self._task = None
        self.show_progress(shown=False)

    def _tell(self, tone: Tone, title: str, text: str = "") -> None:
        self.problem.tell(tone, title, text)

    # --- drops --------------------------------------------------------------------------------

    @virtual
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Evidence may be dropped anywhere on the sheet."""
        if event.mimeData().hasUrls() or event.mimeData().hasText():
            event.acceptProposedAction()

    @virtual
    def dropEvent(self, event: QDropEvent) -> None:
        """As in the drop zone."""
        if self.drop.take(event.mimeData()):
            event.acceptProposedAction()
