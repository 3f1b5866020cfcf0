"""`policy import`: policies out of other tools' files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sealwright.cli.command import HOLDS, Command
from sealwright.cli.inputs import read_input, write_output
from sealwright.cli.output import table
from sealwright.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sealwright.cli.context import Context
    from sealwright.services.exports.imports import ImportedPolicy


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="Terraform file, script, token; - is stdin")
    parser.add_argument("--output", metavar="DIR", help="write each policy into this folder")


def _run(arguments: Namespace, context: Context) -> int:
    from sealwright.policy.digest import policy_hash  # noqa: PLC0415 - after the options are read
    from sealwright.services.exports.imports import import_policies  # noqa: PLC0415 - as above

    found = import_policies(read_input(arguments.file))
    files = _written(found, arguments.output) if arguments.output else [""] * len(found)
    items = [
        {
            "type": each.attestation_type.value if each.attestation_type else None,
            "text": each.text,
            "policyHash": policy_hash(each.text),
            "signed": each.signed,
            "where": each.where,
            "file": file or None,
        }
        for each, file in zip(found, files, strict=True)
    ]
    rows = [
        (str(each["type"] or "not said"), str(each["where"]), str(each["policyHash"]), file)
        for each, file in zip(items, files, strict=True)
    ]
    words = table(("TYPE", "WHERE", "X-MS-POLICY-HASH", "FILE"), rows)
    context.output.result({"items": items}, words)
    return HOLDS


def _written(found: tuple[ImportedPolicy, ...], folder: str) -> list[str]:
    names = []
    try:
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103 - pathlib costs 12 ms
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"The folder `{folder}` cannot be made: {reason}.") from error
    for number, each in enumerate(found, 1):
        kind = each.attestation_type.value if each.attestation_type else "policy"
        name = os.path.join(folder, f"{number}-{kind}.policy")  # noqa: PTH118 - as above
        write_output(name, each.text.encode("utf-8"))
        names.append(name)
    return names


COMMANDS = {"import": Command(_arguments, _run)}
