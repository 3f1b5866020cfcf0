"""Checks of a token as rows of a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from sealwright.desktop.messages import quoted
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.tables.cells import Column, Row, RowKind, Text, TwoLines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sealwright.evidence.basis.checks import Check

STATUS = {
    "pass": ("ok", "ok.mark", Tone.OK),
    "fail": ("err", "err.mark", Tone.ERR),
    "warn": ("warn", "warn.mark", Tone.WARN),
    "skip": ("none", "neu.mark", Tone.NEU),
}
"""Icon, its colour, and the tone of a check's outcome."""


def tr(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate("tokens", text)


def check_columns() -> tuple[Column, ...]:
    """One wide column."""
    return (Column("check", tr("Check"), ""),)


def check_rows(checks: Sequence[Check]) -> list[Row]:
    """Checks with their reason; sub-checks and the compared values below."""
    rows: dict[str, Row] = {}
    top: list[Row] = []
    for check in checks:
        icon, color, _ = STATUS[check.status.value]
        why = quoted(check.detail)
        row = Row(
            check.id,
            (TwoLines(check.title, why, icon=icon, icon_color=color, hint=why),),
            kind=RowKind.TALL if check.detail else RowKind.LEAF,
            data=check,
            search=status_word(check.status.value),
        )
        row.children = [
            Row(
                f"{check.id}:{name}",
                (Text(label, color="text3", extra=value, extra_color="text2", hint=value),),
                kind=RowKind.CLAIM,
            )
            for name, label, value in (
                ("expected", tr("expected"), check.expected),
                ("actual", tr("actual"), check.actual),
            )
            if value
        ]
        rows[check.id] = row
        parent = _parent(check.id, rows)
        (parent.children if parent is not None else top).append(row)
    return top


def _parent(id_: str, rows: Mapping[str, Row]) -> Row | None:
    """The row that a check belongs under: the nearest one whose id its own continues."""
    while "." in id_:
        id_ = id_.rpartition(".")[0]
        if id_ in rows:
            return rows[id_]
    return None


def status_word(status: str) -> str:
    """The word for a check's outcome."""
    return {
        "pass": tr("holds"),
        "fail": tr("fails"),
        "warn": tr("open"),
        "skip": tr("not checked"),
    }[status]
