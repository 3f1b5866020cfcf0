"""A plan: what an apply would change, who signs, and what stands in the way, before anything is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from sealwright.errors import AppError
from sealwright.services.fleet.compare import Comparisons, Standing
from sealwright.services.policies.review import Obstacle, SignerNeed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sealwright.services.fleet.compare import Comparison
    from sealwright.services.fleet.targets import Target
    from sealwright.services.fleet.workspace import Workspace
    from sealwright.services.policies.policies import PoliciesService
    from sealwright.services.policies.review import Review


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """One target that is to change."""

    comparison: Comparison
    review: Review | None
    key: str
    """The key that will sign; empty for an unsigned policy."""
    obstacles: tuple[Obstacle, ...]

    @property
    def target(self) -> Target:
        """Where."""
        return self.comparison.target

    @property
    def possible(self) -> bool:
        """Whether it can be sent at all."""
        return self.review is not None and not any(each.certain for each in self.obstacles)


@dataclass(frozen=True, slots=True)
class FleetPlan:
    """What to do, in order. A target that cannot be read is no change; it is in `compared`."""

    workspace: Workspace
    compared: Comparisons
    changes: tuple[PlannedChange, ...]
    failing_tests: Mapping[str, tuple[str, ...]]
    """Policy path → the cases of its policy tests that fail."""

    @property
    def blocked(self) -> tuple[PlannedChange, ...]:
        """Changes that cannot be made."""
        return tuple(each for each in self.changes if not each.possible)

    @property
    def unreadable(self) -> tuple[Comparison, ...]:
        """Targets of which nothing is known."""
        return self.compared.of(Standing.UNREADABLE)

    @property
    def possible(self) -> bool:
        """Whether everything that is wanted can be done."""
        return not self.blocked and not self.unreadable


async def make_plan(
    workspace: Workspace,
    compared: Comparisons,
    policies: PoliciesService,
    failing_tests: Mapping[str, tuple[str, ...]],
) -> FleetPlan:
    """Review every drifted target."""
    drifted = compared.of(Standing.DRIFTED)
    found: dict[tuple[str, str], PlannedChange] = {}
    gate = anyio.CapacityLimiter(workspace.limits.parallel)

    async def one(row: Comparison) -> None:
        async with gate:
            found[row.target.place] = await plan_change(row, policies, failing_tests)

    async with anyio.create_task_group() as group:
        for row in drifted:
            group.start_soon(one, row)
    changes = tuple(found[row.target.place] for row in drifted)
    return FleetPlan(workspace, compared, changes, failing_tests)


async def plan_change(
    row: Comparison,
    policies: PoliciesService,
    failing_tests: Mapping[str, tuple[str, ...]],
) -> PlannedChange:
    """Review one target, and choose its signer."""
    target = row.target
    try:
        if target.wanted.data is None:
            review = await policies.review_reset(target.provider.id, target.attestation_type)
        else:
            review = await policies.review(
                target.wanted.data, target.provider.id, target.attestation_type
            )
    except AppError as error:
        found = Obstacle("unreviewed", error.summary, error.hint, certain=True, cause=error)
        return PlannedChange(row, None, "", (found,))
    key, missing = _signer(target, review)
    tests = _of_tests(failing_tests.get(target.wanted.path, ()), target.wanted.path)
    return PlannedChange(row, review, key, (*review.obstacles, *missing, *tests))


def _signer(target: Target, review: Review) -> tuple[str, tuple[Obstacle, ...]]:
    """The key named in the workspace; without one the only key here that the provider takes."""
    accepted = [choice.key.name for choice in review.choices if choice.accepted]
    if target.key:
        return _named(target.key, review)
    if review.need is not SignerNeed.REQUIRED:
        return "", ()
    if len(accepted) > 1:
        names = ", ".join(f"`{name}`" for name in accepted)
        message = f"Several keys here sign for `{target.provider.name}`: {names}."
        return "", (
            Obstacle("which-key", message, "Name one with `key` in the workspace.", certain=True),
        )
    # That none is accepted is an obstacle of the review already.
    return next(iter(accepted), ""), ()


def _named(name: str, review: Review) -> tuple[str, tuple[Obstacle, ...]]:
    choice = next((each for each in review.choices if each.key.name == name), None)
    if choice is None:
        message = f"The workspace names the key `{name}`, and there is none of that name here."
        hint = "Import it, or name another key."
        return name, (Obstacle("no-such-key", message, hint, certain=True),)
    if not choice.accepted:
        hint = "Name a key whose certificate the provider trusts."
        return name, (Obstacle("wrong-key", choice.reason, hint, certain=True),)
    return name, ()


def _of_tests(failing: Sequence[str], path: str) -> tuple[Obstacle, ...]:
    if not failing:
        return ()
    names = ", ".join(f"`{name}`" for name in failing[:3])
    message = f"{len(failing)} of the policy tests of `{path}` fail: {names}."
    hint = "Run `sealwright policy test` on the workspace; correct the policy or the test."
    return (Obstacle("tests", message, hint, certain=True),)
