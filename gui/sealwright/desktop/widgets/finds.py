"""What the command palette finds: ranking, and the painted list of hits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.chip import chip_size, paint_chip
from sealwright.desktop.widgets.labels import keys_width, paint_keys
from sealwright.desktop.widgets.painting import rounded, words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QPaintEvent, QResizeEvent, QWheelEvent

_ROW, _HEAD = 38, 30
_PER_GROUP = 6
_BOUNDARY = re.compile(r"[\s/._-]+")


@dataclass(frozen=True, slots=True)
class Find:
    """Something that can be found and opened."""

    group: str
    text: str
    run: Callable[[], None]
    icon: str
    icon_color: str = "text2"
    context: str = ""
    keys: str = ""
    chip: tuple[str, Tone, str] | None = None
    prefix: str = ""
    """`>` for commands: typed first, only these are shown."""


def match(text: str, query: str) -> tuple[int, tuple[int, ...]] | None:
    """Rank (smaller is better) and matched places of `query` in `text`; None without a match.

    The whole query counts as one piece first, else its letters in order, starts of words ahead.
    """
    lower, wanted = text.lower(), query.lower().strip()
    if not wanted:
        return 0, ()
    at = lower.find(wanted)
    if at >= 0:
        word_start = at == 0 or bool(_BOUNDARY.match(lower[at - 1]))
        return (at if word_start else 100 + at), tuple(range(at, at + len(wanted)))
    places: list[int] = []
    position = 0
    for letter in wanted.replace(" ", ""):
        position = lower.find(letter, position)
        if position < 0:
            return None
        places.append(position)
        position += 1
    return 1000 + places[-1] - places[0], tuple(places)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the list: a heading or a hit."""

    group: str
    count: str = ""
    find: Find | None = None
    places: tuple[int, ...] = ()


