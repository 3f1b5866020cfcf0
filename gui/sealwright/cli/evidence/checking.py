"""`evidence inspect|verify`: evidence of trusted hardware taken apart, and checked."""

from __future__ import annotations

from argparse import SUPPRESS
from functools import partial
from typing import TYPE_CHECKING, Final

from sealwright.cli.command import DOES_NOT_HOLD, HOLDS, Command

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sealwright.cli.context import Context

_JOINED: Final = ("vtpm-evidence", "snp-aci", "oe-evidence")
"""Kinds whose evidence may lie in several files."""


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "files", metavar="FILE", nargs="*", help="evidence, folder of files, or - for stdin"
    )
    parser.add_argument(
        "--files-from", metavar="F", help="read the names of files from here, one a line"
    )
    add_given_options(parser)
    parser.add_argument("--worker", action="store_true", help=SUPPRESS)


def add_given_options(parser: ArgumentParser) -> None:
    """The options that say what evidence is, and what it is checked with."""
    parser.add_argument("--kind", metavar="K", help="kind of evidence; else told by its content")
    parser.add_argument(
        "--certs", metavar="F", action="append", default=[], help="certificates, PEM or DER"
    )
    parser.add_argument(
        "--collateral", metavar="F", action="append", default=[], help="vendor's collateral, CRLs"
    )
    parser.add_argument(
        "--with",
        metavar="F",
        action="append",
        default=[],
        dest="companions",
        help="further file of the same evidence: TPM quote, TD quote, event log, endorsement",
    )
    parser.add_argument("--at", metavar="TIME", help="check as of this time (RFC 3339)")
    parser.add_argument("--runtime-data", metavar="F", help="what the report data is the hash of")
    parser.add_argument("--init-data", metavar="F", help="what the guest was initialised with")
    parser.add_argument("--nonce", metavar="HEX", help="what the TPM was asked with")


def _run(command: str, arguments: Namespace, context: Context) -> int:
    # Not for `--help`; and a parent of workers examines nothing itself.
    from sealwright.cli.evidence.batch import files_of, run_batch  # noqa: PLC0415 - as said

    if arguments.worker:
        from sealwright.cli.evidence.workers import work  # noqa: PLC0415 - as said

        return work(command, arguments, context)
    named = files_of(arguments)
    joined = (arguments.kind or "").lower() in _JOINED and not named.folders
    if not joined and named.many:
        return run_batch(command, arguments, context, named)
    return _one(command, arguments, context, named.files)


def _one(command: str, arguments: Namespace, context: Context, files: list[str]) -> int:
    from sealwright.cli.evidence import shapes  # noqa: PLC0415 - as above
    from sealwright.cli.evidence.inputs import Examiner  # noqa: PLC0415 - as above

    examiner = Examiner(arguments, context)
    found = examiner.together(files) if len(files) > 1 else examiner.file(files[0])
    verify = command == "verify"
    words = shapes.verdict_words(found) if verify else shapes.inspection_words(found)
    context.output.result(shapes.shape_of(found), words)
    held = found.valid is True if verify else found.refusal is None
    return HOLDS if held else DOES_NOT_HOLD


COMMANDS = {name: Command(_arguments, partial(_run, name)) for name in ("inspect", "verify")}
