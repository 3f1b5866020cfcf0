"""The view of a difference: with what, as text or as meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.policies.note import Note
from sealwright.desktop.policies.words import tr
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.diff import DiffView
from sealwright.desktop.widgets.fields import ComboBox
from sealwright.desktop.widgets.labels import ElidingLabel, Label
from sealwright.desktop.widgets.tables.cells import CellChip, Chips, Column, Row, Text
from sealwright.desktop.widgets.tables.tree import TreeTable
from sealwright.desktop.widgets.tabs import SegmentedControl

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from sealwright.desktop.policies.diffing.meaning import Meaning, MeaningRow
    from sealwright.services.policies.textdiff import TextDiff

TEXT, MEANING = range(2)
_SOURCE = 230
_WIDE = 520
"""Narrower than this, the words beside the choice are left out."""
DEPLOYED, PREVIOUS, FILE, OTHER, OWN = "deployed", "previous", "file", "other", "own"


class DiffPane(QWidget):
    """Shows what a difference is, and asks for another one by signals."""

    source_wanted = Signal(str)
    """DEPLOYED, PREVIOUS, FILE or OTHER."""
    mode_changed = Signal()
    went_to = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[MeaningRow, ...] = ()
        self._source = DEPLOYED
        self.source = ComboBox(tr("Compare with"))
        self.source.view().setAccessibleName(self.source.accessibleName())
        self.source.setMinimumWidth(theme.px(_SOURCE))
        self.source.activated.connect(self._on_source)
        self.mode = SegmentedControl(tr("Kind of difference"), [tr("Text"), tr("Meaning")])
        self.mode.currentChanged.connect(self._on_mode)
        self.caption = ElidingLabel(role=Role.SMALL, color="text3")
        self.view = DiffView(tr("Difference"))
        self.table = TreeTable(tr("Difference in meaning"), _columns())
        self.table.setRootIsDecorated(False)
        self.table.row_opened.connect(self._on_opened)
        self.note = Note()
        self._stack = QStackedWidget()
        for page in (self.view, self.table, self.note):
            self._stack.addWidget(page)
        self._lay_out()
        self.show_sources("")

    def _lay_out(self) -> None:
        head = self._head = QHBoxLayout()
        head.setContentsMargins(theme.px(16), theme.px(6), theme.px(12), theme.px(6))
        head.setSpacing(theme.px(8))
        self._words = Label(tr("Compare with"), color="text2")
        head.addWidget(self._words)
        head.addWidget(self.source)
        head.addWidget(self.caption, 1)
        head.addStretch()
        head.addWidget(self.mode)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._stack, 1)

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = event.size().width() >= theme.px(_WIDE)
        self._words.setVisible(wide)
        self.caption.setVisible(wide)
        self.source.setMinimumWidth(theme.px(_SOURCE if wide else _SOURCE // 2))
        self._head.setStretchFactor(self.source, 0 if wide else 1)

    @property
    def shows_meaning(self) -> bool:
        """Whether the meaning is asked for, not the text."""
        return self.mode.currentIndex() == MEANING

    def show_sources(self, own: str, chosen: str = DEPLOYED) -> None:
        """Offer what can be compared with; `own` names the text that was chosen last."""
        self._source = chosen
        self.source.clear()
        if own:
            self.source.addItem(theme.icon("file"), own, OWN)
            self.source.insertSeparator(1)
        for key, icon, words in (
            (DEPLOYED, "upload", tr("What is deployed")),
            (PREVIOUS, "history", tr("The version before")),
            (FILE, "folder", tr("A file…")),
            (OTHER, "providers", tr("Another provider…")),
        ):
            self.source.addItem(theme.icon(icon), words, key)
        self.source.setCurrentIndex(max(0, self.source.findData(OWN if own else chosen)))

    def show_text(self, diff: TextDiff | None, caption: str, nothing: str) -> None:
        """Show a difference of lines, or the sentence that says why there is none to show."""
        self.caption.setText(caption)
        differs = diff is not None and not diff.equal
        self.view.set_diff(diff if differs else None)
        if diff is not None and diff.equal:
            self.note.tell(tr("Both texts are equal, byte by byte."), "ok", "ok.mark")
        elif diff is None:
            self.note.tell(nothing)
        self._stack.setCurrentWidget(self.view if differs else self.note)

    def show_meaning(self, meaning: Meaning, caption: str) -> None:
        """Show what differs in meaning, or say that nothing does or can be told."""
        self.caption.setText(caption)
        self._rows = meaning.rows
        self.table.set_rows([_row(place, row) for place, row in enumerate(meaning.rows)])
        if meaning.problem:
            self.note.tell(meaning.problem, "err", "err.mark")
        elif not meaning.rows:
            self.note.tell(tr("Both mean the same; only the writing differs."), "ok", "ok.mark")
        self._stack.setCurrentWidget(self.table if meaning.rows else self.note)

    @Slot(int)
    def _on_source(self, index: int) -> None:
        wanted = str(self.source.itemData(index))
        own = self.source.findData(OWN)
        self.source.setCurrentIndex(own if own >= 0 else self.source.findData(self._source))
        if wanted != OWN:
            self.source_wanted.emit(wanted)

    @Slot(int)
    def _on_mode(self, _index: int) -> None:
        self.mode_changed.emit()

    @Slot(object)
    def _on_opened(self, row: Row) -> None:
        span = self._rows[int(row.key)].span
        if span is not None:
            self.went_to.emit(*span)


def _columns() -> list[Column]:
    return [
        Column("what", tr("What"), "Newly required MM"),
        Column("now", tr("Now"), "When debugging is off: permits", stretch=2),
        Column("before", tr("Before"), "When debugging is off", stretch=2, drop=1),
        Column("line", tr("Line"), "8888"),
    ]


def _row(place: int, row: MeaningRow) -> Row:
    words, icon, tone = {
        "added": (tr("Added"), "plus", Tone.OK),
        "removed": (tr("Removed"), "minus", Tone.ERR),
        "changed": (tr("Changed"), "pencil", Tone.WARN),
        "moved": (tr("Moved"), "updown", Tone.INFO),
        "required": (tr("Newly required"), "lock", Tone.WARN),
        "free": (tr("No longer required"), "unlock", Tone.WARN),
        "decision": (tr("Decision"), "flag", Tone.ERR),
    }[row.kind]
    return Row(
        str(place),
        (
            Chips((CellChip(words, icon, tone),)),
            Text(row.now, hint=row.now),
            Text(row.before, color="text2", hint=row.before),
            Text(str(row.line or ""), color="text3"),
        ),
    )
