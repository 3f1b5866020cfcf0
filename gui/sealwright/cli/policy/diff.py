"""`policy diff`: files, tokens and deployed policies against each other."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sealwright.claims.attestation_type import AttestationType
from sealwright.cli.command import DOES_NOT_HOLD, HOLDS, Command
from sealwright.cli.inputs import given_text, policy_in_token, policy_text
from sealwright.errors import UsageError
from sealwright.services.policies.textdiff import LineKind, diff_texts

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sealwright.cli.context import Context
    from sealwright.services.bundle import Services
    from sealwright.services.policies.textdiff import DiffLine, Hunk, TextDiff

_MARKS = {LineKind.SAME: " ", LineKind.REMOVED: "-", LineKind.ADDED: "+"}
_ENDS = {"\n": "LF", "\r\n": "CRLF", "\r": "CR", "": "none"}


def _arguments(parser: ArgumentParser) -> None:
    what = "policy file, token, or PROVIDER:TYPE"
    parser.add_argument("a", metavar="A", help=what)
    parser.add_argument("b", metavar="B", help=what)
    parser.add_argument("--semantic", action="store_true", help="compare rules, not lines")


def _run(arguments: Namespace, context: Context) -> int:
    first, second = _text(arguments.a, context), _text(arguments.b, context)
    if arguments.semantic:
        from sealwright.cli.policy.semantics import semantic_result  # noqa: PLC0415 - needs a parser

        for name, text in ((arguments.a, first), (arguments.b, second)):
            if not text.strip():
                hint = "Without --semantic everything in the other one shows as added or removed."
                raise UsageError(f"`{name[:80]}` holds no policy to compare.", hint=hint)
        equal, shape, words = semantic_result(first, second)
        context.output.result(shape, words)
        return HOLDS if equal else DOES_NOT_HOLD
    found = diff_texts(first, second)
    document: dict[str, object] = {
        "equal": found.equal,
        "hunks": [_hunk_shape(hunk) for hunk in found.hunks],
    }
    context.output.result(document, _words(arguments.a, arguments.b, found))
    return HOLDS if found.equal else DOES_NOT_HOLD


def _text(name: str, context: Context) -> str:
    place, colon, type_name = name.rpartition(":")
    kind = AttestationType.parse(type_name) if colon else None
    # A file may have such a name too, and is meant when it is there.
    if kind is not None and not os.path.exists(name):  # noqa: PTH110 - pathlib costs 12 ms
        return _deployed(place, kind, context)
    if name != "-" and os.path.exists(name):  # noqa: PTH110 - as above
        return _file_text(policy_text(name))
    if colon and kind is None and "/" not in name and not name.startswith(("eyJ", "{", '"')):
        raise UsageError(
            f"There is no file `{name}`, and `{type_name}` is no attestation type.",
            hint="Name a file, or PROVIDER:TYPE such as contoso:SgxEnclave.",
        )
    return _file_text(given_text(name))


def _file_text(text: str) -> str:
    """The policy in a file: the text itself, or the one in the token that it holds."""
    found = policy_in_token(text)
    return text if found is None else found.text


def _deployed(place: str, kind: AttestationType, context: Context) -> str:
    async def job(services: Services) -> str:
        provider = await services.providers.find(place)
        found = await services.policies.deployed(provider.id, kind)
        found.require()
        return found.text

    return context.with_services(job)


def _hunk_shape(hunk: Hunk) -> dict[str, object]:
    return {
        "header": hunk.header,
        "lines": [
            {
                "kind": line.kind.value,
                "old": line.old_number,
                "new": line.new_number,
                "text": line.text,
                "lineEnd": _ENDS[line.line_end],
            }
            for line in hunk.lines
        ],
    }


def _words(a: str, b: str, found: TextDiff) -> str:
    if found.equal:
        return "The two policies are equal.\n"
    lines = [f"--- {a[:80]}", f"+++ {b[:80]}"]
    for hunk in found.hunks:
        lines.append(hunk.header)
        lines += [_line(line, show_end=found.only_line_ends) for line in hunk.lines]
    if found.only_line_ends:
        lines.append("Only line ends differ; the policy hash differs all the same.")
    return "\n".join(lines) + "\n"


def _line(line: DiffLine, *, show_end: bool) -> str:
    end = f"  [{_ENDS[line.line_end]}]" if show_end else ""
    return f"{_MARKS[line.kind]}{line.text}{end}"


COMMANDS = {"diff": Command(_arguments, _run)}
