"""`backup create|verify|restore`: policies, signers and settings in one archive."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from sealwright.cli import shapes
from sealwright.cli.command import DOES_NOT_HOLD, FAILED, HOLDS, Command
from sealwright.cli.inputs import read_input, require_new, write_output
from sealwright.cli.outcome import error_body
from sealwright.cli.output import table

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sealwright.cli.context import Context
    from sealwright.services.backup.restore import Restored, RestorePlan
    from sealwright.services.backup.service import BackupReport, MadeBackup
    from sealwright.services.bundle import Services


def _create_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("providers", metavar="PROVIDER", nargs="*", help="default: all known ones")
    parser.add_argument(
        "--output", metavar="F", required=True, help="the archive to write, a new file"
    )
    parser.add_argument("--key", metavar="NAME", default="", help="sign it with this key")


def _create(arguments: Namespace, context: Context) -> int:
    require_new(arguments.output, "it may hold the only backup of what stood there then")

    async def job(services: Services) -> MadeBackup:
        if arguments.providers:
            named = [await services.providers.find(name) for name in arguments.providers]
        else:
            named = list(await services.providers.known())
        made = await services.backup.create(named, arguments.key)
        # Nothing else runs on this loop, so that it may wait for the disk.
        write_output(arguments.output, made.data, private=True)
        await services.backup.kept(named, made, arguments.output)
        return made

    made = context.with_services(job)
    document: dict[str, object] = {
        "file": arguments.output,
        "providers": made.providers,
        "policies": made.policies,
        "signers": made.signers,
        "signedBy": made.signed_by or None,
        "missing": list(made.missing),
    }
    by = f"signed by {made.signed_by}" if made.signed_by else "not signed"
    words = f"{made.words.rstrip('.')}; {by}.\n"
    context.output.result(document, words, output=arguments.output)
    for word in made.missing:
        context.output.note(f"Missing: {word}")
    return FAILED if made.missing else HOLDS


def _archive_argument(parser: ArgumentParser) -> None:
    parser.add_argument("archive", metavar="ARCHIVE", help="file that `backup create` wrote")


def _verify(arguments: Namespace, context: Context) -> int:
    from sealwright.services.backup.archive import ARCHIVE_MOST  # noqa: PLC0415 - when it runs

    data = read_input(arguments.archive, limit=ARCHIVE_MOST)

    async def job(services: Services) -> BackupReport:
        return await services.backup.verify(data)

    report = context.with_services(job)
    document: dict[str, object] = {
        "valid": report.valid,
        "created": report.backup.created,
        "signedBy": report.signed_by or None,
        "checks": [shapes.check(each) for each in report.checks],
        "providers": [
            {
                "name": each.name,
                "trustModel": each.trust_model,
                "policies": {one.type: one.policy_hash for one in each.policies},
                "signers": [one.sha256 for one in each.signers],
                "missing": list(each.missing),
            }
            for each in report.backup.providers
        ],
    }
    rows = [(one.title, one.status.value, one.detail or one.actual) for one in report.checks]
    names = ", ".join(each.name for each in report.backup.providers)
    text = f"Made {report.backup.created}: {names}\n\n{table(('CHECK', 'STATUS', 'DETAIL'), rows)}"
    context.output.result(document, text)
    return HOLDS if report.valid else DOES_NOT_HOLD


def _restore_arguments(parser: ArgumentParser) -> None:
    _archive_argument(parser)
    parser.add_argument("provider", metavar="PROVIDER", help="the provider's name in the archive")
    parser.add_argument("--to", metavar="PROVIDER", help="restore to this one, as to rehearse")
    parser.add_argument("--key", metavar="NAME", default="", help="signs for an Isolated provider")
    parser.add_argument("--yes", action="store_true", help="make the changes")


def _restore(arguments: Namespace, context: Context) -> int:
    from sealwright.services.backup.archive import ARCHIVE_MOST  # noqa: PLC0415 - when it runs
    from sealwright.services.backup.restore import all_proven  # noqa: PLC0415 - as above

    data = read_input(arguments.archive, limit=ARCHIVE_MOST)

    async def job(services: Services) -> tuple[RestorePlan, tuple[Restored, ...]]:
        report = await services.backup.verify(data)
        target = await services.providers.find(arguments.to or arguments.provider)
        plan = await services.restorer.plan(report, arguments.provider, target)
        if not arguments.yes:
            return plan, ()
        done = await services.restorer.run(
            plan, arguments.key, lambda each: context.output.note(restored_line(each))
        )
        if all_proven(plan, done):
            await services.backup.rehearsed()
        return plan, done

    plan, done = context.with_services(job)
    context.output.result(_restored_shape(plan, done), _restored_words(plan, done))
    if not plan.items:
        return HOLDS
    if not arguments.yes:
        context.output.note("Nothing was changed. Give --yes to make these changes.")
        return DOES_NOT_HOLD
    return HOLDS if all_proven(plan, done) else FAILED


def restored_line(done: Restored) -> str:
    """How one item of a restore ended."""
    words = "proven" if done.proven else f"FAILED  {done.error.summary if done.error else ''}"
    return f"  {done.item.kind} {done.item.what}: {words}".rstrip()


def _restored_shape(plan: RestorePlan, done: tuple[Restored, ...]) -> dict[str, object]:
    items: list[dict[str, object]] = []
    # What was done comes in the order of the plan; two signers may have the same subject.
    for item, result in zip_longest(plan.items, done):
        shape: dict[str, object] = {
            "kind": item.kind,
            "what": item.what,
            "change": item.change,
            "proven": result.proven if result else None,
            "steps": [shapes.step(step) for step in result.outcome.steps]
            if result and result.outcome
            else [],
        }
        if result and result.error:
            shape["error"] = error_body(result.error)
        items.append(shape)
    return {"provider": plan.target.name, "items": items, "same": list(plan.same)}


def _restored_words(plan: RestorePlan, done: tuple[Restored, ...]) -> str:
    if not plan.items:
        return f"{plan.target.name} is as the backup says.\n"
    if done:
        return ""
    return "".join(
        f"{item.kind} {item.what}: to be restored, {item.change}\n" for item in plan.items
    )


COMMANDS = {
    "create": Command(_create_arguments, _create),
    "verify": Command(_archive_argument, _verify),
    "restore": Command(_restore_arguments, _restore),
}
