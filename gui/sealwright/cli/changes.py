"""Runs a verified change, says each step as it happens, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sealwright.cli import shapes
from sealwright.cli.command import DOES_NOT_HOLD, HOLDS
from sealwright.cli.outcome import error_body, exit_code, report
from sealwright.services.changes.steps import StepStatus

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.cli.context import Context
    from sealwright.services.bundle import Services
    from sealwright.services.changes.steps import RunOutcome, Step, StepListener

_SHOWN = {
    StepStatus.DONE: "done",
    StepStatus.SKIPPED: "skipped",
    StepStatus.FAILED: "FAILED",
}


class Change(Protocol):
    """A prepared change that proves itself."""

    async def run(self, on_step: StepListener | None = None) -> RunOutcome:
        """Go on until proven or stopped."""
        ...


def run_change(context: Context, prepare: Callable[[Services], Awaitable[Change]]) -> int:
    """Run the change that `prepare` makes; the exit code."""

    def on_step(step: Step) -> None:
        word = _SHOWN.get(step.status)
        if word is not None and not context.output.json:
            context.output.note(f"  {step.title}: {word}  {step.detail}".rstrip())

    async def job(services: Services) -> RunOutcome:
        change = await prepare(services)
        return await change.run(on_step)

    return _ended(context, context.with_services(job))


def _ended(context: Context, outcome: RunOutcome) -> int:
    failed = outcome.failed
    words = f"{outcome.result or 'Done'}. Proven.\n" if outcome.proven else ""
    document = shapes.outcome(outcome)
    if failed is not None and failed.error is not None:
        document["error"] = error_body(failed.error)
    context.output.result(document, words)
    if outcome.unkept is not None:
        reason = f"{outcome.unkept.summary} {outcome.unkept.hint}".rstrip()
        context.output.note(f"Warning: This is not in the activity log or history: {reason}")
    if outcome.proven:
        return HOLDS
    if failed is None or failed.error is None:
        context.output.note("Not proven.")
        return DOES_NOT_HOLD
    if not context.output.json:
        report(failed.error, context.output)
    return exit_code(failed.error)
