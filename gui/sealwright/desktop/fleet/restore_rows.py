"""What a restore would change as rows of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.tables.cells import Column, Row, State, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.services.backup.restore import Restored, RestoreItem, RestorePlan


def tr(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate("restore", text)


def columns() -> tuple[Column, ...]:
    """What, how it stands, and what will be there instead of what."""
    return (
        Column("what", tr("What"), "Policy SgxEnclave", stretch=1),
        Column("state", tr("State"), "Being restored", icon=True),
        Column("detail", tr("Change"), "custom policy instead of the default", stretch=1),
    )


def build(
    plan: RestorePlan | None, done: Sequence[Restored], *, running: bool, over: bool
) -> list[Row]:
    """A row for each item; those behind `done` wait, or were never begun."""
    rows = []
    for number, item in enumerate(plan.items if plan is not None else ()):
        if number < len(done):
            state, detail = _ended(done[number])
        else:
            first = number == len(done)
            state, detail = _waiting(running=running and first, over=over), item.change
        words = Text(_what(item), weight=500)
        rows.append(Row(str(number), (words, state, Text(detail, color="text2"))))
    return rows


def _what(item: RestoreItem) -> str:
    kinds = {
        "policy": tr("Policy {0}"),
        "signer": tr("Signer {0}"),
        "settings": tr("Settings: {0}"),
    }
    return kinds[item.kind].format(item.what)


def _waiting(*, running: bool, over: bool) -> State:
    if over:
        return State(tr("Not begun"), "stop", Tone.WARN)
    if running:
        return State(tr("Being restored"), "spin", Tone.INFO)
    return State(tr("To be restored"), "clock", Tone.NEU)


def _ended(done: Restored) -> tuple[State, str]:
    if done.proven:
        return State(tr("Proven"), "ok", Tone.OK), done.item.change
    return State(tr("Failed"), "err", Tone.ERR), done.error.summary if done.error else ""
