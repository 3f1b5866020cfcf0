"""`evidence inspect|verify`: evidence of trusted hardware taken apart, and checked."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sealwright.claims.notation import claim_to_json
from sealwright.cli import shapes
from sealwright.cli.command import DOES_NOT_HOLD, HOLDS, Command
from sealwright.cli.inputs import read_input, read_time
from sealwright.cli.output import table
from sealwright.errors import EvidenceError, UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sealwright.cli.context import Context
    from sealwright.evidence.checks import Check
    from sealwright.evidence.examination import Examination, Fact, Given, Kind
    from sealwright.evidence.trust import TrustAnchor

_OPTIONS: Final = {"companions": "--with"}
_VERDICTS: Final = {"True": "valid", "False": "not valid", "None": "not decided"}
_SHOWN: Final = 100
"""Characters of a value in a table."""
_JOINED: Final = ("vtpm-evidence", "snp-aci", "oe-evidence")
"""Kinds whose evidence may lie in several files."""


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="*", help="evidence, or - for stdin")
    parser.add_argument(
        "--files-from", metavar="F", help="read the names of files from here, one a line"
    )
    add_given_options(parser)


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


def _inspect(arguments: Namespace, context: Context) -> int:
    names = _names(arguments)
    if _are_many(arguments, names):
        items = _shared("inspect", arguments, context, names)
        return HOLDS if all(item["facts"] for item in items) else DOES_NOT_HOLD
    found = _examined(arguments, context, names)
    _emit(context, found, _inspection_words)
    return HOLDS if all(one.refusal is None for one in found) else DOES_NOT_HOLD


def _verify(arguments: Namespace, context: Context) -> int:
    names = _names(arguments)
    if _are_many(arguments, names):
        items = _shared("verify", arguments, context, names)
        return HOLDS if all(item["valid"] for item in items) else DOES_NOT_HOLD
    found = _examined(arguments, context, names)
    _emit(context, found, _verdict_words)
    return HOLDS if all(one.valid for one in found) else DOES_NOT_HOLD


def _names(arguments: Namespace) -> list[str]:
    listed: list[str] = []
    if arguments.files_from:
        lines = read_input(arguments.files_from).decode("utf-8", "surrogateescape").splitlines()
        listed = [line for line in lines if line]
    names = [*arguments.files, *listed]
    if not names:
        raise UsageError("There is no evidence to look at.", hint="Name a file, or - for stdin.")
    return names


def _are_many(arguments: Namespace, names: Sequence[str]) -> bool:
    from sealwright.cli.evidence_many import MANY, cores  # noqa: PLC0415 - not for `--help`

    # A worker is told its share by --files-from, and has no workers of its own.
    return len(names) >= MANY and not arguments.files_from and "-" not in names and cores() > 1


def _shared(
    command: str, arguments: Namespace, context: Context, names: Sequence[str]
) -> list[dict[str, object]]:
    """Let processes of this program look at shares of the files, and print what they say."""
    from sealwright.cli.evidence_many import examine_many  # noqa: PLC0415 - only for many

    at = arguments.at or datetime.now(UTC).isoformat()
    program = [*context.world.program(), "evidence", command, "--files-from", "-", "--at", at]
    program += ["--format", "json"]
    if context.options.home:
        program += ["--home", context.options.home]
    options = ("kind", "certs", "collateral", "runtime_data", "init_data", "nonce", "companions")
    for name in options:
        given = getattr(arguments, name)
        for value in given if isinstance(given, list) else [given] if given else []:
            program += [_OPTIONS.get(name, f"--{name.replace('_', '-')}"), value]
    found = examine_many(program, names)
    rows = [
        (name, str(item["kind"]), _VERDICTS[str(item["valid"])])
        for name, item in zip(names, found.items, strict=True)
    ]
    if context.output.json:
        context.output.document(found.document)
    else:
        context.output.result({}, table(("FILE", "KIND", "VERDICT"), rows))
    return found.items


def _examined(arguments: Namespace, context: Context, names: Sequence[str]) -> list[Examination]:
    from sealwright.evidence.examine import examine  # noqa: PLC0415 - after the options are read

    kind = read_kind(arguments.kind) if arguments.kind else None
    given = read_given(arguments, context)
    if kind in _JOINED and len(names) > 1:
        files = [read_input(name) for name in names]
        return [examine(files[0], _beside(given, files[1:]), kind)]
    return [examine(*_piece(name, given), kind) for name in names]


def _piece(name: str, given: Given) -> tuple[bytes, Given]:
    """The evidence in a file; out of hex, Base64 or a request when it is none by itself."""
    from dataclasses import replace  # noqa: PLC0415 - as above

    from sealwright.evidence.guess import guess  # noqa: PLC0415 - as above
    from sealwright.services.evidence_input import (  # noqa: PLC0415 - as above
        carried_by,
        evidence_of_file,
    )

    data = read_input(name)
    with suppress(EvidenceError):
        guess(data)
        return data, given
    data = evidence_of_file(data)
    held = carried_by(data)
    if held is None:
        return data, given
    return held.evidence, replace(
        given,
        runtime_data=held.runtime_data if given.runtime_data is None else given.runtime_data,
        init_data=held.init_data if given.init_data is None else given.init_data,
    )


def read_kind(name: str) -> Kind:
    """The kind of evidence of that name.

    Raises:
        UsageError: there is none.
    """
    from sealwright.evidence.examination import Kind  # noqa: PLC0415 - as above

    try:
        return Kind(name.lower())
    except ValueError:
        hint = f"Use one of: {', '.join(Kind)}."
        raise UsageError(f"`{name}` is no kind of evidence.", hint=hint) from None


def examine_one(name: str, arguments: Namespace, context: Context) -> Examination:
    """Examine the evidence in a file, as the options of `add_given_options` say.

    Raises:
        UsageError: the file, or one that an option names, cannot be read.
        EvidenceError: it is of no kind that is known here.
    """
    from sealwright.evidence.examine import examine  # noqa: PLC0415 - after the options are read

    kind = read_kind(arguments.kind) if arguments.kind else None
    return examine(*_piece(name, read_given(arguments, context)), kind)


def trust_at(context: Context, when: datetime) -> Given:
    """Nothing but the roots that evidence is checked against, and the time."""
    from sealwright.evidence.examination import Given  # noqa: PLC0415 - as above
    from sealwright.evidence.trust import Trust  # noqa: PLC0415 - as above

    anchors, own = _roots(context)
    return Given(Trust(anchors, when), certificates=own)


def read_given(arguments: Namespace, context: Context) -> Given:
    """What the options of `add_given_options` give.

    Raises:
        UsageError: a file cannot be read.
    """
    from dataclasses import replace  # noqa: PLC0415 - as above

    from sealwright.evidence.given_files import (  # noqa: PLC0415 - as above
        read_certificates,
        read_collateral,
    )

    given = trust_at(context, read_time(arguments.at) or datetime.now(UTC))
    collateral = [read_input(name) for name in arguments.collateral]
    certificates = [der for name in arguments.certs for der in read_certificates(read_input(name))]
    return replace(
        given,
        certificates=(*certificates, *given.certificates),
        collateral=read_collateral(collateral) if collateral else None,
        runtime_data=_optional(arguments.runtime_data),
        init_data=_optional(arguments.init_data),
        nonce=_nonce(arguments.nonce),
        companions=tuple(read_input(name) for name in arguments.companions),
    )


def _roots(context: Context) -> tuple[tuple[TrustAnchor, ...], tuple[bytes, ...]]:
    """The pinned roots and those of the home's sandbox, and certificates of the latter."""
    pinned = context.world.anchors(context.options.home)
    with context.world.machines(context.options.home) as machines:
        if machines is None:
            return pinned, ()
        return (*pinned, *machines.anchors()), machines.certificates()


