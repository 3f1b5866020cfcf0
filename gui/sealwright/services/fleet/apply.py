"""Applies a plan: one verified upload a target, with limits, in order, each with its proof.

Invariants
- The journal holds the apply before its first change, and each target's state before and after.
- A failure stops what has not begun unless the plan carries on; what runs is not cut off.
- A target counts as proven only when its own run proved it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4

import anyio

from sealwright.errors import AppError
from sealwright.services.ports.fleet import FleetEntry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.services.changes.steps import RunOutcome
    from sealwright.services.fleet.plan import FleetPlan, PlannedChange
    from sealwright.services.policies.policies import PoliciesService
    from sealwright.services.ports import Clock
    from sealwright.services.ports.fleet import FleetJournal

WAITING, RUNNING, PROVEN, FAILED, BLOCKED, LEFT = (
    "waiting",
    "running",
    "proven",
    "failed",
    "blocked",
    "left",
)


@dataclass(frozen=True, slots=True)
class AppliedTarget:
    """How one target of an apply stands; `outcome` is its proof once it ran."""

    entry: FleetEntry
    provider: str
    """Its name, for people."""
    outcome: RunOutcome | None = None
    error: AppError | None = None


AppliedListener = Callable[[AppliedTarget], None]
"""Told of every change of a target; on the event loop."""


@dataclass(frozen=True, slots=True)
class FleetOutcome:
    """How an apply ended, target by target in the order of the plan."""

    run_id: str
    targets: tuple[AppliedTarget, ...]

    @property
    def proven(self) -> bool:
        """Whether every target is proven."""
        return all(each.entry.state == PROVEN for each in self.targets)

    def count(self, state: str) -> int:
        """How many targets stand so."""
        return sum(each.entry.state == state for each in self.targets)


class FleetApply:
    """One apply of one plan."""

    def __init__(
        self, plan: FleetPlan, policies: PoliciesService, journal: FleetJournal, clock: Clock
    ) -> None:
        self._plan = plan
        self._policies = policies
        self._journal = journal
        self._clock = clock
        self._id = uuid4().hex
        self._stopped = False
        self._listener: AppliedListener | None = None
        self._rows = {change.target.place: _row(change) for change in plan.changes}

    async def run(
        self,
        on_target: AppliedListener | None = None,
        found_made: Sequence[AppliedTarget] = (),
    ) -> FleetOutcome:
        """Make every possible change. `found_made` are targets an earlier apply had changed."""
        self._listener = on_target
        before = {
            (each.entry.provider_id, each.entry.attestation_type): each for each in found_made
        }
        self._rows = before | self._rows
        for row in found_made:
            self._tell(row)
        entries = tuple(row.entry for row in self._rows.values())
        await self._journal.begin(self._id, self._plan.workspace.folder, self._clock.now(), entries)
        await self._make_all()
        # A cancelled apply stays open in the journal, as a killed one does: it can go on.
        await self._journal.finish(self._id, self._clock.now())
        return FleetOutcome(self._id, tuple(self._rows.values()))

    async def _make_all(self) -> None:
        gate = anyio.CapacityLimiter(self._plan.workspace.limits.parallel)

        async def one(change: PlannedChange) -> None:
            async with gate:
                await self._make(change)

        async with anyio.create_task_group() as group:
            for change in self._plan.changes:
                if change.possible:
                    group.start_soon(one, change)

    async def _make(self, change: PlannedChange) -> None:
        review = change.review
        if self._stopped or review is None:
            await self._set(change, state=LEFT, detail="Not begun: an earlier target failed.")
            return
        await self._set(change, state=RUNNING, detail="")
        try:
            run = await self._policies.start(review, change.key or None)
            outcome = await run.run()
        except AppError as error:
            await self._failed(change, error)
            return
        if not outcome.proven:
            step = outcome.failed
            reason = step.error if step is not None else None
            await self._failed(change, reason or AppError("The change is not proven."), outcome)
            return
        await self._set(
            change,
            outcome=outcome,
            state=PROVEN,
            detail="Uploaded, read back, equal.",
            request_id=outcome.request_id,
            after=outcome.policy_hash,
        )

    async def _failed(
        self, change: PlannedChange, error: AppError, outcome: RunOutcome | None = None
    ) -> None:
        self._stopped = self._stopped or not self._plan.workspace.limits.carry_on
        request_id = outcome.request_id if outcome is not None else ""
        await self._set(
            change,
            outcome=outcome,
            error=error,
            state=FAILED,
            detail=error.summary,
            request_id=request_id,
        )

    async def _set(
        self,
        change: PlannedChange,
        *,
        outcome: RunOutcome | None = None,
        error: AppError | None = None,
        **values: str,
    ) -> None:
        row = self._rows[change.target.place]
        row = replace(row, entry=replace(row.entry, **values), outcome=outcome, error=error)
        self._rows[change.target.place] = row
        await self._journal.note(self._id, row.entry)
        self._tell(row)

    def _tell(self, row: AppliedTarget) -> None:
        if self._listener is not None:
            self._listener(row)


def _row(change: PlannedChange) -> AppliedTarget:
    target, deployed = change.target, change.comparison.deployed
    blocked = next((each for each in change.obstacles if each.certain), None)
    entry = FleetEntry(
        provider_id=target.provider.id,
        attestation_type=target.attestation_type.value,
        wanted=target.wanted.path,
        wanted_hash=target.wanted.policy_hash,
        state=WAITING if change.possible else BLOCKED,
        detail=blocked.message if blocked is not None else "",
        before=deployed.policy_hash if deployed is not None else "",
    )
    return AppliedTarget(entry, target.provider.name)
