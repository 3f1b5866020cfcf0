"""The fleet's use cases: compare a workspace with what is deployed, plan, apply, go on, begin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sealwright.errors import UsageError
from sealwright.services.fleet.apply import PROVEN, RUNNING, AppliedTarget, FleetApply
from sealwright.services.fleet.capture import capture
from sealwright.services.fleet.compare import Comparisons, Standing, compare_all
from sealwright.services.fleet.folder import failing_tests, open_workspace
from sealwright.services.fleet.plan import make_plan
from sealwright.services.fleet.targets import resolve
from sealwright.services.fleet.workspace import FILE_NAME
from sealwright.services.model import NewActivity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.services.evidence.evidence import EvidenceService
    from sealwright.services.fleet.apply import AppliedListener, FleetOutcome
    from sealwright.services.fleet.compare import ComparisonListener
    from sealwright.services.fleet.folder import OpenedWorkspace
    from sealwright.services.fleet.plan import FleetPlan
    from sealwright.services.model import Provider
    from sealwright.services.policies.policies import PoliciesService
    from sealwright.services.ports import ActivityLog, Clock, Files
    from sealwright.services.ports.fleet import FleetEntry, FleetJournal, FleetRecord
    from sealwright.services.providers.providers import ProvidersService
    from sealwright.services.reference import Reference


@dataclass(frozen=True, slots=True)
class FleetPorts:
    """What the fleet needs of the outside world."""

    files: Files
    journal: FleetJournal
    log: ActivityLog
    clock: Clock


class FleetService:
    """Keeps many providers alike."""

    def __init__(
        self,
        providers: ProvidersService,
        policies: PoliciesService,
        reference: Reference,
        evidence: EvidenceService,
        ports: FleetPorts,
    ) -> None:
        self._providers = providers
        self._policies = policies
        self._reference = reference
        self._evidence = evidence
        self._files = ports.files
        self._journal = ports.journal
        self._log = ports.log
        self._clock = ports.clock

    async def open(self, folder: str) -> OpenedWorkspace:
        """Read a workspace.

        Raises:
            StorageError: the folder, its file or a named policy cannot be read.
            UsageError: the file is not what it must be.
        """
        return await open_workspace(folder, self._files)

    async def compare(
        self, opened: OpenedWorkspace, on_row: ComparisonListener | None = None
    ) -> Comparisons:
        """Read every target and compare; a target that fails is a row, not an error.

        Raises:
            UsageError: assignments contradict each other.
        """
        known = await self._providers.known()
        found = resolve(opened.workspace, known, opened.documents)
        parallel = opened.workspace.limits.parallel
        rows = await compare_all(found.targets, self._policies, parallel=parallel, on_row=on_row)
        return Comparisons(rows, found.empty)

    async def plan(
        self, opened: OpenedWorkspace, on_row: ComparisonListener | None = None
    ) -> FleetPlan:
        """What an apply would change. Policies whose tests fail are not sent.

        Raises:
            UsageError: assignments contradict each other, or a test file is not what it must be.
        """
        failing = await failing_tests(opened, self._files, self._reference, self._evidence)
        compared = await self.compare(opened, on_row)
        return await make_plan(opened.workspace, compared, self._policies, failing)

    async def apply(
        self, plan: FleetPlan, on_target: AppliedListener | None = None
    ) -> FleetOutcome:
        """Make the changes of a plan; goes on where an earlier apply was cut off."""
        made = await self._found_made(plan)
        run = FleetApply(plan, self._policies, self._journal, self._clock)
        return await run.run(on_target, made)

    async def last(self, folder: str) -> FleetRecord | None:
        """The newest apply of a workspace, ended or cut off."""
        return await self._journal.last(folder.rstrip("/\\") or folder)

    async def cut_off(self) -> FleetRecord | None:
        """The newest apply of all when it was cut off; None when there is nothing to go on with."""
        record = await self._journal.last()
        return record if record is not None and record.cut_off and record.open else None

    async def begin(self, folder: str, providers: Sequence[Provider]) -> tuple[str, ...]:
        """Make a workspace of what is deployed now; the paths that were written.

        Raises:
            UsageError: there is a workspace already, or nothing to describe.
            ServiceError: a policy cannot be read, so the workspace would not be the truth.
            StorageError: the folder cannot be written.
        """
        folder = folder.rstrip("/\\") or folder
        if await self._files.find(folder, FILE_NAME):
            raise UsageError(
                f"`{folder}` is a workspace already.", hint="Choose an empty folder, or edit it."
            )
        if not providers:
            raise UsageError("No provider is named.", hint="Refresh the list of providers first.")
        written = await capture(providers, self._policies)
        for path, data in written.items():
            await self._files.write(f"{folder}/{path}", data, parents=True)
        return tuple(written)

    async def _found_made(self, plan: FleetPlan) -> tuple[AppliedTarget, ...]:
        """Targets that a cut-off apply changed before it could note the proof."""
        record = await self._journal.last(plan.workspace.folder)
        if record is None or not record.cut_off:
            return ()
        same = {row.target.place: row for row in plan.compared.of(Standing.SAME)}
        made = []
        for entry in record.entries:
            row = same.get((entry.provider_id, entry.attestation_type))
            if row is None or entry.state not in (RUNNING, PROVEN):
                continue
            provider = row.target.provider
            if entry.state == RUNNING:
                who = (await self._providers.session(provider.id)).account
                await self._log.append(_found(entry, provider, who))
                entry = replace(  # noqa: PLW2901 - the same target, now known
                    entry,
                    state=PROVEN,
                    detail="Made before the earlier apply was cut off; read back, equal.",
                    after=entry.wanted_hash,
                )
            made.append(AppliedTarget(entry, provider.name))
        return tuple(made)


def _found(entry: FleetEntry, provider: Provider, who: str) -> NewActivity:
    return NewActivity(
        who=who,
        where=provider.name,
        what=f"Policy {entry.attestation_type} upload",
        result="proven",
        before=entry.before,
        after=entry.wanted_hash,
        detail="Made by an apply that was cut off; found by reading back.",
    )