def _beside(given: Given, files: Sequence[bytes]) -> Given:
    from dataclasses import replace  # noqa: PLC0415 - only for evidence in several files

    return replace(given, companions=(*given.companions, *files))


def _optional(name: str | None) -> bytes | None:
    return None if name is None else read_input(name)


def _nonce(text: str | None) -> bytes | None:
    try:
        return None if text is None else bytes.fromhex(text)
    except ValueError:
        raise UsageError(f"`{text}` is not hex.", hint="Write the nonce as hex digits.") from None


def _emit(context: Context, found: list[Examination], words: Callable[[Examination], str]) -> None:
    items = [shape_of(one) for one in found]
    document = items[0] if len(items) == 1 else {"items": items}
    # The words of thousands of pieces cost as much as examining them.
    text = "" if context.output.json else "\n".join(words(one) for one in found)
    context.output.result(document, text)


def shape_of(found: Examination) -> dict[str, object]:
    """The result of one piece of evidence (spec cli, evidence inspect / verify)."""
    status = found.tcb_status
    return {
        "kind": found.kind.value,
        "facts": dict(found.facts),
        "claims": [claim_to_json(one) for one in found.claims],
        "checks": [shapes.check(one) for one in found.checks],
        "valid": found.valid,
        "tcbStatus": None if status is None else status.value,
        "root": found.root,
    }


def _inspection_words(found: Examination) -> str:
    rows = [(one.type, _short(one.value)) for one in found.claims]
    lines = [f"kind  {found.kind.value}: {found.form}", ""]
    lines += [f"{name}  {_short(value)}" for name, value in _flat("", found.facts)]
    claims = "\n" + table(("CLAIM", "VALUE"), rows) if rows else ""
    return "\n".join(lines) + "\n" + claims


def _flat(prefix: str, facts: Mapping[str, Fact]) -> Iterator[tuple[str, Fact]]:
    for name, value in facts.items():
        if isinstance(value, dict):
            yield from _flat(f"{prefix}{name}.", value)
        else:
            yield f"{prefix}{name}", value


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _verdict_words(found: Examination) -> str:
    from sealwright.evidence.checks import NOT_EVALUATED  # noqa: PLC0415 - not for `--help`

    verdict = _VERDICTS[str(found.valid)]
    root = f", vouched for by {found.root}" if found.root else ""
    tcb = f", platform {found.tcb_status.value}" if found.tcb_status else ""
    rows = [(one.status.value.upper(), one.title, one.detail) for one in found.checks]
    reason = _reason(found)
    why = f"{reason.title}: {reason.detail.removeprefix(f'{NOT_EVALUATED}: ')}\n" if reason else ""
    return f"{found.kind.value}: {verdict}{root}{tcb}\n{why}\n" + table(
        ("STATUS", "CHECK", "DETAIL"), rows
    )


def _reason(found: Examination) -> Check | None:
    """What made evidence not valid, or what keeps it from being decided."""
    return next(iter((*found.failed(), *found.missing())), None)


COMMANDS = {
    "inspect": Command(_arguments, _inspect),
    "verify": Command(_arguments, _verify),
}
