"""One row of the log in full."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QGuiApplication

from sealwright.desktop.activity.rows import icon_of, result_state, type_in
from sealwright.desktop.activity.sections import (
    ChainSection,
    ComparedSection,
    EntrySection,
    RequestSection,
    SaidSection,
)
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.details import DetailsPane
from sealwright.desktop.widgets.surfaces import EmptyState
from sealwright.desktop.wording import day, local_time, utc_time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.widgets.details import Section
    from sealwright.services.model import ActivityEntry, ChainState


class ActivityDetails(DetailsPane):
    """The pane at the right of the Activity panel."""

    roll_back_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        empty = EmptyState(
            "activity",
            self.tr("No entry selected"),
            self.tr("Select one to see what was compared, the request, and its place in the log."),
        )
        super().__init__(self.tr("Entry"), empty, parent)
        self._entry: ActivityEntry | None = None
        self._chain: ChainState | None = None
        self.roll_back = Button(self.tr("Roll back…"), icon="undo")
        self.roll_back.clicked.connect(self.roll_back_wanted)
        self._raw = Button(self.tr("Copy as JSON"), icon="braces", kind=Kind.GHOST)
        self._raw.clicked.connect(self._on_raw)
        self.footer.addWidget(self.roll_back)
        self.footer.addStretch(1)
        self.footer.addWidget(self._raw)

    def show_entry(self, entry: ActivityEntry | None, chain: ChainState | None) -> None:
        """Show another row, or the same one when more is known of the chain."""
        if entry == self._entry and chain == self._chain:
            return
        self._entry, self._chain = entry, chain
        if entry is None:
            self.show_empty()
            return
        when = f"{day(entry.time)} {local_time(entry.time)} · {utc_time(entry.time)}"
        self.show_thing(icon_of(entry.what), entry.what, when)
        word, icon, tone = result_state(entry.result)
        self.set_chips(
            [(word, tone, icon), (self.tr("Entry {0}").format(entry.seq), Tone.NEU, "link")]
        )
        self.fill_sections()
        self._show_roll_back(entry)

    def section_makers(self) -> Sequence[Callable[[], Section]]:
        """From what was compared to the chain."""
        return (ComparedSection, SaidSection, RequestSection, ChainSection)

    def fill_section(self, section: Section) -> None:
        """Show the row in one section."""
        if self._entry is not None and isinstance(section, EntrySection):
            section.show_entry(self._entry, self._chain)

    def _show_roll_back(self, entry: ActivityEntry) -> None:
        reason = ""
        if type_in(entry.what) is None:
            reason = self.tr("Only a change of a policy can be rolled back.")
        elif not entry.before:
            reason = self.tr("The text before this change is not known here.")
        self.roll_back.set_available(reason)

    @Slot()
    def _on_raw(self) -> None:
        if self._entry is not None:
            text = json.dumps(asdict(self._entry), default=str, indent=2, ensure_ascii=False)
            QGuiApplication.clipboard().setText(text)
