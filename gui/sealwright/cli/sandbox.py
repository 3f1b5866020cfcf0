"""`sandbox`: serve the embedded provider, fill it with the example, or throw its state away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.cli.command import HOLDS, Command

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sealwright.cli.context import Context
    from sealwright.services.bundle import Services
    from sealwright.services.first_start.first_start import FirstStartResult


def _serve_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument(
        "--port", type=int, default=0, help="port of ARM and the authority; 0 takes a free one"
    )
    parser.add_argument(
        "--provider",
        action="append",
        default=[],
        metavar="NAME:TRUSTMODEL",
        help="make a provider that is not there: Shared, AAD or Isolated; may be repeated",
    )
    parser.add_argument(
        "--tenant",
        action="append",
        default=[],
        metavar="NAME",
        help="make a further tenant with people of its own; may be repeated",
    )
    parser.add_argument(
        "--tcb",
        choices=("strict", "not-judged"),
        default="strict",
        help="what becomes of real evidence whose platform only its vendor could judge; "
        "a provider's tag sandbox-tcb goes before it",
    )
    parser.add_argument("--open", action="store_true", help="answer without bearer tokens")
    parser.add_argument(
        "--operator", action="store_true", help="offer clock, faults, roles and defaults to tests"
    )
    parser.add_argument(
        "--ready-file", default="", metavar="FILE", help="where to write addresses and sign-in"
    )


def _no_arguments(parser: ArgumentParser) -> None:
    del parser


def _serve(arguments: Namespace, context: Context) -> int:
    return context.world.sandbox(context.options.home, "serve", arguments)


def _reset(arguments: Namespace, context: Context) -> int:
    code = context.world.sandbox(context.options.home, "reset", arguments)
    if code == HOLDS:
        context.output.result({"reset": True}, "The sandbox is empty.\n")
    return code


def _example(arguments: Namespace, context: Context) -> int:
    del arguments

    async def job(services: Services) -> FirstStartResult:
        return await services.first_start.ensure(context.output.note)

    made = context.with_services(job)
    for note in made.notes:
        context.output.note(note)
    document = {"created": made.created, "providers": list(made.providers), "key": made.key}
    names = ", ".join(made.providers)
    text = f"Made: {names}.\n" if made.created else "The example is there already.\n"
    context.output.result(document, text)
    return HOLDS


COMMANDS = {
    "serve": Command(arguments=_serve_arguments, run=_serve),
    "example": Command(arguments=_no_arguments, run=_example),
    "reset": Command(arguments=_no_arguments, run=_reset),
}
