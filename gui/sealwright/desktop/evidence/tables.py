"""Checks, claims, certificates and TCB levels of evidence as rows of tables.

Built on the worker; a row is a plain value.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sealwright.desktop.evidence.words import STATUS, status_words, tr
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.tables.cells import (
    CellChip,
    Chips,
    Column,
    Row,
    RowKind,
    State,
    Text,
)
from sealwright.desktop.wording import utc_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sealwright.claims.claim import Claim
    from sealwright.evidence.basis.checks import Check
    from sealwright.evidence.certificate_rows import CertificateRow
    from sealwright.evidence.tcb_table import TcbRow, TcbTable

_LONG = 160


def check_columns() -> tuple[Column, ...]:
    """What, how it came out, why, and what was compared."""
    return (
        Column("check", tr("Check"), "Attestation key belongs to the quoting enclave"),
        Column("status", tr("Result"), tr("does not hold"), icon=True),
        Column("detail", tr("Reason"), "The quote is not signed by", drop=1, stretch=3),
        Column("expected", tr("Expected"), "110ea35d\u2026aa14", mono=True, drop=2, stretch=1),
        Column("actual", tr("Actual"), "110ea35d\u2026aa14", mono=True, drop=3, stretch=1),
    )


def check_rows(checks: Iterable[Check]) -> list[Row]:
    """Rows with their sub-checks below them."""
    rows: dict[str, Row] = {}
    top: list[Row] = []
    for check in checks:
        icon, tone = STATUS[check.status.value]
        word = status_words(check.status.value)
        row = Row(
            check.id,
            (
                Text(check.title, hint=check.id),
                State(word, icon, tone, quiet=tone is Tone.OK),
                Text(check.detail, color="text2", hint=check.detail),
                Text(check.expected, mono=True, hint=check.expected),
                Text(check.actual, mono=True, hint=check.actual),
            ),
            kind=RowKind.CLAIM,
            data=check,
            search=check.id,
        )
        rows[check.id] = row
        parent = _above(rows, check.id)
        (parent.children if parent is not None else top).append(row)
    return top


def _above(rows: Mapping[str, Row], id_: str) -> Row | None:
    """The row that a check belongs to: not every step of its id has one."""
    while "." in id_:
        id_ = id_.rpartition(".")[0]
        if id_ in rows:
            return rows[id_]
    return None


def claim_columns() -> tuple[Column, ...]:
    """Name, value, type."""
    return (
        Column("claim", tr("Claim"), "x-ms-sevsnpvm-launchmeasurement", mono=True),
        Column("value", tr("Value"), '"110ea35d\u2026aa14"', mono=True, stretch=2),
        Column("type", tr("Type"), "boolean", drop=1),
    )


def claim_rows(claims: Iterable[Claim]) -> list[Row]:
    """One row a claim."""
    return [
        Row(
            f"{number}:{claim.type}",
            (
                Text(claim.type, mono=True),
                claim_value(claim.value),
                Text(claim.value_type.lower(), color="text2"),
            ),
            kind=RowKind.CLAIM,
            data=claim,
        )
        for number, claim in enumerate(claims)
    ]


def claim_value(value: object) -> Text:
    """A claim's value as JSON, in the colour of its type, cut where it is very long."""
    text = json.dumps(value, ensure_ascii=False)
    color = "syntax.string" if isinstance(value, str) else "syntax.number"
    shown = text if len(text) <= _LONG else f"{text[: _LONG // 2]}\u2026{text[-_LONG // 2 :]}"
    hint = text if len(text) <= 4 * _LONG else shown
    return Text(shown, color=color, mono=True, hint=hint)


def certificate_columns() -> tuple[Column, ...]:
    """Who, by whom, until when, and whether the chain holds."""
    return (
        Column(
            "subject", tr("Subject"), "CN=Intel SGX PCK Certificate,O=Intel Corporation,L=Santa"
        ),
        Column("link", tr("Signed by the next"), tr("its own key"), icon=True),
        Column("until", tr("Valid until"), "2049-12-31 23:59:59 UTC ", drop=1),
        Column("sha256", tr("SHA-256"), "44a0196b\u2026d674d3", mono=True, drop=2, stretch=1),
    )


