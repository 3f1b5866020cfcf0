"""Tables for spreadsheets."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_bytes(head: Sequence[str], rows: Iterable[Iterable[str | int]]) -> bytes:
    """RFC 4180, UTF-8; what a spreadsheet would run as a formula is defused."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    for row in rows:
        writer.writerow([_defused(value) for value in row])
    return out.getvalue().encode("utf-8")


def _defused(value: str | int) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
