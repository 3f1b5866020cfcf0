"""Adding or removing a certificate: who signs, the live steps, the proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.messages import message
from sealwright.desktop.run_view import step_views
from sealwright.desktop.tasks import Relay
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.fields import ComboBox, FormField, LineEdit
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.sheet import Sheet
from sealwright.desktop.widgets.stepper import RunSteps
from sealwright.desktop.widgets.surfaces import Banner

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from sealwright.desktop.host import Host
    from sealwright.desktop.tasks import Task
    from sealwright.services.changes.signer_run import SignerRun
    from sealwright.services.changes.steps import RunOutcome


class SignerRunSheet(Sheet):
    """Prepares the change with the chosen key, runs it, and shows each step with its proof."""

    proven = Signal()

    def __init__(
        self,
        host: Host,
        window: QWidget,
        *,
        title: str,
        verb: str,
        sentences: Sequence[str],
        keys: Sequence[str],
        typed_name: str,
        prepare: Callable[[str, str], Awaitable[SignerRun]],
        danger: bool = False,
    ) -> None:
        size = QSize(theme.px(620), theme.px(620))
        super().__init__(window, title, icon="signers", size=size)
        self._host, self._prepare, self._typed_name = host, prepare, typed_name
        self._verb = verb
        self._run: SignerRun | None = None
        self._task: Task | None = None
        self._relay = Relay(self)
        self._relay.received.connect(self._on_step)
        self._problem = Banner(closable=False)
        self._signer = ComboBox(self.tr("Signed with"))
        self._signer.addItems(list(keys))
        self._name = LineEdit(self.tr("Type {0} to go on").format(typed_name))
        self._steps = RunSteps()
        self.ok = Button(verb, kind=Kind.DANGER if danger else Kind.PRIMARY)
        self._stop = Button(self.tr("Cancel"))
        self._arrange(sentences)
        self.ok.clicked.connect(self._on_ok)
        self._stop.clicked.connect(self._on_stop)
        self.close_wanted.connect(self._on_stop)
        self._name.textChanged.connect(self._on_name)
        self._on_name("")
        if not keys:
            self.ok.set_available(
                self.tr("None of the trusted keys is on this computer, so nothing can be signed.")
            )

    def _arrange(self, sentences: Sequence[str]) -> None:
        inner = QWidget()
        inner.setProperty("k", "clear")
        column = QVBoxLayout(inner)
        pad = theme.px(22)
        column.setContentsMargins(pad, theme.px(14), pad, theme.px(14))
        column.setSpacing(theme.px(12))
        column.addWidget(self._problem)
        for sentence in sentences:
            column.addWidget(Label(sentence, color="text2", wrap=True))
        column.addWidget(
            FormField(
                self.tr("Signed with"),
                self._signer,
                hint=self.tr("A key of this computer that the provider already trusts"),
            )
        )
        field = FormField(self.tr("Type {0} to go on").format(self._typed_name), self._name)
        column.addWidget(field)
        field.setVisible(bool(self._typed_name))
        column.addWidget(self._steps)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setProperty("k", "clear")
        area.setAccessibleName(self.tr("Steps"))
        area.setWidget(inner)
        self.body.addWidget(area)
        self.buttons.addWidget(self._stop)
        self.buttons.addWidget(self.ok)
        self.set_footer(self.tr("Nothing has been changed yet."))

    @Slot(str)
    def _on_name(self, text: str) -> None:
        if self._typed_name and self._run is None:
            reason = self.tr("Type the name {0} first.").format(self._typed_name)
            self.ok.set_available("" if text == self._typed_name else reason)

    @Slot()
    def _on_ok(self) -> None:
        if self._task is not None:
            return
        self._problem.hide()
        self.set_closable(closable=False)
        self.show_progress(shown=True)
        self.progress.set_value(None)
        self.ok.set_available(self.tr("Running"))
        self._signer.setEnabled(False)
        self._name.setEnabled(False)
        key, typed = self._signer.currentText(), self._name.text()
        prepare, run, relay = self._prepare, self._run, self._relay

        async def change() -> RunOutcome:
            prepared = run or await prepare(key, typed)
            relay.post(prepared)
            return await prepared.run(relay.post)

        self._task = self._host.runner.start(change, title=self._verb)
        self._task.succeeded.connect(self._on_outcome)
        self._task.failed.connect(self._on_failed)
        self._task.cancelled.connect(self._on_cancelled)

    @Slot(object)
    def _on_step(self, value: object) -> None:
        if self._run is None and hasattr(value, "run"):
            self._run = value  # type: ignore[assignment]  # the relay carries objects
        if self._run is not None:
            self._steps.show_steps(step_views(self._run.steps))

    def _ended(self) -> None:
        self._task = None
        self.set_closable(closable=True)
        self.show_progress(shown=False)
        self._stop.setText(self.tr("Close"))
        self._stop.setAccessibleName(self.tr("Close"))

    @Slot(object)
    def _on_outcome(self, outcome: RunOutcome) -> None:
        self._ended()
        self._steps.show_steps(step_views(outcome.steps))
        for what in ("signers", "activity"):
            self._host.changed.emit(what)
        if outcome.unkept is not None:
            self._host.fail(outcome.unkept, key="signers")
        if outcome.proven:
            self.ok.hide()
            self.set_footer(self.tr("Proven: read back from the provider."), "ok", "ok.mark")
            self.proven.emit()
        else:
            self.ok.setText(self.tr("Try again"))
            self.ok.setAccessibleName(self.tr("Try again"))
            self.ok.set_available()
            self.set_footer(self.tr("It is not proven."), "warn", "warn.mark")

    @Slot(object)
    def _on_failed(self, error: BaseException) -> None:
        self._ended()
        shown = message(error)
        self._problem.tell(Tone.ERR, shown.title, shown.text)
        self._signer.setEnabled(True)
        self._name.setEnabled(True)
        self.ok.set_available()

    @Slot()
    def _on_cancelled(self) -> None:
        self._ended()
        self.ok.set_available()
        self.set_footer(self.tr("Stopped. What was sent may have taken effect."), "warn")

    @Slot()
    def _on_stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
        else:
            self.request_close()
