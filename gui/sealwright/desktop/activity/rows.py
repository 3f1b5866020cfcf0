"""Rows of the activity log, under the days they fell on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from sealwright.claims.attestation_type import AttestationType
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.tables.cells import Column, Row, RowKind, State, Text
from sealwright.desktop.widgets.tables.delegate import plain_group
from sealwright.desktop.wording import day_heading, local_time, short, utc_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.services.model import ActivityEntry, ChainState

RESULTS = ("proven", "done", "failed", "refused", "cancelled", "sent")
_ICONS = (
    ("roll", "undo"),
    ("reset", "refresh"),
    ("delete", "trash"),
    ("key ", "key"),
    ("signer", "signers"),
    ("polic", "upload"),
    ("provider", "providers"),
)


def tr(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate("activity", text)


def columns() -> tuple[Column, ...]:
    """The log's columns; what happened is the widest."""
    return (
        Column("time", tr("Time"), "14:36:04", icon=True),
        Column("who", tr("Who"), "Sandbox owner", drop=2),
        Column("where", tr("Where"), "contoso-prod-weu"),
        Column("what", tr("What"), "Policy SgxEnclave upload", icon=True, stretch=1),
        Column("result", tr("Result"), "Cancelled", icon=True),
        Column("request", tr("Request ID"), "7d3b1a52…2c610", drop=1, mono=True),
    )


def result_state(result: str) -> tuple[str, str, Tone]:
    """Word, icon and tone of how it ended."""
    return {
        "proven": (tr("Proven"), "ok", Tone.OK),
        "done": (tr("Done"), "ok", Tone.OK),
        "failed": (tr("Failed"), "err", Tone.ERR),
        "refused": (tr("Refused"), "denied", Tone.ERR),
        "cancelled": (tr("Cancelled"), "stop", Tone.NEU),
        "sent": (tr("Unknown"), "warn", Tone.WARN),
    }.get(result, (result, "info", Tone.NEU))


def icon_of(what: str) -> str:
    """What kind of change it was."""
    lower = what.lower()
    return next((icon for word, icon in _ICONS if word in lower), "activity")


def build(entries: Sequence[ActivityEntry], chain: ChainState | None) -> list[Row]:
    """Days, newest first, with their rows."""
    days: dict[str, Row] = {}
    for entry in entries:
        title = day_heading(entry.time)
        if title not in days:
            days[title] = plain_group(f"day:{title}", title, "")
        days[title].children.append(_row(entry, chain))
    return list(days.values())


def _row(entry: ActivityEntry, chain: ChainState | None) -> Row:
    word, icon, tone = result_state(entry.result)
    broken = chain is not None and not chain.holds and entry.seq >= (chain.first_broken or 0)
    mark, color = ("err", "err.mark") if broken else ("link", "ok.mark")
    if chain is None:
        color = "text3"
    return Row(
        str(entry.seq),
        (
            Text(
                local_time(entry.time),
                icon=mark,
                icon_color=color,
                hint=utc_time(entry.time),
            ),
            Text(entry.who, color="text2"),
            Text(entry.where, weight=500),
            Text(entry.what, icon=icon_of(entry.what), hint=entry.detail),
            State(word, icon, tone, quiet=tone == Tone.OK, hint=entry.detail),
            Text(short(entry.request_id) or "-", mono=True, color="text2", hint=entry.request_id),
        ),
        kind=RowKind.LEAF,
        data=entry,
        search=f"{entry.detail} {entry.request_id} {entry.before} {entry.after} {entry.hash}",
    )


def type_in(what: str) -> AttestationType | None:
    """The attestation type that a row speaks of."""
    for word in what.split():
        kind = next((each for each in AttestationType if each.value == word.strip(".,")), None)
        if kind is not None:
            return kind
    return None
