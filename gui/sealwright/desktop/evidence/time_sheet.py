"""Asks for the time at which evidence shall hold: collateral and certificates age."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from sealwright.desktop.evidence.words import tr
from sealwright.desktop.widgets.fields import LineEdit
from sealwright.desktop.widgets.forms import FormSheet

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.host import Host


class TimeSheet(FormSheet):
    """`done` gives an aware time, or None for now."""

    def __init__(self, host: Host, window: QWidget, moment: datetime | None) -> None:
        title = tr("Examine as of a time")
        super().__init__(host, window, title, tr("Examine"), icon="clock", size=(500, 330))
        self.add_words(
            tr("Certificates and collateral must hold at this time. Empty is now."), "text2"
        )
        self.moment = LineEdit(tr("Time in UTC"), placeholder="2025-07-01 12:00", mono=True)
        if moment is not None:
            self.moment.setText(moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M"))
        self._box = self.add_field(tr("Time in UTC"), self.moment, tr("Year-month-day and hours"))
        self.column.addStretch(1)
        self.moment.returnPressed.connect(self.submit)

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """The time, when it is one."""
        text = self.moment.text().strip()
        if not text:
            return partial(_given, None)
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            self._box.set_problem(tr("Write a time such as 2025-07-01 12:00."))
            return None
        return partial(_given, found if found.tzinfo is not None else found.replace(tzinfo=UTC))


async def _given(moment: datetime | None) -> object:
    return moment
