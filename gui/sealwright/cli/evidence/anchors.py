"""`evidence anchors`: the pinned roots that evidence is checked up to, and how to renew them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.cli.command import DOES_NOT_HOLD, HOLDS, Command
from sealwright.cli.output import table

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sealwright.cli.context import Context
    from sealwright.services.evidence.anchors import AnchorRow

_HEADS = ("FOR", "ROOT", "STATE", "TAKEN", "KEY (SHA-256)", "MEANING")


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--at", metavar="TIME", help="their state at this time (RFC 3339)")


def _run(arguments: Namespace, context: Context) -> int:
    from datetime import UTC, datetime  # noqa: PLC0415 - not for `--help`

    from sealwright.cli.evidence.inputs import trust_at  # noqa: PLC0415 - as above
    from sealwright.cli.inputs import read_time  # noqa: PLC0415 - as above
    from sealwright.services.evidence.anchors import AnchorState, anchor_rows  # noqa: PLC0415 - as above

    when = read_time(arguments.at) or datetime.now(UTC)
    rows = anchor_rows(trust_at(context, when).trust.anchors, when)
    file = context.world.anchors_file(context.options.home)
    words = table(_HEADS, [_cells(row) for row in rows])
    words += f"\nA file `{file}` renews or adds roots.\n"
    context.output.result({"file": file, "items": [_item(row) for row in rows]}, words)
    expired = any(row.state is AnchorState.EXPIRED for row in rows)
    return DOES_NOT_HOLD if expired else HOLDS


def _cells(row: AnchorRow) -> tuple[str, ...]:
    if row.anchor is None:
        return row.title, "none", row.state.value, "", "", row.meaning
    anchor = row.anchor
    meaning = row.meaning or anchor.version
    return row.title, anchor.name, row.state.value, anchor.date, anchor.spki_sha256, meaning


def _item(row: AnchorRow) -> dict[str, object]:
    anchor = row.anchor
    found: dict[str, object] = {"use": row.use, "state": row.state.value, "meaning": row.meaning}
    if anchor is None:
        return found
    return found | {
        "id": anchor.id,
        "name": anchor.name,
        "sha256": anchor.spki_sha256,
        "version": anchor.version,
        "source": anchor.source,
        "date": anchor.date,
        "until": anchor.until or None,
    }


COMMANDS = {"anchors": Command(_arguments, _run)}
