"""The structure tree beside the bytes: choosing in one marks in the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.evidence.structure_rows import Spot, Structure, structure_columns
from sealwright.desktop.evidence.words import size_words, span_words, tr
from sealwright.desktop.theme import Role
from sealwright.desktop.widgets.buttons import ToolButton
from sealwright.desktop.widgets.fields import SearchBox
from sealwright.desktop.widgets.hex_view import HexRange, HexView
from sealwright.desktop.widgets.labels import ElidingLabel, Hairline, Label
from sealwright.desktop.widgets.surfaces import EmptyState, PaneHead
from sealwright.desktop.widgets.tables.tree import TreeTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.desktop.widgets.tables.cells import Row
    from sealwright.evidence.structure import Part


class BytesPane(QWidget):
    """The bytes of one part with their head, and the marked field in words below."""

    selected = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hex = HexView(tr("Evidence bytes"))
        self._head = PaneHead(tr("Evidence bytes"), height=36)
        self._sight = Label(role=Role.SMALL, color="text3")
        self._head.row.addWidget(self._sight)
        self._name = ElidingLabel(role=Role.SECTION)
        self._place = Label(role=Role.SMALL, color="text2")
        self._copy = ToolButton("copy", tr("Copy these bytes as hex"), size=24, icon_size=14)
        self._copy.clicked.connect(self.hex.copy_hex)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self.hex, 1)
        column.addWidget(Hairline())
        row = QHBoxLayout()
        row.setContentsMargins(theme.px(14), theme.px(6), theme.px(8), theme.px(6))
        row.setSpacing(theme.px(10))
        row.addWidget(self._name, 1)
        row.addWidget(self._place)
        row.addWidget(self._copy)
        column.addLayout(row)
        self.hex.selected.connect(self.selected)
        self.hex.verticalScrollBar().valueChanged.connect(self._tell_sight)
        self.hex.verticalScrollBar().rangeChanged.connect(self._tell_sight)
        self.name_marked("")

    def show_part(self, part: Part | None) -> None:
        """Show the bytes of a part."""
        self.hex.set_data(part.data if part is not None else b"")
        self._head.title.setText(part.name if part is not None else tr("Evidence bytes"))
        self.name_marked("")
        self._tell_sight()

    @property
    def marked_words(self) -> str:
        """What the marked bytes are, as it is said."""
        return self._name.text()

    def name_marked(self, words: str) -> None:
        """Say what the marked bytes are."""
        marked = self.hex.marked
        self._name.setText(words or (tr("Several fields") if marked else tr("Nothing is marked")))
        if marked is None:
            self._place.setText("")
        else:
            size = marked[1] - marked[0]
            self._place.setText(f"{span_words(marked[0], size)} \u00b7 {size_words(size)}")
        self._copy.set_available("" if marked else tr("Mark bytes or choose a field first."))

    @Slot()
    def _tell_sight(self) -> None:
        first, end = self.hex.sight
        whole = len(self.hex.data)
        words = tr("{0} of {1}").format(span_words(first, end - first), f"{whole:,}")
        self._sight.setText(words if whole else "")


class StructureView(QWidget):
    """Tree and bytes of one examination."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: Sequence[Part] = ()
        self._structure = Structure([], ())
        self._part = -1
        self.table = TreeTable(tr("Structure"), structure_columns(), first_min=150)
        self.table.setUniformRowHeights(True)
        self.table.set_placeholder(
            EmptyState("file", tr("Nothing could be read"), tr("The checks say why and where."))
        )
        self.bytes = BytesPane()
        self.filter = SearchBox(tr("Filter fields"), placeholder=tr("Filter fields"))
        self._lay_out()
        self.table.row_chosen.connect(self._on_row)
        self.bytes.selected.connect(self._on_bytes)
        self.filter.textChanged.connect(self.table.set_filter)

    def _lay_out(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.px(12), theme.px(4), theme.px(12), theme.px(4))
        bar.addWidget(self.filter)
        column.addLayout(bar)
        column.addWidget(Hairline())
        column.addWidget(self.table, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(left)
        splitter.addWidget(self.bytes)
        splitter.setStretchFactor(0, 1)
        splitter.setSizes([theme.px(700), theme.px(570)])
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(splitter)

    def show_structure(self, structure: Structure, parts: Sequence[Part]) -> None:
        """Show another examination."""
        self._structure, self._parts = structure, parts
        self._part = -1
        self._show_part(0)
        self.table.set_rows(structure.rows)

    def choose(self, part: int, offset: int) -> None:
        """Choose the field that holds a byte, as a check or a claim refers to it."""
        spot = self._structure.at(part, offset)
        if spot is not None:
            self.table.select_key(spot.key)

    @property
    def chosen(self) -> Spot | None:
        """The chosen field."""
        row = self.table.current_row
        return row.data if row is not None and isinstance(row.data, Spot) else None

    def _show_part(self, part: int) -> None:
        if part != self._part:
            self._part = part
            known = 0 <= part < len(self._parts)
            self.bytes.show_part(self._parts[part] if known else None)

    @Slot(object)
    def _on_row(self, row: Row | None) -> None:
        if row is None or not isinstance(row.data, Spot):
            return
        spot = row.data
        self._show_part(spot.part)
        if not spot.raw and spot.size:
            self.bytes.hex.set_ranges([])
            self.bytes.hex.mark(0, 0)
            self.bytes.name_marked(spot.name)
            return
        around = spot.around
        self.bytes.hex.set_ranges([] if around is None else [HexRange(*around, "accent_tint")])
        self.bytes.hex.mark(spot.offset, spot.end)
        self.bytes.name_marked(spot.name)

    @Slot(int, int)
    def _on_bytes(self, start: int, end: int) -> None:
        spot = self._structure.at(self._part, start)
        inside = spot is not None and end <= spot.end
        if spot is None or not inside:
            self.bytes.name_marked("")
            return
        # The tree follows, the marked bytes stay as the user marked them.
        self.table.row_chosen.disconnect(self._on_row)
        self.table.select_key(spot.key)
        self.table.row_chosen.connect(self._on_row)
        ranges = [HexRange(spot.offset, spot.end, "accent_tint")]
        self.bytes.hex.set_ranges(ranges)
        self.bytes.name_marked(spot.name)
