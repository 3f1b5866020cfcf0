"""What was seen on, or sent to, a provider: look at it, compare with it, go back to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.policies.words import local_date_time, short_hash, utc_words
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.buttons import Button
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.tables.cells import CellChip, Chips, Column, Row, Text
from sealwright.desktop.widgets.tables.tree import TreeTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.services.model import HistoryEntry


class HistoryPane(QWidget):
    """A table of earlier texts; `actions_row` holds what can be done with the chosen one."""

    compare_wanted = Signal(object)
    """HistoryEntry"""
    open_wanted = Signal(object)
    """HistoryEntry"""
    roll_back_wanted = Signal(object)
    """HistoryEntry"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[HistoryEntry, ...] = ()
        self._deployed = ""
        self.table = TreeTable(self.tr("Earlier policies"), self._columns())
        self.table.row_chosen.connect(self._on_chosen)
        self.table.row_opened.connect(self._on_compare)
        self._empty = Label(color="text2")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.table.set_placeholder(self._empty)
        self.compare = Button(
            self.tr("Compare"),
            icon="compare",
            small=True,
            tip=self.tr("Show the difference to the text in the editor"),
        )
        self.open = Button(
            self.tr("Edit"),
            name=self.tr("Put into the editor"),
            icon="pencil",
            small=True,
            tip=self.tr("Put this text into the editor; undo brings yours back"),
        )
        self.roll_back = Button(
            self.tr("Roll back…"),
            icon="undo",
            small=True,
            tip=self.tr("Review and upload this text again"),
        )
        self.compare.clicked.connect(self._on_compare)
        self.open.clicked.connect(self._on_open)
        self.roll_back.clicked.connect(self._on_roll_back)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.table, 1)
        self.actions_row = QWidget()
        row = QHBoxLayout(self.actions_row)
        row.setContentsMargins(0, 0, theme.px(8), 0)
        row.setSpacing(theme.px(8))
        for button in (self.compare, self.open, self.roll_back):
            row.addWidget(button)
        self._tell_buttons(None)

    def _columns(self) -> list[Column]:
        return [
            Column("time", self.tr("When"), "88 MMM 8888 88:88"),
            Column("origin", self.tr("How"), "Rolled back MM Deployed MM"),
            Column("hash", self.tr("Policy hash"), "MMMMMM…MMMM", mono=True),
            Column("signer", self.tr("Signer"), "MMMMMM…MMMM", drop=1, mono=True),
        ]

    def show_entries(self, entries: Sequence[HistoryEntry], deployed_hash: str = "") -> None:
        """Show texts, newest first; the one that is deployed is marked."""
        self._entries = tuple(entries)
        self._deployed = deployed_hash
        self._empty.setText(self.tr("Nothing was seen on or sent to this provider yet."))
        marked = False
        rows = []
        for entry in self._entries:
            now = entry.policy_hash == deployed_hash and not marked
            marked = marked or now
            rows.append(self._row(entry, now=now))
        self.table.set_rows(rows)
        self._on_chosen(self.table.current_row)

    def show_nowhere(self) -> None:
        """There is no history: the text belongs to no provider, or there is no text."""
        self.show_entries(())
        self._empty.setText(
            self.tr("No provider is chosen for this text, so that it has no history.")
        )

    @property
    def chosen(self) -> HistoryEntry | None:
        """The entry in the chosen row."""
        row = self.table.current_row
        if row is None:
            return None
        return next((entry for entry in self._entries if str(entry.seq) == row.key), None)

    def _row(self, entry: HistoryEntry, *, now: bool) -> Row:
        when = Text(local_date_time(entry.time), hint=utc_words(entry.time))
        origin = {
            "seen": CellChip(self.tr("Seen"), "eye", Tone.NEU, filled=False),
            "sent": CellChip(self.tr("Sent"), "upload", Tone.INFO),
            "rolled-back": CellChip(self.tr("Rolled back"), "undo", Tone.INFO),
            "reset": CellChip(self.tr("Reset"), "undo", Tone.INFO),
        }.get(entry.origin, CellChip(entry.origin, "history", Tone.NEU, filled=False))
        chips = (origin, CellChip(self.tr("Deployed"), "ok", Tone.OK)) if now else (origin,)
        signer = short_hash(entry.signer) if entry.signer else self.tr("unsigned")
        return Row(
            str(entry.seq),
            (
                when,
                Chips(chips),
                Text(short_hash(entry.policy_hash), mono=True, hint=entry.policy_hash),
                Text(signer, mono=bool(entry.signer), color="text2", hint=entry.signer),
            ),
        )

    @Slot(object)
    def _on_chosen(self, _row: object) -> None:
        self._tell_buttons(self.chosen)

    def _tell_buttons(self, entry: HistoryEntry | None) -> None:
        reason = "" if entry is not None else self.tr("Choose an earlier text first")
        self.compare.set_available(reason)
        self.open.set_available(reason)
        if entry is not None and entry.policy_hash == self._deployed:
            reason = self.tr("This is the text the provider has now")
        self.roll_back.set_available(reason)

    @Slot()
    def _on_compare(self) -> None:
        if self.chosen is not None:
            self.compare_wanted.emit(self.chosen)

    @Slot()
    def _on_open(self) -> None:
        if self.chosen is not None:
            self.open_wanted.emit(self.chosen)

    @Slot()
    def _on_roll_back(self) -> None:
        if self.chosen is not None:
            self.roll_back_wanted.emit(self.chosen)
