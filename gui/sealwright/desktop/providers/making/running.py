"""How the making of a provider looks: the provider, then the policy of each type with its proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from sealwright.desktop.messages import message, quoted
from sealwright.desktop.run_view import proof_lines
from sealwright.desktop.widgets.stepper import ProofLine, StepState, StepView
from sealwright.services.changes.steps import StepId, StepStatus
from sealwright.services.ports import CLOSED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sealwright.errors import AppError
    from sealwright.services.making import MadePolicy, Making

CHECK, MAKE, CLOSE = "check", "make", "close"
_STATES = {
    "waiting": StepState.WAITING,
    "running": StepState.RUNNING,
    "done": StepState.DONE,
    "skipped": StepState.SKIPPED,
    "failed": StepState.FAILED,
}


def tr(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate("making", text)


def making_views(making: Making) -> list[StepView]:
    """What was done, what is being done, and what is still to do."""
    views: list[StepView] = []
    if making.policies:
        state = StepState.DONE if making.checked else StepState.RUNNING
        views.append(StepView(CHECK, tr("Read and check the policies"), state))
    views.append(_provider(making))
    views += [_policy(each) for each in making.policies]
    if making.closing is not StepStatus.SKIPPED:
        views.append(_closing(making))
    return views


def _closing(making: Making) -> StepView:
    reason, hint, details = _why(making.closing_error)
    done = making.closing is StepStatus.DONE
    line = ProofLine(tr("Public network access"), CLOSED, tr("as asked"), holds=True, mono=False)
    return StepView(
        key=CLOSE,
        title=tr("Switch public network access off, last"),
        state=_STATES[making.closing.value],
        proof=(line,) if done else (),
        reason=reason,
        hint=hint,
        details=details,
    )


def _why(error: AppError | None) -> tuple[str, str, bool]:
    """Reason and hint in words, and whether there is more to read."""
    if error is None:
        return "", "", False
    shown = message(error)
    return quoted(shown.sentence), quoted(shown.hint), bool(shown.details)


def _provider(making: Making) -> StepView:
    title = tr("Make {0}").format(making.new.name)
    made = making.provider
    if made is None:
        state = StepState.RUNNING if making.checked else StepState.WAITING
        return StepView(MAKE, title, state)
    proof = [
        ProofLine(tr("Address"), made.attest_uri),
        ProofLine(tr("Trust model"), made.trust_model.value, tr("as asked"), holds=True),
    ]
    if making.new.signing_certificates:
        count = str(len(making.new.signing_certificates))
        line = ProofLine(tr("Signers read back"), count, tr("equal"), holds=True, mono=False)
        proof.append(line)
    return StepView(MAKE, title, StepState.DONE, proof=tuple(proof))


def _policy(made: MadePolicy) -> StepView:
    kind = made.policy.attestation_type.value
    reason, hint, details = _why(made.error)
    return StepView(
        key=kind,
        title=tr("Policy for {0}").format(kind),
        state=_STATES[made.status.value],
        proof=tuple(_proof(made)),
        reason=reason,
        hint=hint,
        details=details,
    )


def _proof(made: MadePolicy) -> Iterable[ProofLine]:
    yield ProofLine(tr("From"), made.policy.origin, mono=False)
    if made.note:
        yield ProofLine(tr("Nothing to do"), made.note, mono=False)
    steps = made.outcome.steps if made.outcome is not None else ()
    for step in steps:
        if step.id is StepId.EQUAL:
            for row in step.rows:
                yield from proof_lines(row)


def truth(making: Making) -> tuple[str, str, str]:
    """What is true now, in one sentence, with the icon for it and its colour."""
    name, count, left = making.new.name, len(making.policies), making.left
    if making.provider is None:
        return tr("Nothing has been made yet."), "info", "text2"
    if making.proven:
        return tr("Proven: {0} is there as asked.").format(name), "ok", "ok.mark"
    words = tr("{0} is there; {1} of {2} policies are not proven.")
    if not left:
        words = tr("{0} is there, but open to the public network still.")
    return words.format(name, left, count), "warn", "warn.mark"