def ranked(finds: Sequence[Find], query: str) -> list[_Line]:
    """Headings and hits in the order of the groups, best hits first."""
    prefix = ">" if query.startswith(">") else ""
    wanted = query[len(prefix) :]
    groups: dict[str, list[tuple[int, int, _Line]]] = {}
    totals: dict[str, int] = {}
    for number, find in enumerate(finds):
        if prefix and find.prefix != prefix:
            continue
        totals[find.group] = totals.get(find.group, 0) + 1
        hit = match(find.text, wanted)
        rank = hit[0] if hit else 0
        if hit is None:
            outer = match(find.context, wanted)
            if outer is None or outer[0] >= 1000:  # noqa: PLR2004 - whole words only, out there
                continue
            rank = 5000 + outer[0]
        line = _Line(find.group, find=find, places=hit[1] if hit else ())
        groups.setdefault(find.group, []).append((rank, number, line))
    lines: list[_Line] = []
    for group, hits in sorted(groups.items(), key=lambda item: min(item[1])[0] // 1000):
        shown = sorted(hits, key=lambda hit: hit[:2])[:_PER_GROUP]
        total = totals[group]
        count = str(total) if len(shown) == total else f"{len(shown)} / {total}"
        lines.append(_Line(group, count))
        lines += [line for _, _, line in shown]
    return lines


class Results(QWidget):
    """The painted list; keys come from the query field."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.lines: list[_Line] = []
        self.current = -1
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Results"))
        self._offset = 0

    def set_lines(self, lines: list[_Line]) -> None:
        """Show other lines; the first hit is chosen."""
        self.lines = lines
        self._offset = 0
        self.current = -1
        nothing = self.tr("Nothing has this in its name. Fewer letters find more.")
        self.setAccessibleDescription("" if lines else nothing)
        self.move_by(1)

    def move_by(self, step: int) -> None:
        """Choose the next or previous hit, around the ends."""
        hits = [i for i, line in enumerate(self.lines) if line.find]
        if hits:
            at = hits.index(self.current) if self.current in hits else (-1 if step > 0 else 0)
            self.current = hits[(at + step) % len(hits)]
            self._reveal()
            find = self.lines[self.current].find
            self.setAccessibleDescription(find.text if find else "")
        self.update()

    @property
    def chosen_text(self) -> str:
        """The words of the chosen hit."""
        find = self.lines[self.current].find if 0 <= self.current < len(self.lines) else None
        return find.text if find else ""

    def choose(self, text: str) -> None:
        """Choose the hit with these words, where it is listed."""
        for number, line in enumerate(self.lines):
            if line.find is not None and line.find.text == text:
                self.current = number
                self._reveal()
                self.update()
                return

    def wanted_height(self) -> int:
        """Height of all lines."""
        return sum(self._height(line) for line in self.lines) + theme.px(8)

    @staticmethod
    def _height(line: _Line) -> int:
        return theme.px(_ROW if line.find else _HEAD)

    def _tops(self) -> list[int]:
        tops, y = [], theme.px(4) - self._offset
        for line in self.lines:
            tops.append(y)
            y += self._height(line)
        return tops

    def _reveal(self) -> None:
        top = self._tops()[self.current]
        bottom = top + theme.px(_ROW)
        if top < theme.px(_HEAD):
            self._offset = max(0, self._offset + top - theme.px(_HEAD))
        elif bottom > self.height() > 0:
            self._offset += bottom - self.height()

    def _line_at(self, y: int) -> int:
        for i, top in enumerate(self._tops()):
            if top <= y < top + self._height(self.lines[i]) and self.lines[i].find:
                return i
        return -1

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Begin at the top, heading included, unless the chosen hit would be out of sight."""
        super().resizeEvent(event)
        self._offset = 0
        if self.current >= 0:
            self._reveal()

    @virtual
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The line under the mouse is the chosen one."""
        at = self._line_at(round(event.position().y()))
        if at >= 0 and at != self.current:
            self.current = at
            self.update()

    @virtual
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click opens."""
        at = self._line_at(round(event.position().y()))
        if at >= 0:
            self.chosen.emit(self.lines[at].find)

    @virtual
    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll."""
        most = max(0, self.wanted_height() - self.height())
        self._offset = min(max(self._offset - event.angleDelta().y() // 2, 0), most)
        self.update()

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """Headings and hits."""
        painter = QPainter(self)
        inset = theme.px(8)
        if not self.lines:
            box = self.rect().adjusted(theme.px(22), 0, -theme.px(22), 0)
            nothing = self.accessibleDescription()
            words(painter, box, nothing, theme.font(Role.BODY), theme.palette().text2)
        for i, (line, top) in enumerate(zip(self.lines, self._tops(), strict=True)):
            box = QRect(inset, top, self.width() - 2 * inset, self._height(line))
            if box.bottom() < 0 or box.top() > self.height():
                continue
            if line.find is None:
                self._draw_head(painter, box, line)
            else:
                self._draw_hit(painter, box, line, line.find, chosen=i == self.current)

    @staticmethod
    def _draw_head(painter: QPainter, box: QRect, line: _Line) -> None:
        colors = theme.palette()
        pad = theme.px(14)
        inner = box.adjusted(pad, theme.px(4), -pad, 0)
        words(painter, inner, line.group, theme.font(Role.SECTION), colors.text3)
        right = Qt.AlignmentFlag.AlignRight
        words(painter, inner, line.count, theme.font(Role.SMALL), colors.text3, align=right)

    @staticmethod
    def _draw_hit(painter: QPainter, box: QRect, line: _Line, find: Find, *, chosen: bool) -> None:
        colors = theme.palette()
        if chosen:
            rounded(painter, box, theme.px(6), colors.sel, None)
        size = theme.px(16)
        left = box.left() + theme.px(14)
        theme.paint(
            painter,
            left,
            box.top() + (box.height() - size) // 2,
            find.icon,
            size=size,
            color=find.icon_color,
        )
        left += size + theme.px(10)
        left = _draw_matched(painter, box, left, find.text, line.places)
        right = box.right() - theme.px(12)
        if find.chip is not None:
            text, tone, icon = find.chip
            room = chip_size(text, icon)
            right -= room.width()
            chip = QRect(right, box.center().y() - room.height() // 2, room.width(), room.height())
            paint_chip(painter, chip, text, tone, icon)
        keys = tuple(find.keys.split("+")) if find.keys else (("Enter",) if chosen else ())
        if keys and find.chip is None:
            width = keys_width(keys)
            right -= width
            paint_keys(painter, QRect(right, box.top(), width, box.height()), keys)
        rest = QRect(left + theme.px(12), box.top(), right - left - theme.px(24), box.height())
        words(painter, rest, find.context, theme.font(Role.BODY), colors.text3)


def _draw_matched(
    painter: QPainter, box: QRect, left: int, text: str, places: tuple[int, ...]
) -> int:
    """The text with its matched letters set off; returns where it ends."""
    colors = theme.palette()
    plain, bold = theme.font(Role.BODY), theme.font(Role.STRONG)
    marked = set(places)
    position = 0
    while position < len(text):
        end = position
        hit = position in marked
        while end < len(text) and (end in marked) == hit:
            end += 1
        piece, font = text[position:end], bold if hit else plain
        width = QFontMetrics(font).horizontalAdvance(piece)
        part = QRect(left, box.top(), width + 2, box.height())
        words(painter, part, piece, font, colors.accent_text if hit else colors.text)
        left += width
        position = end
    return left
