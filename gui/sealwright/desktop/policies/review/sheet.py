"""Review and upload: what changes and who signs, then the live steps with their proof.

Two stages in one sheet. Nothing is sent before the primary button of the first stage; a step that
fails stays with its reason, and a repeat goes on there.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.messages import message
from sealwright.desktop.policies.review.decisions import DecisionsSection
from sealwright.desktop.policies.review.details import (
    Details,
    confirmed_words,
    review_subtitle,
    review_title,
    review_verb,
)
from sealwright.desktop.policies.review.parts import (
    AfterwardsSection,
    DifferenceSection,
    ProblemsSection,
    SignerSection,
    difference_words,
)
from sealwright.desktop.policies.words import count, local_date_time, short_hash, tr
from sealwright.desktop.run_view import step_views, truth
from sealwright.desktop.tasks import Relay
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.chip import Chip
from sealwright.desktop.widgets.labels import ElidingLabel, Label
from sealwright.desktop.widgets.sheet import Sheet
from sealwright.desktop.widgets.stepper import ReviewSteps, RunSteps, StepState, StepView
from sealwright.desktop.widgets.surfaces import Picture
from sealwright.desktop.wording import day

if TYPE_CHECKING:
    from sealwright.desktop.host import Host
    from sealwright.desktop.tasks import Task
    from sealwright.services.bundle import Services
    from sealwright.services.changes.steps import RunOutcome, Step
    from sealwright.services.changes.upload import UploadRun
    from sealwright.services.policies.review import Review

_SIZE = QSize(1010, 784)
_SIDE = 252
_GOOD = ("done", "skipped")


class ReviewSheet(Sheet):
    """The review of one change, and its run. `proven(RunOutcome)` once everything was compared."""

    proven = Signal(object)
    sent = Signal()
    """The run ended after the provider took the change, proven or not."""

    def __init__(self, window: QWidget, host: Host, services: Services, review: Review) -> None:
        self._review = review
        self._host = host
        self._services = services
        self._run: UploadRun | None = None
        self._task: Task | None = None
        self._steps: dict[str, Step] = {}
        self._confirmed = ""
        self._done = False
        super().__init__(
            window,
            review_title(review),
            icon="undo" if review.origin == "rolled-back" else "upload",
            size=QSize(theme.px(_SIZE.width()), theme.px(_SIZE.height())),
        )
        self.set_subtitle(review_subtitle(review))
        self._stage_chip = Chip(tr("Review"), Tone.INFO, "eye")
        self.insert_head(self._stage_chip)
        self._relay = Relay(self)
        self._relay.received.connect(self._on_step)
        self._build()
        self.close_wanted.connect(self._on_close_wanted)
        self._tell_review()

    # --- building -----------------------------------------------------------------------------

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self._make_side())
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setAccessibleName(tr("Review"))
        self._content = QWidget()
        self._content.setProperty("k", "clear")
        self._column = QVBoxLayout(self._content)
        pad = theme.px(24)
        self._column.setContentsMargins(pad, theme.px(18), pad, theme.px(18))
        self._column.setSpacing(theme.px(18))
        self._make_sections()
        self._scroll.setWidget(self._content)
        self._scroll.viewport().setAutoFillBackground(False)
        row.addWidget(self._scroll, 1)
        self.body.addLayout(row)
        self.cancel = Button(tr("Cancel"))
        self.cancel.clicked.connect(self.request_close)
        self.confirm = Button(review_verb(self._review), icon="upload", kind=Kind.PRIMARY)
        self.confirm.clicked.connect(self._on_confirm)
        self.buttons.addWidget(self.cancel)
        self.buttons.addWidget(self.confirm)

    def _make_side(self) -> QWidget:
        side = QFrame()
        side.setProperty("k", "raised")
        side.setFixedWidth(theme.px(_SIDE))
        column = QVBoxLayout(side)
        column.setContentsMargins(theme.px(20), theme.px(18), theme.px(16), theme.px(18))
        column.setSpacing(theme.px(12))
        column.addWidget(Label(tr("Review"), role=Role.SECTION, color="text2"))
        self.review_steps = ReviewSteps()
        column.addWidget(self.review_steps)
        column.addStretch(1)
        for widget in self._back_words():
            column.addWidget(widget)
        return side

    def _back_words(self) -> list[QWidget]:
        deployed = self._review.deployed
        words: list[QWidget] = [Label(tr("To go back"), role=Role.SECTION, color="text2")]
        text = tr(
            "The version deployed until now is kept in History. Roll back uploads it again,"
            " signed anew."
        )
        words.append(Label(text, role=Role.SMALL, color="text2", wrap=True))
        if deployed is not None and deployed.policy_hash:
            holder = QWidget()
            row = QHBoxLayout(holder)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(theme.px(6))
            row.addWidget(Picture("history", "text3"))
            shown = ElidingLabel(short_hash(deployed.policy_hash), role=Role.CODE_SMALL)
            shown.setToolTip(deployed.policy_hash)
            row.addWidget(shown)
            when = ElidingLabel(day(deployed.read_at), role=Role.SMALL, color="text2")
            when.setToolTip(local_date_time(deployed.read_at))
            row.addWidget(when, 1)
            words.append(holder)
        return words

    def _make_sections(self) -> None:
        review = self._review
        self.run_steps = RunSteps()
        self.run_steps.hide()
        self.run_steps.details_wanted.connect(self._on_details)
        self._details = Details()
        self._details.hide()
        self._problems = ProblemsSection(review)
        self.signer = SignerSection(review)
        self.signer.changed.connect(self._tell_review)
        self.signer.key_wanted.connect(self._on_key_wanted)
        self._afterwards = AfterwardsSection(review)
        self._difference = DifferenceSection(review)
        self._decisions = DecisionsSection(self._host, self._services, review)
        self._decisions.changed.connect(self._tell_decisions)
        for widget in (
            self.run_steps,
            self._details,
            self._problems,
            self._decisions,
            self.signer,
            self._difference,
            self._afterwards,
        ):
            self._column.addWidget(widget)
        self._column.addStretch(1)

    # --- the review ---------------------------------------------------------------------------

    @Slot()
    def _tell_review(self) -> None:
        self.review_steps.show_steps(self._review_views())
        obstacle = self._obstacle()
        self.confirm.set_available(obstacle)
        text = obstacle or tr("Nothing is sent before you confirm.")
        self.set_footer(text, "err" if obstacle else "info", "err.mark" if obstacle else "text2")

    def _obstacle(self) -> str:
        certain = next((held for held in self._review.obstacles if held.certain), None)
        if certain is not None:
            return certain.message
        return tr("No key here can sign for this provider") if self.signer.missing else ""

    def _review_views(self) -> list[StepView]:
        review, done = self._review, StepState.DONE
        counts = count([each.severity for each in review.diagnostics])
        blocked = counts.errors or not review.possible
        state = StepState.FAILED if blocked else done
        if not blocked and (counts.warnings or review.obstacles):
            state = StepState.WARNED
        words = counts.words or tr("None found")
        if blocked and not counts.errors:
            words = tr("Cannot be uploaded")
        views = [StepView("problems", tr("Problems"), state, reason=words)]
        views.append(
            StepView("difference", tr("Difference"), done, reason=difference_words(review))
        )
        views.append(self._decisions.view)
        signer = StepState.FAILED if self.signer.missing else done
        views.append(StepView("signer", tr("Signer"), signer, reason=self.signer.words))
        confirmed = done if self._confirmed else StepState.WAITING
        title = tr("Confirmed") if self._confirmed else tr("Confirm")
        views.append(StepView("confirm", title, confirmed, reason=self._confirmed))
        return views

    @Slot()
    def _tell_decisions(self) -> None:
        self.review_steps.show_steps(self._review_views())

    @Slot()
    def _on_key_wanted(self) -> None:
        self.close()
        self._host.panel_wanted.emit("signers")

    # --- the run ------------------------------------------------------------------------------

    @Slot()
    def _on_confirm(self) -> None:
        if self._task is not None:
            return
        if self._run is None:
            self._confirmed = confirmed_words()
            self.review_steps.show_steps(self._review_views())
            start = partial(self._services.policies.start, self._review, self.signer.chosen)
            self._task = self._host.runner.start(start, title=self.title.text())
            self._task.succeeded.connect(self._on_started)
            self._task.failed.connect(self._on_failed)
            self._task.cancelled.connect(self._on_cancelled)
        else:
            self._go_on()

    @Slot(object)
    def _on_started(self, run: UploadRun) -> None:
        self._run = run
        for step in run.steps:
            self._steps[step.id.value] = step
        for section in (self._problems, self._decisions, self.signer, self._afterwards):
            section.hide()
        self.run_steps.show()
        self._go_on()

    def _go_on(self) -> None:
        if self._run is None:
            return
        self._details.hide()
        call = partial(self._run.run, self._relay.post)
        self._task = self._host.runner.start(call, title=self.title.text())
        self._task.succeeded.connect(self._on_outcome)
        self._task.failed.connect(self._on_failed)
        self._task.cancelled.connect(self._on_cancelled)
        self.set_closable(closable=False)
        self._tell_run()

    @Slot(object)
    def _on_step(self, step: Step) -> None:
        self._steps[step.id.value] = step
        self._tell_run()
        self._scroll_to(step.id.value)

    def _tell_run(self, *, settled: bool = False) -> None:
        steps = list(self._steps.values())
        self.run_steps.show_steps(step_views(steps))
        good = sum(1 for step in steps if step.status.value in _GOOD)
        failed = next((step for step in steps if step.status.value == "failed"), None)
        total = max(len(steps), 1)
        self.show_progress(shown=True)
        self.progress.set_value(good / total, failed=failed is not None)
        running = self._task is not None
        text, icon = truth(
            steps, proven=self._done, running=running, provider=self._review.provider.name
        )
        color = {"ok": "ok.mark", "warn": "warn.mark"}.get(icon, "text2")
        self.set_footer(text, icon, color)
        self._tell_stage(good, total, failed=failed is not None)
        self._tell_buttons(running=running, sent=self._was_sent())
        if settled:
            self._show_end()

    def _scroll_to(self, key: str) -> None:
        # After the layout has made room for what the step shows now.
        QTimer.singleShot(0, self, partial(self._show_row, key))

    def _show_row(self, key: str) -> None:
        row = self.run_steps.row(key)
        if row is not None:
            self._column.activate()
            self._scroll.ensureWidgetVisible(row, 0, theme.px(12))

    def _was_sent(self) -> bool:
        step = self._steps.get("send")
        return step is not None and step.status.value in _GOOD

    def _tell_stage(self, good: int, total: int, *, failed: bool) -> None:
        if self._done:
            self._stage_chip.set_state(tr("Proven"), Tone.OK, "ok")
        elif failed:
            self._stage_chip.set_state(tr("Stopped"), Tone.ERR, "err")
        elif self._task is None:
            self._stage_chip.set_state(tr("Stopped"), Tone.WARN, "stop")
        else:
            words = tr("Step {0} of {1}").format(min(good + 1, total), total)
            self._stage_chip.set_state(words, Tone.INFO, "clock")

    def _tell_buttons(self, *, running: bool, sent: bool) -> None:
        if running:
            self.cancel.setText(tr("Stop checking") if sent else tr("Stop"))
            self.cancel.set_icon("stop")
            self.confirm.hide()
        elif self._done:
            self.cancel.hide()
            self.confirm.setText(tr("Done"))
            self.confirm.set_icon("check")
            self.confirm.show()
        else:
            self.cancel.setText(tr("Close"))
            self.cancel.set_icon("")
            self.confirm.setText(tr("Try again"))
            self.confirm.set_icon("refresh")
            self.confirm.show()
        self.cancel.setAccessibleName(self.cancel.text())
        self.confirm.setAccessibleName(self.confirm.text())

    def _show_end(self) -> None:
        self.set_closable(closable=True)
        if self._done:
            self.confirm.clicked.disconnect(self._on_confirm)
            self.confirm.clicked.connect(self.close)
        self.confirm.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(object)
    def _on_outcome(self, outcome: RunOutcome) -> None:
        self._task = None
        for step in outcome.steps:
            self._steps[step.id.value] = step
        self._done = outcome.proven
        self._tell_run(settled=True)
        if outcome.failed is not None:
            self._scroll_to(outcome.failed.id.value)
        self._tell_sent()
        if outcome.unkept is not None:
            self._host.fail(outcome.unkept, key="upload")
        if outcome.proven:
            self.proven.emit(outcome)

    @Slot(object)
    def _on_failed(self, error: BaseException) -> None:
        self._task = None
        self._host.fail(error, key="upload")
        if self._run is None:
            self._confirmed = ""
            self._tell_review()
        else:
            self._tell_run(settled=True)

    @Slot()
    def _on_cancelled(self) -> None:
        self._task = None
        if self._run is None:
            self._confirmed = ""
            self._tell_review()
            return
        for step in self._run.steps:
            self._steps[step.id.value] = step
        self._tell_run(settled=True)
        self._tell_sent()

    def _tell_sent(self) -> None:
        if self._was_sent() and not self._done:
            self.sent.emit()

    @Slot()
    def _on_close_wanted(self) -> None:
        """Esc, the cross and Stop while it runs: stop first, so that the state is seen."""
        if self._task is not None:
            self.cancel.set_available(tr("Being stopped"))
            self._task.cancelled.connect(self.cancel.set_available)
            self._task.cancel()

    @Slot(str)
    def _on_details(self, key: str) -> None:
        step = self._steps.get(key)
        if step is not None and step.error is not None:
            self._details.tell(message(step.error).details_text)
            self._details.show()
            self._scroll.ensureWidgetVisible(self._details)
