"""`fleet init|plan|apply|drift`: keeps many providers as a workspace says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sealwright.cli.command import DOES_NOT_HOLD, FAILED, HOLDS, Command
from sealwright.cli.fleet.shapes import (
    applied_shape,
    applied_table,
    comparison_shape,
    comparison_table,
    plan_shape,
    plan_words,
)
from sealwright.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sealwright.cli.context import Context
    from sealwright.services.bundle import Services
    from sealwright.services.fleet.apply import AppliedTarget, FleetOutcome
    from sealwright.services.fleet.compare import Comparisons
    from sealwright.services.fleet.plan import FleetPlan
    from sealwright.services.fleet.workspace import Limits


def _workspace_argument(parser: ArgumentParser) -> None:
    parser.add_argument("workspace", metavar="WORKSPACE", help="folder with sealwright.yaml")


def _fresh_arguments(parser: ArgumentParser) -> None:
    _workspace_argument(parser)
    parser.add_argument("--refresh", action="store_true", help="ask every connected cloud first")


async def _refresh(arguments: Namespace, context: Context, services: Services) -> None:
    if not arguments.refresh:
        return
    found = await services.providers.refresh()
    for cloud, problem in found.problems:
        context.output.note(f"{cloud}: {problem.summary} {problem.hint}".rstrip())


def _drift(arguments: Namespace, context: Context) -> int:
    async def job(services: Services) -> Comparisons:
        await _refresh(arguments, context, services)
        return await services.fleet.compare(await services.fleet.open(arguments.workspace))

    found = context.with_services(job)
    context.output.result(comparison_shape(found), comparison_table(found))
    _say_empty(context, found)
    return _code(found)


def _code(found: Comparisons) -> int:
    if any(row.problem is not None for row in found.rows):
        return FAILED
    return HOLDS if found.alike else DOES_NOT_HOLD


def _say_empty(context: Context, found: Comparisons) -> None:
    for names in found.empty:
        context.output.note(f"Warning: no known provider is meant by `{names}`.")


def _plan(arguments: Namespace, context: Context) -> int:
    async def job(services: Services) -> FleetPlan:
        await _refresh(arguments, context, services)
        return await services.fleet.plan(await services.fleet.open(arguments.workspace))

    plan = context.with_services(job)
    context.output.result(plan_shape(plan), plan_words(plan))
    _say_empty(context, plan.compared)
    return _code(plan.compared)


def _apply_arguments(parser: ArgumentParser) -> None:
    _fresh_arguments(parser)
    parser.add_argument(
        "--yes", action="store_true", help="make the changes; without it the plan is shown only"
    )
    parser.add_argument("--carry-on", action="store_true", help="go on after a failure")
    parser.add_argument("--parallel", metavar="N", type=int, help="changes at once")


def _apply(arguments: Namespace, context: Context) -> int:
    async def job(services: Services) -> tuple[FleetPlan, FleetOutcome | None]:
        await _refresh(arguments, context, services)
        opened = await services.fleet.open(arguments.workspace)
        limits = _limits(arguments, opened.workspace.limits)
        opened = replace(opened, workspace=replace(opened.workspace, limits=limits))
        await _say_cut_off(context, services, arguments)
        plan = await services.fleet.plan(opened)
        if not arguments.yes or not _may_begin(plan):
            return plan, None
        return plan, await services.fleet.apply(plan, lambda row: _say(context, row))

    plan, outcome = context.with_services(job)
    _say_empty(context, plan.compared)
    if outcome is None:
        context.output.result(plan_shape(plan), plan_words(plan))
        return _not_begun(arguments, context, plan)
    context.output.result(applied_shape(outcome), applied_table(outcome))
    return HOLDS if outcome.proven and not plan.unreadable else FAILED


def _limits(arguments: Namespace, limits: Limits) -> Limits:
    from sealwright.services.fleet.workspace import PARALLEL_MOST  # noqa: PLC0415 - when it runs

    parallel = arguments.parallel
    if parallel is not None and not 1 <= parallel <= PARALLEL_MOST:
        raise UsageError(f"--parallel is a number from 1 to {PARALLEL_MOST}.")
    return replace(
        limits,
        parallel=parallel or limits.parallel,
        carry_on=arguments.carry_on or limits.carry_on,
    )


def _may_begin(plan: FleetPlan) -> bool:
    """A plan with something that cannot be done begins only when it shall carry on."""
    return plan.possible or plan.workspace.limits.carry_on


def _not_begun(arguments: Namespace, context: Context, plan: FleetPlan) -> int:
    if not arguments.yes:
        if plan.changes:
            context.output.note("Nothing was changed. Give --yes to make these changes.")
        return _code(plan.compared)
    context.output.note(
        "Nothing was changed: not everything of the plan can be done. Mend it, or give --carry-on."
    )
    return FAILED


async def _say_cut_off(context: Context, services: Services, arguments: Namespace) -> None:
    record = await services.fleet.last(arguments.workspace)
    if record is not None and record.cut_off:
        open_ = sum(each.state in ("waiting", "running") for each in record.entries)
        begun = f"{record.started:%Y-%m-%d %H:%M} UTC"
        rest = "the rest is done now" if arguments.yes else "--yes does the rest"
        context.output.note(
            f"The apply of {begun} was cut off with {open_} of {len(record.entries)} targets open;"
            f" what it made is found by reading back, and {rest}."
        )


def _say(context: Context, row: AppliedTarget) -> None:
    if row.entry.state != "running" and not context.output.json:
        entry = row.entry
        words = f"  {row.provider} {entry.attestation_type}: {entry.state}  {entry.detail}"
        context.output.note(words.rstrip())


def _init_arguments(parser: ArgumentParser) -> None:
    _workspace_argument(parser)
    parser.add_argument("providers", metavar="PROVIDER", nargs="*", help="default: all known ones")


def _init(arguments: Namespace, context: Context) -> int:
    async def job(services: Services) -> tuple[str, ...]:
        if arguments.providers:
            named = [await services.providers.find(name) for name in arguments.providers]
        else:
            named = list(await services.providers.known())
        return await services.fleet.begin(arguments.workspace, named)

    written = context.with_services(job)
    lines = "".join(f"{arguments.workspace.rstrip('/')}/{path}\n" for path in written)
    context.output.result({"written": list(written)}, lines)
    return HOLDS


COMMANDS = {
    "init": Command(_init_arguments, _init),
    "plan": Command(_fresh_arguments, _plan),
    "apply": Command(_apply_arguments, _apply),
    "drift": Command(_fresh_arguments, _drift),
}
