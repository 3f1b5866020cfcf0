"""The sections of a row's details: each is made once and shows one row after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.details import KeyValue, Section
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.painting import rounded, words
from sealwright.desktop.wording import short

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from sealwright.services.model import ActivityEntry, ChainState


_BOX = 52
_ROOM = 6
"""Below the boxes, before the rows."""


class BeforeAfter(QWidget):
    """Two hashes and the way between them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._before = self._after = ""
        self.setFixedHeight(theme.px(_BOX + _ROOM))

    def show_hashes(self, before: str, after: str) -> None:
        """Two others."""
        self._before, self._after = before, after
        self.update()
        self.setAccessibleName(
            self.tr("Policy hash before {0}, after {1}").format(before or "-", after or "-")
        )
        self.setToolTip(f"{before}\n{after}")

    @virtual_value(QSize(280, _BOX + _ROOM))
    def sizeHint(self) -> QSize:
        """Takes the width there is."""
        return QSize(theme.px(280), theme.px(_BOX + _ROOM))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """Two boxes and an arrow."""
        painter = QPainter(self)
        colors = theme.palette()
        gap = theme.px(34)
        width = (self.width() - gap) // 2
        ok = colors.tone(Tone.OK)
        for left, title, value, ground, border in (
            (0, self.tr("Before"), self._before, colors.raised, colors.border2),
            (width + gap, self.tr("After"), self._after, ok.ground, ok.border),
        ):
            box = QRect(left, 0, width, theme.px(_BOX))
            rounded(painter, box, theme.px(6), ground, border)
            pad = theme.px(10)
            head = QRect(left + pad, theme.px(6), width - 2 * pad, theme.px(18))
            words(painter, head, title, theme.font(Role.SMALL), colors.text2)
            code = theme.font(Role.CODE_SMALL)
            below = head.translated(0, theme.px(20))
            words(painter, below, short(value, 6, 4) or "-", code, colors.text)
        size = theme.px(14)
        left, top = width + (gap - size) // 2, (theme.px(_BOX) - size) // 2
        theme.paint(painter, left, top, "right", size=size, color="text2")


class EntrySection(Section):
    """A section that can show any row."""

    def show_entry(self, entry: ActivityEntry, chain: ChainState | None) -> None:
        """Show this one."""


class ComparedSection(EntrySection):
    """The hashes before and after."""

    def __init__(self) -> None:
        super().__init__("")
        self.set_title(self.tr("What was compared"))
        self._picture = BeforeAfter()
        self._before = KeyValue(self.tr("Before"), "", mono=True, copy=True)
        self._after = KeyValue(self.tr("After"), "", mono=True, copy=True)
        for widget in (self._picture, self._before, self._after):
            self.add(widget)

    def show_entry(self, entry: ActivityEntry, chain: ChainState | None) -> None:
        """Both, where there are any."""
        self.setVisible(bool(entry.before or entry.after))
        self._picture.show_hashes(entry.before, entry.after)
        for line, value in ((self._before, entry.before), (self._after, entry.after)):
            line.set_value(value)
            line.setVisible(bool(value))


class SaidSection(EntrySection):
    """The sentence of the row."""

    def __init__(self) -> None:
        super().__init__("")
        self.set_title(self.tr("Detail"))
        self._words = Label(color="text2", wrap=True)
        self.add(self._words)

    def show_entry(self, entry: ActivityEntry, chain: ChainState | None) -> None:
        """What was said."""
        self.setVisible(bool(entry.detail))
        self._words.setText(entry.detail)


class RequestSection(EntrySection):
    """Where, who, and the service's own id."""

    def __init__(self) -> None:
        super().__init__("")
        self.set_title(self.tr("Request"))
        self._where = KeyValue(self.tr("Where"), "")
        self._who = KeyValue(self.tr("Account"), "")
        self._id = KeyValue(self.tr("Request ID"), "", mono=True, copy=True)
        for line in (self._where, self._who, self._id):
            self.add(line)

    def show_entry(self, entry: ActivityEntry, chain: ChainState | None) -> None:
        """The three of them."""
        self._where.set_value(entry.where)
        self._who.set_value(entry.who)
        self._id.set_value(entry.request_id)
        self._id.setVisible(bool(entry.request_id))


class ChainSection(EntrySection):
    """The row's place in the chain, and whether it holds there."""

    def __init__(self) -> None:
        super().__init__("")
        self.set_title(self.tr("Chain"))
        self._previous = KeyValue(self.tr("Previous"), "", mono=True)
        self._own = KeyValue(self.tr("This entry"), "", mono=True, icon=("none", "text3"))
        for line in (self._previous, self._own):
            self.add(line)

    def show_entry(self, entry: ActivityEntry, chain: ChainState | None) -> None:
        """Hashes, and the mark of the one that was verified."""
        icon = ("none", "text3")
        if chain is not None:
            good = chain.holds or entry.seq < (chain.first_broken or 0)
            icon = ("ok", "ok.mark") if good else ("err", "err.mark")
        self._previous.set_value(entry.previous or "-")
        self._own.set_value(entry.hash, icon=icon)