def certificate_rows(found: Sequence[CertificateRow]) -> list[Row]:
    """Leaf first; what the certificate says of the platform below it."""
    return [_certificate(number, row) for number, row in enumerate(found)]


def _certificate(number: int, row: CertificateRow) -> Row:
    details = (
        (tr("subject"), row.subject, False),
        (tr("issuer"), row.issuer, False),
        (tr("serial number"), row.serial, True),
        (tr("valid from"), utc_time(row.not_before), False),
        (tr("key SHA-256"), row.spki_sha256, True),
        *((name, value, True) for name, value in row.says),
    )
    children = [
        Row(
            f"certificate:{number}:{name}",
            (
                Text(name, color="text2"),
                Text(""),
                Text(""),
                Text(value, mono=mono, hint=value),
            ),
            kind=RowKind.CLAIM,
            data=value,
        )
        for name, value, mono in details
        if value
    ]
    cells = (
        Text(_common_name(row.subject), weight=500, icon="cert", hint=row.subject),
        _link(row),
        Text(utc_time(row.not_after), hint=utc_time(row.not_after)),
        Text(row.sha256, mono=True, hint=row.sha256),
    )
    return Row(f"certificate:{number}", cells, RowKind.CLAIM, children, row)


def _common_name(subject: str) -> str:
    """What a certificate is called for short; the whole subject where it has no such name."""
    names = [part[3:] for part in subject.split(",") if part.startswith("CN=")]
    return names[0] if names else subject


def _link(row: CertificateRow) -> State:
    if row.signed_by_next is None:
        return State(tr("no issuer here"), "none", Tone.NEU)
    if not row.signed_by_next:
        return State(tr("not signed by it"), "err", Tone.ERR)
    if row.subject == row.issuer:
        return State(tr("by itself"), "shield", Tone.OK, quiet=True)
    return State(tr("signature holds"), "ok", Tone.OK, quiet=True)


def tcb_columns() -> tuple[Column, ...]:
    """A level, how far the platform is from it, and what is known about it."""
    return (
        Column("level", tr("Level"), "ConfigurationAndSWHardeningNeeded     ", stretch=1),
        Column("date", tr("Date"), "2026-11-28", drop=2),
        Column("reached", tr("This platform"), "SGX 10: 5 below 12", stretch=3, icon=True),
        Column("advisories", tr("Advisories"), "INTEL-SA-00614", drop=1, stretch=2),
    )


def tcb_rows(table: TcbTable) -> list[Row]:
    """The levels in the vendor's order, with what falls short below each."""
    return [_level(number, row, table) for number, row in enumerate(table.rows)]


def _level(number: int, row: TcbRow, table: TcbTable) -> Row:
    below = [
        tr("{0}: {1} below {2}").format(table.columns[at], table.have[at], row.values[at])
        for at in row.short
    ]
    stated = ", ".join(
        f"{name} {value}" for name, value in zip(table.columns, row.values, strict=True)
    )
    if row.chosen:
        reached = State(tr("first level it reaches"), "check", Tone.OK)
    elif below:
        reached = State(", ".join(below), "minus", Tone.WARN, quiet=True, hint="\n".join(below))
    elif not row.date:
        # One of the report's own TCBs: it is no level to reach, its values are what is to see.
        reached = State(stated, "check", Tone.OK, quiet=True, hint=stated)
    else:
        reached = State(tr("reached as well"), "minus", Tone.NEU, quiet=True)
    marks = tuple(CellChip(name, filled=False) for name in row.advisories)
    cells = (
        Text(row.title, weight=600 if row.chosen else 400, hint=tr("Asks for {0}").format(stated)),
        Text(row.date, color="text2"),
        reached,
        Chips(marks, hint=", ".join(row.advisories)) if marks else Text(""),
    )
    return Row(f"level:{number}", cells, RowKind.CLAIM, data=row)


def tcb_sentence(table: TcbTable) -> str:
    """The platform's own versions."""
    return ", ".join(
        f"{name} {value}" for name, value in zip(table.columns, table.have, strict=True)
    )
