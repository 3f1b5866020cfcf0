"""The activity log as a file for people who do not have the program."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Final

from sealwright.services.model import LogForm
from sealwright.services.spreadsheet import csv_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sealwright.services.model import ActivityEntry, ChainState

_COLUMNS: Final = (
    "seq",
    "time",
    "who",
    "where",
    "what",
    "result",
    "requestId",
    "before",
    "after",
    "detail",
    "previous",
    "hash",
)
_PAGE: Final = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Activity</title><style>
body{{font:14px/1.5 system-ui,sans-serif;margin:24px}}
table{{border-collapse:collapse}}
th,td{{text-align:left;vertical-align:top;padding:4px 12px 4px 0;border-bottom:1px solid #ccc}}
td.hash{{font-family:monospace;font-size:12px;word-break:break-all}}
</style></head><body><h1>Activity</h1><p>{chain}</p>
<table><thead><tr>{head}</tr></thead><tbody>
{rows}
</tbody></table></body></html>
"""


def row(entry: ActivityEntry) -> dict[str, str | int]:
    """A row with the names of the command line contract."""
    values = (
        entry.seq,
        entry.time.isoformat().replace("+00:00", "Z"),
        entry.who,
        entry.where,
        entry.what,
        entry.result,
        entry.request_id,
        entry.before,
        entry.after,
        entry.detail,
        entry.previous,
        entry.hash,
    )
    return dict(zip(_COLUMNS, values, strict=True))


def as_csv(entries: tuple[ActivityEntry, ...], _: ChainState) -> bytes:
    """RFC 4180, UTF-8; what a spreadsheet would run as a formula is defused."""
    return csv_bytes(_COLUMNS, (row(entry).values() for entry in entries))


def as_json(entries: tuple[ActivityEntry, ...], chain: ChainState) -> bytes:
    """One document with the rows and whether their chain holds."""
    document = {
        "items": [row(entry) for entry in entries],
        "chain": {"holds": chain.holds, "rows": chain.rows, "firstBroken": chain.first_broken},
    }
    return json.dumps(document, indent=2, ensure_ascii=False).encode("utf-8") + b"\n"


def as_html(entries: tuple[ActivityEntry, ...], chain: ChainState) -> bytes:
    """One page without scripts or outside references."""
    head = "".join(f"<th>{name}</th>" for name in _COLUMNS)
    words = "The chain of rows holds."
    if not chain.holds:
        words = f"The chain of rows is broken at row {chain.first_broken}."
    rows = "\n".join(_html_row(entry) for entry in entries)
    return _PAGE.format(chain=words, head=head, rows=rows).encode("utf-8")


def _html_row(entry: ActivityEntry) -> str:
    cells = (
        f'<td class="{"hash" if name in ("hash", "previous", "before", "after") else "text"}">'
        f"{html.escape(str(value))}</td>"
        for name, value in row(entry).items()
    )
    return f"<tr>{''.join(cells)}</tr>"


MAKERS: Final[Mapping[LogForm, Callable[[tuple[ActivityEntry, ...], ChainState], bytes]]] = {
    LogForm.CSV: as_csv,
    LogForm.JSON: as_json,
    LogForm.HTML: as_html,
}
