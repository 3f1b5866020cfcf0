"""The verified change of a policy: sign, send, verify the result, compare, read back, compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sealwright.services.steps import RunOutcome, Step, StepListener


class UploadRun:
    """One change of one policy. `run` again goes on at the step that failed; that is safe."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps as they stand."""
        raise NotImplementedError

    @property
    def outcome(self) -> RunOutcome:
        """How the run stands."""
        raise NotImplementedError

    async def run(self, on_step: StepListener | None = None) -> RunOutcome:
        """Go on until proven or stopped; a failed step is in the outcome, not raised."""
        raise NotImplementedError
