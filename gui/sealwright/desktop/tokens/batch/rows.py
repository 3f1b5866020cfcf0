"""Verdicts of a batch as rows."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sealwright.desktop.messages import quoted
from sealwright.desktop.theme import Tone
from sealwright.desktop.tokens.rows import moment, tr
from sealwright.desktop.widgets.tables.cells import Column, Row, State, Text
from sealwright.desktop.wording import utc_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.services.tokens.batch import BatchRow

_LOOKS = {
    "valid": ("shield", Tone.OK),
    "valid but expired": ("clock", Tone.WARN),
    "untrusted": ("warn", Tone.WARN),
    "unsecured": ("unlock", Tone.WARN),
    "sealed": ("lock", Tone.INFO),
    "invalid": ("err", Tone.ERR),
    "unreadable": ("err", Tone.ERR),
}


def batch_columns() -> tuple[Column, ...]:
    """Name, verdict, why, type, issuer, expiry."""
    return (
        Column("name", tr("Token"), "payments-prod-2026.jwt:1234"),
        Column("verdict", tr("Verdict"), "Valid but expired", icon=True),
        Column("why", tr("First failure"), "The token was issued by another", stretch=2),
        Column("kind", tr("Kind"), "maa-attestation", drop=2),
        Column("issuer", tr("Issuer"), "https://contoso.weu.attest.azure.net", drop=1, stretch=1),
        Column("expires", tr("Expires"), "2026-11-28 10:00:00 UTC", drop=3),
    )


def verdict_filters() -> tuple[tuple[str, str], ...]:
    """What the table can be narrowed to: title, and the word that such rows hold."""
    return (
        (tr("All"), ""),
        (tr("Valid"), "is:valid"),
        (tr("Expired"), "is:expired"),
        (tr("Not proven"), "is:open"),
        (tr("Invalid"), "is:bad"),
    )


def _words() -> dict[str, tuple[str, str]]:
    return {
        "valid": (tr("Valid"), "is:valid"),
        "valid but expired": (tr("Valid but expired"), "is:expired"),
        "untrusted": (tr("Untrusted"), "is:open"),
        "unsecured": (tr("Unsecured"), "is:open"),
        "sealed": (tr("Sealed"), "is:open"),
        "invalid": (tr("Invalid"), "is:bad"),
        "unreadable": (tr("Unreadable"), "is:bad"),
    }


def batch_rows(found: Sequence[BatchRow]) -> list[Row]:
    """Tokens of the batch; made away from the Qt thread."""
    words = _words()
    return [_row(each, *_LOOKS[each.verdict], *words[each.verdict]) for each in found]


@lru_cache(maxsize=1024)
def _expiry(seconds: int | None) -> str:
    expires = moment(seconds)
    return utc_time(expires) if expires is not None else ""


def _row(found: BatchRow, icon: str, tone: Tone, word: str, mark: str) -> Row:
    why = quoted(found.detail)
    if found.check:
        why = f"{found.check}: {why}"
    return Row(
        str(found.number),
        (
            Text(found.name, hint=found.name),
            State(word, icon, tone),
            Text(why, color="text2", hint=why),
            Text(found.kind, color="text2"),
            Text(found.issuer, color="text2", hint=found.issuer),
            Text(_expiry(found.expires), color="text2"),
        ),
        data=found.number,
        search=mark,
    )
