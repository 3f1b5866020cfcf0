#!/usr/bin/env python3
"""Sets this checkout up on a fresh machine, then runs, tests, checks or bundles Sealwright.

    python3 packaging/dev.py run [ARGUMENT ...]
    python3 packaging/dev.py test [--lint] [--long] [--only PHASE]
    python3 packaging/dev.py bundle | lint | lock
    python3 packaging/dev.py practice [COUNT]
    python3 packaging/dev.py bench [ARGUMENT ...]

Needs nothing but Python and git. It is written in Python 3.8 syntax with the standard library
only, so that an older `python3` can still say what is missing.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, List, Optional

from steps import bundle, environment, gate, interpreter, launch, lock, preflight, suite
from steps.console import StepError, fail

if TYPE_CHECKING:
    from pathlib import Path


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dev.py", description="Set up, run, test, check and bundle Sealwright."
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    run = commands.add_parser("run", help="start the program; off-screen when there is no display")
    run.add_argument("arguments", nargs=argparse.REMAINDER, help="passed to sealwright")
    test = commands.add_parser("test", help="run all tests, as CI does")
    test.add_argument("--lint", action="store_true", help="run the gate first")
    test.add_argument("--long", action="store_true", help="fuzz, soak and deep property runs too")
    test.add_argument(
        "--only", action="append", choices=suite.NAMES, metavar="PHASE", help="; ".join(suite.NAMES)
    )
    bench = commands.add_parser("bench", help="measure against the peers and print the ratios")
    bench.add_argument("arguments", nargs=argparse.REMAINDER, help="passed to pytest")
    practice = commands.add_parser(
        "practice", help="open the window on a fleet of a served sandbox"
    )
    practice.add_argument("arguments", nargs=argparse.REMAINDER, help="how many providers; 500")
    commands.add_parser("lint", help="format, lint, types, import contracts")
    commands.add_parser("bundle", help="build the one-folder bundle into dist/sealwright")
    relock = commands.add_parser("lock", help="renew packaging/requirements*.txt")
    relock.add_argument("--upgrade", action="store_true", help="raise every version")
    return parser


def _dispatch(options: argparse.Namespace) -> int:
    testing = options.command == "test"
    preflight.ensure(
        window=testing or bool(os.environ.get("DISPLAY")),
        bundle=testing or options.command == "bundle",
        tests=testing,
        reason="`dev.py {}`".format(options.command),
    )
    if options.command == "run":
        return launch.run(environment.prepare("run"), options.arguments)
    if options.command == "lock":
        return lock.renew(upgrade=options.upgrade)
    return _develop(environment.prepare("dev"), options)


def _develop(python: Path, options: argparse.Namespace) -> int:
    if options.command == "lint":
        return gate.run(python)
    if options.command == "practice":
        return launch.practice(python, options.arguments)
    if options.command == "bench":
        environment.add_group(python, "bench")
        return suite.benchmarks(python, options.arguments)
    if options.command == "bundle":
        bundle.build(python)
        return 0
    if options.lint and gate.run(python) != 0:
        return 1
    return suite.run(python, only=options.only, long=options.long)


def main(argv: Optional[List[str]] = None) -> int:
    """Do one command; the return value is the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return 2
    try:
        interpreter.ensure_suitable([__file__, *arguments])
        return _dispatch(options)
    except StepError as error:
        fail(error)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
