"""`evidence synthesize`: evidence of the sandbox's pretended machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.cli.command import HOLDS, Command
from sealwright.cli.inputs import read_time, write_output
from sealwright.cli.output import STANDARD_OUTPUT, table
from sealwright.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from sealwright.cli.context import Context
    from sealwright.evidence.examination import Kind
    from sealwright.evidence.synthetic.made import Synthetic
    from sealwright.services.bundle import Services


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--kind", metavar="K", required=True, help="kind of evidence")
    parser.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        dest="values",
        help="set a field; may repeat",
    )
    parser.add_argument("--output", metavar="F", help="where the evidence goes; - for stdout")
    parser.add_argument("--at", metavar="TIME", help="when it was made (RFC 3339)")
    parser.add_argument(
        "--list", action="store_true", help="list what can be set about this kind, make nothing"
    )


def _synthesize(arguments: Namespace, context: Context) -> int:
    from sealwright.cli.evidence.inputs import read_kind  # noqa: PLC0415 - not for `--help`

    kind = read_kind(arguments.kind)
    if arguments.list:
        return _list(kind, context)
    if not arguments.output:
        raise UsageError("Say where the evidence goes.", hint="Give --output FILE.")
    values, at = _values(arguments.values), read_time(arguments.at)

    async def job(services: Services) -> Synthetic:
        return await services.evidence.synthesize(kind, values, at)

    made = context.with_services(job)
    write_output(arguments.output, made.evidence)
    stem = kind.value if arguments.output == STANDARD_OUTPUT else _stem(arguments.output)
    beside = {ending: f"{stem}.{ending}" for ending in made.files()}
    for ending, data in made.files().items():
        write_output(beside[ending], data)
    _say(context, made, arguments.output, beside)
    return HOLDS


def _values(words: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UsageError(f"`{word}` sets nothing.", hint="Write it as NAME=VALUE.")
        found[name] = value
    return found


def _stem(output: str) -> str:
    """The output's name without the ending of its last part."""
    head, slash, last = output.rpartition("/")
    return f"{head}{slash}{last.rpartition('.')[0] or last}"


def _say(context: Context, made: Synthetic, output: str, beside: dict[str, str]) -> None:
    options = {"certs.pem": "--certs", "collateral.json": "--collateral"}
    options["runtime.bin"] = "--runtime-data"
    words = [f"{options.get(ending, '--with')} {name}" for ending, name in beside.items()]
    if made.nonce:
        words.append(f"--nonce {made.nonce.hex()}")
    check = " ".join(["sealwright evidence verify", output, "--kind", made.kind.value, *words])
    document = {"kind": made.kind.value, "evidence": output, "files": beside, "verify": check}
    lines = [output, *beside.values(), "", f"Check it with: {check}", ""]
    context.output.result(document, "\n".join(lines), output=output)


def _list(kind: Kind, context: Context) -> int:
    from sealwright.evidence.synthetic.catalogue import SETTINGS  # noqa: PLC0415 - only here

    found = SETTINGS[kind]
    items = [
        {
            "name": one.name,
            "type": one.type.value,
            "size": one.size,
            "default": one.default,
            "choices": list(one.choices),
            "meaning": one.meaning,
        }
        for one in found
    ]
    rows = [(one.name, one.type.value, one.default, one.meaning) for one in found]
    context.output.result({"items": items}, table(("NAME", "TYPE", "DEFAULT", "MEANING"), rows))
    return HOLDS


COMMANDS = {"synthesize": Command(_arguments, _synthesize)}
