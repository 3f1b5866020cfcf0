"""Small questions about tokens: at what time, with which key, what goes into the report."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot

from sealwright.desktop.tokens.rows import tr
from sealwright.desktop.widgets.buttons import Button
from sealwright.desktop.widgets.fields import CheckBox, LineEdit
from sealwright.desktop.widgets.forms import FormSheet

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.host import Host


class TimeSheet(FormSheet):
    """When a token must hold."""

    chosen = Signal(object)
    """An aware time, or None for now."""

    def __init__(self, host: Host, window: QWidget, at: datetime | None) -> None:
        title, verb = tr("Check at another time"), tr("Check")
        super().__init__(host, window, title, verb, icon="clock", size=(520, 320))
        self.add_words(
            self.tr(
                "An old token is checked at its own time, with the keys that were saved around it."
            )
        )
        self.time = LineEdit(self.tr("Time in UTC"))
        self.time.setText(at.strftime("%Y-%m-%dT%H:%M:%SZ") if at is not None else "")
        hint = self.tr("As 2026-11-24T12:00:00Z; empty for now")
        self._field = self.add_field(self.tr("Time in UTC"), self.time, hint)
        self.column.addStretch(1)

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """Read the time."""
        text = self.time.text().strip()
        try:
            found = datetime.fromisoformat(text) if text else None
        except ValueError:
            self._field.set_problem(self.tr("This is no time; write it as 2026-11-24T12:00:00Z."))
            return None
        self._field.set_problem()
        if found is not None and found.tzinfo is None:
            found = found.replace(tzinfo=UTC)
        self.chosen.emit(found)
        self.request_close()
        return None


class ReportSheet(FormSheet):
    """What goes into a report."""

    file_wanted = Signal(bool)
    """Whether secrets are left out; a file is to be chosen."""
    copy_wanted = Signal(bool)
    """The same, for the clipboard."""

    def __init__(self, host: Host, window: QWidget) -> None:
        title, verb = tr("Report for a ticket"), tr("Save as…")
        super().__init__(host, window, title, verb, icon="export", size=(520, 320))
        self.add_words(
            self.tr(
                "The verdict, the chain, every check and the claims, as PDF or as one page of "
                "HTML that needs nothing from outside."
            )
        )
        self.redact = CheckBox(self.tr("Leave out secrets"))
        self.redact.setChecked(True)
        self.column.addWidget(self.redact)
        self.add_words(
            self.tr(
                "Secrets are the token itself, and claims that name one request, one machine or "
                "one workload, or hold what a client sent."
            ),
            "text3",
        )
        self.column.addStretch(1)
        self.copy = Button(self.tr("Copy as JSON"), icon="copy")
        self.copy.clicked.connect(self._on_copy)
        self.buttons.insertWidget(0, self.copy)

    @Slot()
    def _on_copy(self) -> None:
        self.copy_wanted.emit(self.redact.isChecked())
        self.request_close()

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """Ask for the file."""
        self.file_wanted.emit(self.redact.isChecked())
        self.request_close()
        return None
