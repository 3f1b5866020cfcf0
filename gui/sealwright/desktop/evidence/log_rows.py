"""Events and registers of a log as rows of tables, built on the worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.desktop.evidence.words import tr
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.tables.cells import Column, Row, RowKind, State, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sealwright.evidence.boot.event_rows import EventRow, RegisterRow


def event_columns() -> tuple[Column, ...]:
    """Number, register, kind, meaning, digest."""
    return (
        Column("number", tr("Event"), "12,345"),
        Column("register", tr("Register"), tr("Register")),
        Column("kind", tr("Kind"), "EV_EFI_BOOT_SERVICES_APPLICATION", mono=True),
        Column("says", tr("What it measured"), "Secure Boot variable: on", stretch=3),
        Column("digest", tr("Digest"), "d4fdd1f1\u20260da8b3", mono=True, drop=1, stretch=1),
    )


def event_rows(events: Iterable[EventRow]) -> list[Row]:
    """One row an event; the filter finds registers as `pcr7`, and every digest."""
    return [_event(row) for row in events]


def _event(row: EventRow) -> Row:
    digest = row.digests[-1][1] if row.digests else ""
    whole = "\n".join(f"{name}: {value}" for name, value in row.digests)
    return Row(
        f"event:{row.sequence}",
        (
            Text(f"{row.sequence}", color="text2"),
            Text(f"{row.register}"),
            Text(row.type_name, mono=True, color="text2"),
            Text(row.says, hint=row.says),
            Text(digest, mono=True, hint=whole),
        ),
        kind=RowKind.CLAIM,
        data=row,
        search=" ".join((f"pcr{row.register};", *(value for _, value in row.digests))),
    )


def register_columns() -> tuple[Column, ...]:
    """Register, replay, quote, verdict."""
    return (
        Column("register", tr("Register"), "PCR 23 (SHA-256)"),
        Column("replayed", tr("By the log"), "d4fdd1f1\u20260da8", mono=True, stretch=1),
        Column("quoted", tr("By the TPM"), "d4fdd1f1\u20260da8", mono=True, stretch=1, drop=1),
        Column("verdict", tr("Replay"), tr("no quote here"), icon=True),
    )


def register_rows(registers: Iterable[RegisterRow]) -> list[Row]:
    """Bank by bank."""
    return [_register(row) for row in registers]


def _register(row: RegisterRow) -> Row:
    name = f"PCR {row.index} ({row.bank.replace('sha', 'SHA-')})"
    return Row(
        f"register:{row.bank}:{row.index}",
        (
            Text(name),
            Text(row.replayed, mono=True, hint=row.replayed),
            Text(row.quoted, mono=True, hint=row.quoted),
            _verdict(row),
        ),
        kind=RowKind.CLAIM,
        data=row,
    )


def _verdict(row: RegisterRow) -> State:
    if row.agrees is None:
        words = tr("no quote here") if row.replayed else tr("not in the log")
        return State(words, "none", Tone.NEU, quiet=True)
    if row.agrees:
        return State(tr("equal"), "ok", Tone.OK, quiet=True)
    return State(tr("differs"), "err", Tone.ERR)


def search_text(row: Row) -> str:
    """What the filter looks through."""
    return " ".join([*(cell.words for cell in row.cells), row.search]).lower()
