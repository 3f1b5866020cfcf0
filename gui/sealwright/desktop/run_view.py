"""How the steps of a change look: titles, times, proof rows, reasons. Shared by every change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from sealwright.desktop.messages import message, quoted
from sealwright.desktop.widgets.stepper import ProofLine, StepState, StepView

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sealwright.services.changes.steps import ProofRow, Step

_STATES = {
    "waiting": StepState.WAITING,
    "running": StepState.RUNNING,
    "done": StepState.DONE,
    "skipped": StepState.SKIPPED,
    "failed": StepState.FAILED,
}
_LONG = 5
SENT = "send"


def tr(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate("run", text)


def step_views(steps: Iterable[Step]) -> list[StepView]:
    """The steps as the stepper shows them; what did not run says so after a failure."""
    held = list(steps)
    failed = any(step.status.value == "failed" for step in held)
    return [_view(step, after_failure=failed) for step in held]


def _view(step: Step, *, after_failure: bool) -> StepView:
    state = _STATES[step.status.value]
    reason, hint, details = "", "", False
    if state is StepState.FAILED and step.error is not None:
        shown = message(step.error)
        reason, hint = quoted(shown.sentence), quoted(shown.hint)
        details = bool(shown.details)
    return StepView(
        key=step.id.value,
        title=step.title,
        state=state,
        time=_time(step, state, after_failure=after_failure),
        proof=tuple(_proof(step, state)),
        reason=reason,
        hint=hint,
        details=details,
    )


def _time(step: Step, state: StepState, *, after_failure: bool) -> str:
    if state is StepState.WAITING:
        return tr("not run") if after_failure else ""
    if state is StepState.SKIPPED:
        return tr("not needed")
    if state is StepState.RUNNING:
        return ""
    return tr("{0:.2f} s").format(step.elapsed)


def _proof(step: Step, state: StepState) -> Iterable[ProofLine]:
    if state is StepState.RUNNING and step.attempts > 1:
        text = tr("attempt {0}, at most {1}").format(step.attempt, step.attempts)
        yield ProofLine(tr("Reading"), text, mono=False)
    elif step.detail and state is not StepState.FAILED:
        yield ProofLine(tr("Summary"), quoted(step.detail), mono=False)
    for row in step.rows:
        yield from proof_lines(row)
    if step.request_id:
        yield ProofLine(tr("Request ID"), step.request_id)


def proof_lines(row: ProofRow) -> Iterable[ProofLine]:
    """A comparison as the stepper shows it; one that does not hold takes two lines."""
    tip = "\n".join(
        part
        for part in (
            tr("Expected: {0}").format(row.expected) if row.expected else "",
            tr("Actual: {0}").format(row.actual) if row.actual else "",
            tr("Source: {0}").format(row.source) if row.source else "",
        )
        if part
    )
    mono = _looks_raw(row.actual or row.expected)
    if row.holds is None:
        value = _shown(row.actual or row.expected, mono=mono)
        yield ProofLine(row.label, value, mono=mono, tip=tip)
    elif row.holds:
        compared = row.expected == row.actual and row.expected not in ("", "holds")
        word = tr("equal") if compared else tr("holds")
        value = _shown(row.actual or row.expected, mono=mono)
        yield ProofLine(row.label, value, word, holds=True, mono=mono, tip=tip)
    else:
        expected = tr("{0}, expected").format(row.label)
        yield ProofLine(expected, row.expected or "-", mono=mono, tip=tip)
        value = row.actual or tr("nothing")
        yield ProofLine(row.label, value, tr("differs"), holds=False, mono=mono, tip=tip)


def _shown(value: str, *, mono: bool) -> str:
    return value if mono else quoted(value)


def _looks_raw(value: str) -> bool:
    """Hashes, addresses and ids are set in the code font; sentences are not."""
    return bool(value) and " " not in value.strip() and len(value) > _LONG


def truth(steps: Iterable[Step], *, proven: bool, running: bool, provider: str) -> tuple[str, str]:
    """What is true at the provider now, in one sentence, and the icon for it."""
    if proven:
        return tr("Proven: {0} has exactly this text.").format(provider), "ok"
    sending = next((step for step in steps if step.id.value == SENT), None)
    state = sending.status.value if sending is not None else "waiting"
    if sending is not None and state == "failed":
        return _truth_of_failure(sending, provider)
    if state in ("done", "skipped"):
        if running:
            return tr(
                "The service already has the new policy. Stopping now only stops the proof."
            ), "info"
        return tr("The service took the policy, but it is not proven."), "warn"
    if state == "running":
        return tr("The policy is on its way to {0}.").format(provider), "info"
    return tr("Nothing has been sent. {0} is unchanged.").format(provider), "info"


def _truth_of_failure(sending: Step, provider: str) -> tuple[str, str]:
    status = getattr(sending.error, "status", None)
    if isinstance(status, int) and status < 500:  # noqa: PLR2004 - refused, so not made
        return tr("The service refused it. Nothing was changed."), "info"
    return (
        tr("Whether {0} took it is not known. Try again finds out first.").format(provider),
        "warn",
    )
