"""`activity list|verify|export`: what was changed and refused from this computer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.cli import shapes
from sealwright.cli.command import DOES_NOT_HOLD, HOLDS, Command
from sealwright.cli.inputs import write_output
from sealwright.cli.output import table
from sealwright.services.activity import ActivityFilter
from sealwright.services.model import LogForm

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sealwright.cli.context import Context
    from sealwright.services.bundle import Services
    from sealwright.services.model import ActivityEntry, ChainState


def _list_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--limit", type=int, default=100, help="at most so many, newest first")
    parser.add_argument("--text", default="", help="only rows with this text")
    parser.add_argument("--where", default="", help="only rows of this place")


def _list(arguments: Namespace, context: Context) -> int:
    wanted = ActivityFilter(text=arguments.text, where=arguments.where)

    async def job(services: Services) -> tuple[ActivityEntry, ...]:
        return await services.activity.list(wanted, limit=max(arguments.limit, 0))

    found = context.with_services(job)
    rows = [
        (str(one.seq), shapes.time(one.time), one.where, one.what, one.result, one.detail)
        for one in found
    ]
    document: dict[str, object] = {"items": [shapes.activity(one) for one in found]}
    heads = ("SEQ", "TIME", "WHERE", "WHAT", "RESULT", "DETAIL")
    context.output.result(document, table(heads, rows))
    return HOLDS


def _verify_arguments(parser: ArgumentParser) -> None:
    del parser


def _verify(arguments: Namespace, context: Context) -> int:
    del arguments

    async def job(services: Services) -> ChainState:
        return await services.activity.verify()

    found = context.with_services(job)
    document: dict[str, object] = {
        "valid": found.holds,
        "rows": found.rows,
        "firstBroken": found.first_broken,
    }
    words = (
        f"The chain of {found.rows} rows holds.\n"
        if found.holds
        else f"The chain does not hold: row {found.first_broken} was changed or is missing.\n"
    )
    context.output.result(document, words)
    return HOLDS if found.holds else DOES_NOT_HOLD


def _export_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--output", metavar="FILE", required=True, help="file to write")
    parser.add_argument("--form", choices=[form.value for form in LogForm], default="csv")


def _export(arguments: Namespace, context: Context) -> int:
    async def job(services: Services) -> bytes:
        return await services.activity.export(LogForm(arguments.form))

    write_output(arguments.output, context.with_services(job))
    document: dict[str, object] = {"output": arguments.output, "form": arguments.form}
    context.output.result(document, "", output=arguments.output)
    context.output.note(f"Written to {arguments.output}.")
    return HOLDS


COMMANDS = {
    "list": Command(_list_arguments, _list),
    "verify": Command(_verify_arguments, _verify),
    "export": Command(_export_arguments, _export),
}
