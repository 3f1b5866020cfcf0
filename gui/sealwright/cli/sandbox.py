"""`sandbox`: serve the embedded provider, or throw its state away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.cli.command import HOLDS, Command

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sealwright.cli.context import Context


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
    parser.add_argument("--open", action="store_true", help="answer without bearer tokens")
    parser.add_argument(
        "--operator", action="store_true", help="offer the clock, faults and roles to tests"
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


COMMANDS = {
    "serve": Command(arguments=_serve_arguments, run=_serve),
    "reset": Command(arguments=_no_arguments, run=_reset),
}
