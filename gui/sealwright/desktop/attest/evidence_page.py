"""Below the first card: incoming claims beside the bytes they come from, and what was added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from sealwright.claims.claim import Claim
from sealwright.desktop import theme
from sealwright.desktop.attest.story import incoming_columns, issued_columns
from sealwright.desktop.attest.words import tr
from sealwright.desktop.evidence.structure_view import BytesPane
from sealwright.desktop.theme import Role
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.hex_view import HexRange
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.painting import rounded
from sealwright.desktop.widgets.surfaces import EmptyState, PaneHead
from sealwright.desktop.widgets.tables.tree import TreeTable

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from sealwright.desktop.attest.story import Story
    from sealwright.desktop.widgets.tables.cells import Row
    from sealwright.services.evidence.claim_places import ClaimPlace

_BOTH = 860
"""Width from which claims and bytes stand side by side."""
_COLORS = ("hex_a", "hex_b", "hex_c")
_TELLING = (
    "x-ms-sgx-mrenclave",
    "x-ms-sgx-mrsigner",
    "x-ms-sgx-is-debuggable",
    "x-ms-sevsnpvm-launchmeasurement",
    "x-ms-sevsnpvm-hostdata",
    "x-ms-sevsnpvm-is-debuggable",
    "tdx_mrtd",
    "tdx_rtmr0",
    "tdx_td_attributes_debug",
)
"""Claims whose bytes are coloured from the start: what policies ask for first."""


class _Dot(QWidget):
    """A colour of the legend."""

    def __init__(self, color: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._color = color
        self.setFixedSize(theme.px(10), theme.px(10))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """A disc."""
        colors = theme.palette()
        ground = theme.color(self._color)
        rounded(QPainter(self), self.rect(), theme.px(5), ground, colors.border2)


class CountHead(PaneHead):
    """A head with the number of what stands below it."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, height=36, parent=parent)
        self._count = Label(role=Role.SMALL, color="text3")
        self.row.insertWidget(1, self._count)
        self.row.setStretch(0, 0)
        self.row.setSpacing(theme.px(8))
        self.row.addStretch(1)

    def set_count(self, count: int) -> None:
        """Another number; 0 shows none."""
        self._count.setText(f"{count:,}" if count else "")


