"""The review's step about decisions: which saved cases come out differently."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot

from sealwright.desktop.policies.review.parts import Section
from sealwright.desktop.policies.words import plain_sentence, tr
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.stepper import StepState, StepView

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.host import Host
    from sealwright.services.bundle import Services
    from sealwright.services.policies.cases import DecisionsReport
    from sealwright.services.policies.review import Review

_WORDS = {"permit": "permitted", "deny": "not permitted"}


def _word(decision: str) -> str:
    return tr(_WORDS.get(decision, "fails"))


class DecisionsSection(Section):
    """Tries the saved cases on both texts. `changed` once it is known how they come out."""

    changed = Signal()

    def __init__(
        self, host: Host, services: Services, review: Review, parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Decisions"), "", parent)
        self._state = StepState.WAITING
        self._words = tr("being tried")
        deployed = review.deployed
        if review.reset:
            self._settle(tr("not tried"), tr("What the default decides is not tried here."))
        elif deployed is None or not deployed.text.strip():
            words = tr("There is no deployed text to compare decisions with.")
            self._settle(tr("nothing to compare with"), words)
        else:
            compare = services.cases.compare
            kind = review.attestation_type
            task = host.runner.start(partial(compare, deployed.text, review.text, kind))
            task.succeeded.connect(self._on_report)
            task.failed.connect(self._on_failed)

    @property
    def view(self) -> StepView:
        """The step in the list at the left."""
        return StepView("decisions", tr("Decisions"), self._state, reason=self._words)

    def _settle(
        self, words: str, sentence: str, tone: Tone = Tone.INFO, *, warned: bool = False
    ) -> None:
        self._words = words
        self._state = StepState.WARNED if warned else StepState.DONE
        self.fact.setText(words)
        if sentence:
            self.say(sentence, tone)

    @Slot(object)
    def _on_report(self, report: DecisionsReport) -> None:
        if report.problem:
            words = tr("The saved cases could not be tried: {0}").format(report.problem)
            self._settle(tr("could not be tried"), words, Tone.WARN, warned=True)
        elif not report.tried:
            words = tr("No case is saved for this type. Save one from the dry run.")
            self._settle(tr("no saved cases"), words)
        elif not report.changes:
            words = tr("Every saved case comes out as it does now.")
            self._settle(tr("none of {0} changes").format(report.tried), words, Tone.OK)
        else:
            self._tell_changes(report)
        self.changed.emit()

    def _tell_changes(self, report: DecisionsReport) -> None:
        words = tr("{0} of {1} change").format(len(report.changes), report.tried)
        self._settle(words, "", warned=True)
        for change in report.changes:
            now, then = _word(change.before), _word(change.after)
            text = tr("{0}: {1} now, {2} afterwards").format(change.name, now, then)
            failures = [each for each in (change.before, change.after) if each.startswith("error")]
            hint = plain_sentence(failures[0].removeprefix("error: ")) if failures else ""
            self.say(text, Tone.WARN, hint=hint, icon="flag")

    @Slot(object)
    def _on_failed(self, _error: BaseException) -> None:
        words = tr("The saved cases could not be read.")
        self._settle(tr("could not be tried"), words, Tone.WARN, warned=True)
        self.changed.emit()
