"""What a cell of a tree table shows, as plain values; how it looks is the delegate's."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from sealwright.desktop.theme import Tone

if TYPE_CHECKING:
    from collections.abc import Callable


class RowKind(Enum):
    """How a row stands in the table."""

    GROUP = "group"
    SUBGROUP = "subgroup"
    LEAF = "leaf"
    TALL = "tall"
    """A leaf of two lines."""
    CLAIM = "claim"
    """A dense leaf."""


@dataclass(frozen=True, slots=True)
class CellChip:
    """A small label with an icon; without `filled` it is an outline that stays quiet."""

    text: str
    icon: str = ""
    tone: Tone = Tone.NEU
    filled: bool = True
    hint: str = ""
    """The words behind the icon, for tooltip and screen reader."""


@dataclass(frozen=True, slots=True)
class Text:
    """One line. `color` is a token name; `mono` elides in the middle."""

    text: str
    color: str = "text"
    weight: int = 400
    mono: bool = False
    icon: str = ""
    icon_color: str = "text2"
    extra: str = ""
    """A second word behind the first, in `extra_color`."""
    extra_color: str = "text2"
    hint: str = ""

    @property
    def words(self) -> str:
        """For screen readers, copying and the filter."""
        return f"{self.text} {self.extra}".strip()


@dataclass(frozen=True, slots=True)
class TwoLines:
    """A name with chips behind it, and a second line below."""

    first: str
    second: str
    icon: str = ""
    icon_color: str = "text2"
    chips: tuple[CellChip, ...] = ()
    hint: str = ""

    @property
    def words(self) -> str:
        """For screen readers, copying and the filter."""
        marks = " ".join(chip.text for chip in self.chips)
        return f"{self.first} {marks} {self.second}".replace("  ", " ").strip()


@dataclass(frozen=True, slots=True)
class Chips:
    """Chips one after the other."""

    chips: tuple[CellChip, ...]
    hint: str = ""

    @property
    def words(self) -> str:
        """For screen readers, copying and the filter."""
        return ", ".join(chip.text for chip in self.chips)


@dataclass(frozen=True, slots=True)
class Slots:
    """Chips in places of fixed width, so that equal states line up over all rows."""

    chips: tuple[CellChip | None, ...]
    widths: tuple[int, ...]
    hint: str = ""

    @property
    def words(self) -> str:
        """For screen readers, copying and the filter."""
        return ", ".join(f"{chip.text} {chip.hint}".strip() for chip in self.chips if chip)


@dataclass(frozen=True, slots=True)
class State:
    """Icon and word in the colour of a state; `quiet` leaves the word in the text colour."""

    text: str
    icon: str
    tone: Tone
    quiet: bool = False
    hint: str = ""

    @property
    def words(self) -> str:
        """For screen readers, copying and the filter."""
        return self.text


@dataclass(frozen=True, slots=True)
class Bar:
    """A short bar filled by a part of one, with its number beside it."""

    part: float
    text: str
    tone: Tone = Tone.OK
    hint: str = ""

    @property
    def words(self) -> str:
        """For screen readers, copying and the filter."""
        return self.text


Cell = Text | TwoLines | Chips | Slots | State | Bar
EMPTY = Text("")


@dataclass(eq=False, slots=True)
class Row:
    """A row and what hangs below it. `key` is stable over refreshes and unique in its table."""

    key: str
    cells: tuple[Cell, ...]
    kind: RowKind = RowKind.LEAF
    children: list[Row] = field(default_factory=list)
    data: object = None
    search: str = ""
    """Further words that the filter finds, joined with the cells' words in lower case."""

    def words(self) -> str:
        """Everything that the filter finds."""
        return " ".join([*(cell.words for cell in self.cells), self.search])

    def take(self, other: Row) -> None:
        """Show what another row of the same key shows."""
        self.cells, self.data, self.search = other.cells, other.data, other.search


class LateRow(Row):
    """A row of a long list: its cells are made when they are first painted.

    `search` holds all that the filter finds.
    """

    __slots__ = ("_made", "_make")

    def __init__(
        self, key: str, make: Callable[[], tuple[Cell, ...]], *, data: object, search: str
    ) -> None:
        self._make = make
        self._made: tuple[Cell, ...] | None = None
        self.key, self.kind, self.children = key, RowKind.LEAF, []
        self.data, self.search = data, search

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells."""
        if self._made is None:
            self._made = self._make()
        return self._made

    @cells.setter
    def cells(self, cells: tuple[Cell, ...]) -> None:
        self._made = cells

    def words(self) -> str:
        """Everything that the filter finds; no cell is made for it."""
        return self.search

    def take(self, other: Row) -> None:
        """Show what another row of the same key shows, once it is looked at."""
        self.data, self.search = other.data, other.search
        if isinstance(other, LateRow):
            self._make, self._made = other._make, None
        else:
            self._made = other.cells


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `drop` orders what leaves first when the table is narrow; 0 stays."""

    key: str
    title: str
    sample: str
    """The longest word expected: column widths come from font metrics, not from pixels."""
    drop: int = 0
    fixed: int = 0
    """Design pixels where the content has a fixed width of its own."""
    mono: bool = False
    icon: bool = False
    """Whether its cells have an icon before the word."""
    stretch: int = 0
    """Share of the width that the first column does not need."""