class EvidencePage(QWidget):
    """Claims, bytes and issued claims in three panes."""

    viewer_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._story: Story | None = None
        self._part = -1
        self.claims = TreeTable(tr("Incoming claims"), incoming_columns(), first_min=150)
        self.claims.setRootIsDecorated(False)
        self.claims.set_placeholder(EmptyState("rows", tr("No claims could be derived")))
        self.issued = TreeTable(tr("Added by the policy"), issued_columns(), first_min=150)
        self.issued.setRootIsDecorated(False)
        self.issued.set_placeholder(EmptyState("pencil", tr("The policy added no claim")))
        self.bytes = BytesPane()
        self.look = Button(
            tr("Evidence viewer\u2026"),
            icon="eye",
            kind=Kind.GHOST,
            small=True,
            tip=tr("Structure, checks, certificates, TCB and event log of this evidence"),
        )
        self._incoming_head = CountHead(tr("Incoming claims"))
        self._issued_head = CountHead(tr("Added by the policy"))
        self._legend = QHBoxLayout()
        self._lay_out()
        self.look.clicked.connect(self.viewer_wanted)
        self.claims.row_chosen.connect(self._on_claim)
        self.bytes.selected.connect(self._on_bytes)

    def _lay_out(self) -> None:
        self._incoming_head.row.addWidget(self.look)
        left = _pane(self._incoming_head, self.claims)
        right = self._right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bytes, 1)
        self._legend.setContentsMargins(theme.px(14), 0, theme.px(14), theme.px(8))
        self._legend.setSpacing(theme.px(6))
        column.addLayout(self._legend)
        self._added = _pane(self._issued_head, self.issued)
        upper = QSplitter(Qt.Orientation.Horizontal)
        lower = QSplitter(Qt.Orientation.Vertical)
        for splitter, parts, sizes in (
            (upper, (left, right), (470, 582)),
            (lower, (upper, self._added), (390, 210)),
        ):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
            for part in parts:
                splitter.addWidget(part)
            splitter.setStretchFactor(0, 1)
            splitter.setSizes([theme.px(size) for size in sizes])
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(lower)

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        """The bytes give way where there is no room for both; the viewer has them too."""
        super().resizeEvent(event)
        self._right.setVisible(self.width() >= theme.px(_BOTH))

    def show_story(self, story: Story) -> None:
        """Show another attestation."""
        self._story, self._part = story, -1
        self.claims.set_rows(story.incoming)
        self.issued.set_rows(story.issued)
        self._added.setVisible(bool(story.issued))
        self._incoming_head.set_count(len(story.incoming))
        self._issued_head.set_count(len(story.issued))
        self._show_part(0)
        self._color(())
        told = self._told()
        if story.about:
            self._point_at(story.about)
        elif story.stopped is not None:
            self.bytes.hex.mark(story.stopped, story.stopped + 1)
            self.bytes.name_marked(tr("The evidence cannot be read from here on"))
        elif told:
            name, place = told[0]
            self._choose(name)
            self.bytes.hex.show_offset(max(place.offset - 32, 0), place.offset + place.size)

    def _point_at(self, name: str) -> None:
        """Choose a claim and mark its bytes."""
        self._choose(name)
        self._on_claim(self.claims.current_row)

    def _told(self) -> list[tuple[str, ClaimPlace]]:
        """The telling claims that have a place."""
        places = self._story.places if self._story is not None else {}
        return [(name, places[name]) for name in _TELLING if name in places][: len(_COLORS)]

    def _show_part(self, part: int) -> None:
        if part != self._part and self._story is not None:
            self._part = part
            parts = self._story.parts
            self.bytes.show_part(parts[part] if part < len(parts) else None)
            self._color(())

    def _color(self, more: tuple[HexRange, ...]) -> None:
        told = self._told()
        ranges = [
            HexRange(place.offset, place.offset + place.size, color, name)
            for color, (name, place) in zip(_COLORS, told, strict=False)
            if place.part == self._part
        ]
        self.bytes.hex.set_ranges([*ranges, *more])
        while self._legend.count():
            item = self._legend.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        for held in ranges:
            self._legend.addWidget(_Dot(held.color))
            field = next(place.field for name, place in told if name == held.name)
            words = field.rpartition(".")[2]
            self._legend.addWidget(Label(words, role=Role.SMALL, color="text2"))
            self._legend.addSpacing(theme.px(10))
        self._legend.addStretch(1)

    @Slot(object)
    def _on_claim(self, row: Row | None) -> None:
        claim = row.data if row is not None else None
        if self._story is None or not isinstance(claim, Claim):
            return
        place = self._story.places.get(claim.type)
        if place is None:
            self.bytes.hex.mark(0, 0)
            self.bytes.name_marked(tr("This claim has no bytes of its own"))
            return
        self._show_part(place.part)
        self.bytes.hex.mark(place.offset, place.offset + place.size)
        self.bytes.name_marked(place.field)

    @Slot(int, int)
    def _on_bytes(self, start: int, end: int) -> None:
        """Choose the claim whose bytes were marked."""
        places = self._story.places.items() if self._story is not None else ()
        found = next(
            (
                (name, place)
                for name, place in places
                if place.part == self._part
                and place.offset <= start
                and end <= place.offset + place.size
            ),
            None,
        )
        self.bytes.name_marked(found[1].field if found is not None else "")
        if found is not None:
            self.claims.row_chosen.disconnect(self._on_claim)
            self._choose(found[0])
            self.claims.row_chosen.connect(self._on_claim)

    def _choose(self, name: str) -> None:
        """Choose the first claim of a name."""
        for row in self.claims.rows.leaves():
            if isinstance(row.data, Claim) and row.data.type == name:
                self.claims.select_key(row.key)
                return


def _pane(head: QWidget, body: QWidget) -> QWidget:
    pane = QWidget()
    column = QVBoxLayout(pane)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(head)
    column.addWidget(body, 1)
    return pane
