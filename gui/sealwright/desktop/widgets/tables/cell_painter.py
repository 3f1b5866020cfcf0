"""Paints the cells of a tree table. The row behind them is painted by the view, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPixmap

from sealwright.desktop import theme
from sealwright.desktop.theme import Role
from sealwright.desktop.widgets.chip import chip_size, paint_chip
from sealwright.desktop.widgets.painting import blank
from sealwright.desktop.widgets.progress import paint_validity
from sealwright.desktop.widgets.tables.cells import (
    Bar,
    Cell,
    CellChip,
    Chips,
    Slots,
    State,
    Text,
    TwoLines,
)

_WEIGHTS = {400: Role.BODY, 500: Role.NAME, 600: Role.STRONG}


@dataclass(frozen=True, slots=True)
class Place:
    """Where to paint: the cell without its padding, in logical pixels."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first pixel that is not ours."""
        return self.left + self.width


def draw_text(
    painter: QPainter,
    place: Place,
    text: str,
    role: Role,
    color: QColor,
    *,
    elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> int:
    """One line, elided, centred in height; returns the width it took."""
    if place.width <= 0 or not text:
        return 0
    line = theme.line(text, role, place.width, elide)
    painter.setFont(line.font)
    painter.setPen(color)
    top = place.top + (place.height - line.height) // 2
    painter.drawStaticText(place.left, top, line.text)
    return line.width


def chip_width(chip: CellChip) -> int:
    """How wide a chip is by itself."""
    return chip_size(chip.text, chip.icon, dense=True).width()


def draw_chip(painter: QPainter, place: Place, chip: CellChip) -> None:
    """A dense chip that fills the place's width, centred in its height."""
    height = theme.px(18)
    box = QRect(place.left, place.top + (place.height - height) // 2, place.width, height)
    paint_chip(painter, box, chip.text, chip.tone, chip.icon, dense=True, filled=chip.filled)


def _icon(painter: QPainter, place: Place, name: str, color: str) -> int:
    """An icon of 16 at the left; returns what it and the gap behind it take."""
    size = theme.px(16)
    theme.paint(
        painter, place.left, place.top + (place.height - size) / 2, name, size=size, color=color
    )
    return size + theme.px(6)


def _after(place: Place, used: int) -> Place:
    return Place(place.left + used, place.top, place.width - used, place.height)


def draw(cell: Cell, painter: QPainter, place: Place) -> None:
    """Paint a cell into its place."""
    match cell:
        case Text():
            _draw_line(cell, painter, place)
        case TwoLines():
            _draw_two_lines(cell, painter, place)
        case Chips():
            _draw_chips(cell, painter, place)
        case Slots():
            _draw_slots(cell, painter, place)
        case State():
            _draw_state(cell, painter, place)
        case Bar():
            _draw_bar_cell(cell, painter, place)


def _draw_line(cell: Text, painter: QPainter, place: Place) -> None:
    if cell.icon:
        place = _after(place, _icon(painter, place, cell.icon, cell.icon_color))
    role = Role.CODE_SMALL if cell.mono else _WEIGHTS[cell.weight]
    middle = Qt.TextElideMode.ElideMiddle if cell.mono else Qt.TextElideMode.ElideRight
    used = draw_text(painter, place, cell.text, role, theme.color(cell.color), elide=middle)
    if cell.extra:
        rest = _after(place, used + theme.px(8))
        draw_text(painter, rest, cell.extra, Role.BODY, theme.color(cell.extra_color))


def _draw_two_lines(cell: TwoLines, painter: QPainter, place: Place) -> None:
    if cell.icon:
        place = _after(place, _icon(painter, place, cell.icon, cell.icon_color))
    upper = QFontMetrics(theme.font(Role.STRONG)).height()
    lower = QFontMetrics(theme.font(Role.SMALL)).height() if cell.second else 0
    top = place.top + (place.height - upper - lower - theme.px(1)) // 2
    first = Place(place.left, top, place.width, upper)
    chips = sum(chip_width(chip) + theme.px(8) for chip in cell.chips)
    name = Place(first.left, first.top, max(first.width - chips, theme.px(60)), upper)
    colors = theme.palette()
    used = draw_text(painter, name, cell.first, Role.STRONG, colors.text)
    left = first.left + used + theme.px(8)
    for chip in cell.chips:
        width = min(chip_width(chip), place.right - left)
        if width > theme.px(20):
            draw_chip(painter, Place(left, first.top, width, upper), chip)
        left += width + theme.px(8)
    second = Place(place.left, top + upper + theme.px(1), place.width, lower)
    draw_text(painter, second, cell.second, Role.SMALL, colors.text2)


def _draw_chips(cell: Chips, painter: QPainter, place: Place) -> None:
    left = place.left
    for chip in cell.chips:
        width = chip_width(chip)
        if left + width > place.right:
            break
        draw_chip(painter, Place(left, place.top, width, place.height), chip)
        left += width + theme.px(4)


def _draw_slots(cell: Slots, painter: QPainter, place: Place) -> None:
    look = _Look(
        place.width, place.height, theme.palette().dark, painter.device().devicePixelRatioF()
    )
    painter.drawPixmap(place.left, place.top, _slots_picture(cell, look))


class _Look(NamedTuple):
    """What the picture of a cell depends on beside the cell, whose widths follow the scale."""

    width: int
    height: int
    dark: bool
    ratio: float


@lru_cache(maxsize=256)
def _slots_picture(cell: Slots, look: _Look) -> QPixmap:
    """The chips of a cell, drawn once: of thousands of rows, most are in the same states."""
    gap = theme.px(4)
    picture = blank(look.width, look.height, look.ratio)
    painter = QPainter(picture)
    left = 0
    for chip, width in zip(cell.chips, cell.widths, strict=True):
        if chip is not None and left + width <= look.width + gap:
            draw_chip(painter, Place(left, 0, width - gap, look.height), chip)
        left += width
    painter.end()
    return picture


def _draw_state(cell: State, painter: QPainter, place: Place) -> None:
    used = _icon(painter, place, cell.icon, f"{cell.tone}.mark")
    colors = theme.palette()
    color = colors.text if cell.quiet else colors.tone(cell.tone).text
    draw_text(painter, _after(place, used), cell.text, Role.BODY, color)


def _draw_bar_cell(cell: Bar, painter: QPainter, place: Place) -> None:
    width = theme.px(80)
    box = QRect(place.left, place.top, width, place.height)
    paint_validity(painter, box, cell.part, cell.tone)
    tone = theme.palette().tone(cell.tone).text
    color = theme.palette().text2 if cell.tone == theme.Tone.OK else tone
    rest = _after(place, width + theme.px(10))
    draw_text(painter, rest, cell.text, Role.BODY, color)
