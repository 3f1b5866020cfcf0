"""Compares what stands at every target with what shall stand there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from sealwright.errors import AppError
from sealwright.services.model import PolicyState
from sealwright.services.policies.textdiff import diff_texts, lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sealwright.services.fleet.targets import Target
    from sealwright.services.policies.policies import PoliciesService
    from sealwright.services.policies.textdiff import TextDiff
    from sealwright.services.reaching.overview import DeployedPolicy


class Standing(StrEnum):
    """How a target stands to what is wanted."""

    SAME = "same"
    DRIFTED = "drifted"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One target as it was read. `diff` goes from what is deployed to what is wanted."""

    target: Target
    standing: Standing
    deployed: DeployedPolicy | None = None
    diff: TextDiff | None = None
    problem: AppError | None = None

    @property
    def words(self) -> str:
        """The state in a few words."""
        if self.problem is not None:
            return self.problem.summary
        if self.deployed is None or self.standing is Standing.SAME:
            return f"as `{self.target.wanted.path}`"
        if self.diff is None:
            return f"{self.deployed.state.value} policy, the default is wanted"
        if self.diff.only_line_ends:
            return "only line ends differ"
        return f"{lines(self.diff.removed)} gone, {lines(self.diff.added)} new"


ComparisonListener = Callable[[Comparison], None]
"""Told of each target as it comes in; on the event loop."""


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Every target compared, in their order."""

    rows: tuple[Comparison, ...]
    empty: tuple[str, ...] = ()
    """Provider names of the workspace that mean no known provider."""

    def count(self, standing: Standing) -> int:
        """How many targets stand so."""
        return Counter(row.standing for row in self.rows)[standing]

    @property
    def alike(self) -> bool:
        """Whether every target was read and is as wanted, and every entry means a provider."""
        return all(row.standing is Standing.SAME for row in self.rows) and not self.empty

    def of(self, standing: Standing) -> tuple[Comparison, ...]:
        """The targets that stand so."""
        return tuple(row for row in self.rows if row.standing is standing)


async def compare_all(
    targets: Sequence[Target],
    policies: PoliciesService,
    *,
    parallel: int,
    on_row: ComparisonListener | None = None,
) -> tuple[Comparison, ...]:
    """Read every target, `parallel` at once; a slow one never holds another."""
    found: dict[tuple[str, str], Comparison] = {}
    gate = anyio.CapacityLimiter(parallel)

    async def one(target: Target) -> None:
        async with gate:
            row = await compare(target, policies)
        found[target.place] = row
        if on_row is not None:
            on_row(row)

    async with anyio.create_task_group() as group:
        for target in targets:
            group.start_soon(one, target)
    return tuple(found[target.place] for target in targets)


async def compare(target: Target, policies: PoliciesService) -> Comparison:
    """Read one target and verify the answer; a failure is in the comparison, not raised."""
    try:
        deployed = await policies.deployed(target.provider.id, target.attestation_type)
        deployed.require()
    except AppError as error:
        return Comparison(target, Standing.UNREADABLE, problem=error)
    if holds(target, deployed):
        return Comparison(target, Standing.SAME, deployed)
    data = target.wanted.data
    diff = None
    if data is not None:
        diff = await anyio.to_thread.run_sync(diff_texts, deployed.text, data.decode("utf-8"))
    return Comparison(target, Standing.DRIFTED, deployed, diff)


def holds(target: Target, deployed: DeployedPolicy) -> bool:
    """Whether what is deployed is what is wanted."""
    if target.wanted.default:
        return deployed.state in (PolicyState.DEFAULT, PolicyState.NONE)
    return deployed.policy_hash == target.wanted.policy_hash


def drift_words(rows: Iterable[Comparison]) -> str:
    """One sentence for a notice: where the fleet is not as it shall be."""
    drifted = [row for row in rows if row.standing is Standing.DRIFTED]
    if not drifted:
        return ""
    names = [f"{row.target.provider.name} {row.target.attestation_type.label}" for row in drifted]
    shown = ", ".join(names[:3])
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""  # noqa: PLR2004 - three names
    return f"Not as the workspace wants: {shown}{more}."
