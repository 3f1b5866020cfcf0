"""Tabs with counts, document tabs, and the segmented control."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QSizePolicy, QTabBar, QWidget

from sealwright.desktop import theme
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.keyboard_ring import KeyboardRing, keyboard_focus
from sealwright.desktop.widgets.painting import (
    focus_ring,
    rounded,
    words,
)
from sealwright.desktop.widgets.wheel import WheelPasses

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent, QPaintEvent

_CENTER = Qt.AlignmentFlag.AlignHCenter


class _Bar(KeyboardRing, QTabBar):
    """What the three bars have in common: painted here, driven and read out by Qt."""

    def __init__(self, name: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(False)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._hovered = -1

    @virtual
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        hovered = self.tabAt(event.position().toPoint())
        if hovered != self._hovered:
            self._hovered = hovered
            self.update()

    def leave(self) -> None:
        """Forget which tab is under the pointer."""
        self._hovered = -1
        self.update()


class CountTabs(_Bar):
    """Underlined tabs, each with a count when there is one to tell.

    Use `add`, `set_count`, and QTabBar's `currentChanged`.
    """

    def __init__(self, name: str, *, height: int = 36, parent: QWidget | None = None) -> None:
        self._counts: dict[int, tuple[int, theme.Tone]] = {}
        self._height = height
        super().__init__(name, parent)
        self.setFont(theme.font(theme.Role.NAME))

    def add(self, text: str) -> int:
        """Another tab at the end; its index."""
        return self.addTab(text)

    def set_count(self, index: int, count: int, tone: theme.Tone = theme.Tone.NEU) -> None:
        """The number beside the word; 0 shows none."""
        if self._counts.get(index) == (count, tone):
            return
        self._counts[index] = (count, tone)
        self.setTabToolTip(index, "")
        self.setAccessibleTabName(
            index, f"{self.tabText(index)} {count}" if count else self.tabText(index)
        )
        # QTabBar computes its layout again only on a change of text.
        self.setTabText(index, self.tabText(index))
        self.update()

    def show_tab(self, index: int, *, shown: bool) -> None:
        """Whether a tab is there to be chosen."""
        if self.isTabVisible(index) != shown:
            if not shown and self.currentIndex() == index:
                self.setCurrentIndex(0)
            self.setTabVisible(index, shown)
            # QTabBar tells nobody that it takes another width.
            self.updateGeometry()

    def count_of(self, index: int) -> int:
        """The number beside the word."""
        return self._counts.get(index, (0, theme.Tone.NEU))[0]

    def _pill_width(self, index: int) -> int:
        count = self.count_of(index)
        if not count:
            return 0
        metrics = QFontMetrics(theme.font(theme.Role.MICRO))
        return max(metrics.horizontalAdvance(str(count)) + theme.px(10), theme.px(18))

    def _word_width(self, index: int) -> int:
        metrics = QFontMetrics(theme.font(theme.Role.STRONG))
        return metrics.horizontalAdvance(self.tabText(index)) + 2

    @virtual_value(QSize(60, 36))
    def tabSizeHint(self, index: int) -> QSize:
        pill = self._pill_width(index)
        width = self._word_width(index) + (pill + theme.px(6) if pill else 0)
        return QSize(width + theme.px(24), theme.px(self._height))

    @virtual_value(QSize(60, 36))
    def minimumTabSizeHint(self, index: int) -> QSize:
        return self.tabSizeHint(index)

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for index in range(self.count()):
            if self.isTabVisible(index):
                self._paint_tab(painter, index, self.tabRect(index))

    def _paint_tab(self, painter: QPainter, index: int, rect: QRect) -> None:
        colors = theme.palette()
        chosen = index == self.currentIndex()
        box = rect.adjusted(theme.px(12), 0, -theme.px(12), 0)
        font = theme.font(theme.Role.STRONG if chosen else theme.Role.NAME)
        color = colors.text if chosen or index == self._hovered else colors.text2
        width = self._word_width(index)
        words(
            painter,
            QRect(box.left(), box.top(), width, box.height()),
            self.tabText(index),
            font,
            color,
        )
        pill = self._pill_width(index)
        if pill:
            count, tone = self._counts[index]
            height = theme.px(16)
            top = rect.top() + (rect.height() - height) // 2
            place = QRect(box.left() + width + theme.px(6), top, pill, height)
            held = colors.tone(tone)
            rounded(painter, place, height / 2, held.ground, None)
            words(
                painter, place, str(count), theme.font(theme.Role.MICRO), held.text, align=_CENTER
            )
        if chosen:
            line = colors.focus if colors.dark else colors.accent
            mark = QRect(box.left(), rect.bottom() - 2, box.width(), 3)
            rounded(painter, mark, 1.5, line, None)
            if keyboard_focus(self):
                focus_ring(painter, rect.adjusted(4, 4, -4, -5), 6)


@dataclass(frozen=True, slots=True)
class DocumentTab:
    """What one document tab shows."""

    title: str
    context: str = ""
    icon: str = "file"
    icon_color: str = "text2"
    unsaved: bool = False
    tip: str = ""


class DocumentTabs(_Bar):
    """Tabs of open documents, 40 high. `close_wanted(index)` asks; the owner decides."""

    close_wanted = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        self._tabs: list[DocumentTab] = []
        super().__init__(name, parent)
        self.setFont(theme.font(theme.Role.NAME))
        self.setMovable(False)
        self.setUsesScrollButtons(True)

    def add(self, tab: DocumentTab) -> int:
        """Another document at the end; its index."""
        self._tabs.append(tab)
        index = self.addTab(tab.title)
        self._describe(index)
        return index

    def show_tab(self, index: int, tab: DocumentTab) -> None:
        """Show something else on a tab."""
        if self._tabs[index] == tab:
            return
        self._tabs[index] = tab
        self.setTabText(index, tab.title)
        self._describe(index)
        self.update()

    def tab(self, index: int) -> DocumentTab:
        """What a tab shows."""
        return self._tabs[index]

    def take(self, index: int) -> None:
        """Remove a tab."""
        del self._tabs[index]
        self.removeTab(index)

    def _describe(self, index: int) -> None:
        tab = self._tabs[index]
        self.setTabToolTip(index, tab.tip)
        name = " ".join(part for part in (tab.title, tab.context) if part)
        if tab.unsaved:
            name = self.tr("{0}, edited").format(name)
        self.setAccessibleTabName(index, name)

    def close_rect(self, index: int) -> QRect:
        """Where the cross of a tab is."""
        rect = self.tabRect(index)
        side = theme.px(20)
        top = rect.top() + (rect.height() - side) // 2
        return QRect(rect.right() - side - theme.px(6), top, side, side)

    @virtual_value(QSize(120, 40))
    def tabSizeHint(self, index: int) -> QSize:
        if index >= len(self._tabs):
            return QSize(theme.px(120), theme.px(40))
        tab = self._tabs[index]
        metrics = QFontMetrics(theme.font(theme.Role.NAME))
        small = QFontMetrics(theme.font(theme.Role.SMALL))
        width = theme.px(12 + 16 + 8) + metrics.horizontalAdvance(tab.title) + 2
        if tab.context:
            width += theme.px(8) + small.horizontalAdvance(tab.context) + 2
        return QSize(min(width + theme.px(38), theme.px(320)), theme.px(40))

    @virtual_value(QSize(80, 40))
    def minimumTabSizeHint(self, index: int) -> QSize:
        return QSize(theme.px(90), theme.px(40))

    @virtual
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        index = self.tabAt(place)
        middle = event.button() == Qt.MouseButton.MiddleButton
        crossed = (
            event.button() == Qt.MouseButton.LeftButton
            and index >= 0
            and self.close_rect(index).contains(place)
        )
        super().mouseReleaseEvent(event)
        if index >= 0 and (middle or crossed):
            self.close_wanted.emit(index)

    @virtual
    def mousePressEvent(self, event: QMouseEvent) -> None:
        place: QPoint = event.position().toPoint()
        index = self.tabAt(place)
        if index >= 0 and self.close_rect(index).contains(place):
            event.accept()
            return
        super().mousePressEvent(event)

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colors = theme.palette()
        painter.fillRect(self.rect(), colors.canvas)
        painter.fillRect(QRect(0, self.height() - 1, self.width(), 1), colors.border)
        for index in range(min(self.count(), len(self._tabs))):
            self._paint_tab(painter, index, self.tabRect(index))

    def _paint_tab(self, painter: QPainter, index: int, rect: QRect) -> None:
        colors = theme.palette()
        tab = self._tabs[index]
        chosen = index == self.currentIndex()
        if chosen:
            painter.fillRect(rect, colors.editor)
            line = colors.focus if colors.dark else colors.accent
            painter.fillRect(QRect(rect.left(), rect.top(), rect.width(), 2), line)
        elif index == self._hovered:
            painter.fillRect(rect.adjusted(0, 0, 0, -1), colors.hover)
        painter.fillRect(QRect(rect.right(), rect.top(), 1, rect.height()), colors.border)
        size = theme.px(16)
        left = rect.left() + theme.px(12)
        top = rect.top() + (rect.height() - size) // 2
        theme.paint(painter, left, top, tab.icon, size=size, color=tab.icon_color)
        self._paint_words(painter, tab, rect.adjusted(theme.px(36), 0, -theme.px(32), 0), chosen)
        self._paint_close(painter, tab, index, chosen=chosen)
        if chosen and keyboard_focus(self):
            focus_ring(painter, rect.adjusted(3, 5, -4, -4), 6)

    @staticmethod
    def _paint_words(painter: QPainter, tab: DocumentTab, box: QRect, chosen: bool) -> None:  # noqa: FBT001 - private
        colors = theme.palette()
        font = theme.font(theme.Role.NAME)
        wanted = QFontMetrics(font).horizontalAdvance(tab.title) + 2
        width = min(wanted, box.width())
        color = colors.text if chosen else colors.text2
        words(painter, QRect(box.left(), box.top(), width, box.height()), tab.title, font, color)
        rest = box.adjusted(width + theme.px(8), 0, 0, 0)
        if tab.context and rest.width() > theme.px(20):
            words(painter, rest, tab.context, theme.font(theme.Role.SMALL), colors.text3)

    def _paint_close(
        self, painter: QPainter, tab: DocumentTab, index: int, *, chosen: bool
    ) -> None:
        box = self.close_rect(index)
        if tab.unsaved and index != self._hovered:
            side = theme.px(8)
            dot = QRect(box.center().x() - side // 2, box.center().y() - side // 2, side, side)
            rounded(painter, dot, side / 2, theme.palette().text2, None)
        elif chosen or index == self._hovered or not tab.unsaved:
            size = theme.px(14)
            inset = (box.width() - size) // 2
            theme.paint(
                painter, box.x() + inset, box.y() + inset, "close", size=size, color="text3"
            )


class SegmentedControl(WheelPasses, _Bar):
    """One of a few views; 28 high, the chosen part raised out of the track."""

    def __init__(self, name: str, parts: list[str], parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.setFont(theme.font(theme.Role.NAME))
        for part in parts:
            self.addTab(part)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @virtual_value(QSize(60, 28))
    def tabSizeHint(self, index: int) -> QSize:
        width = QFontMetrics(theme.font(theme.Role.NAME)).horizontalAdvance(self.tabText(index))
        return QSize(width + theme.px(24), theme.px(28))

    @virtual_value(QSize(60, 28))
    def minimumTabSizeHint(self, index: int) -> QSize:
        return self.tabSizeHint(index)

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colors = theme.palette()
        rounded(painter, self.rect(), theme.px(6), colors.sunken, colors.border)
        for index in range(self.count()):
            rect = self.tabRect(index)
            chosen = index == self.currentIndex()
            if chosen:
                ground = colors.overlay if colors.dark else colors.surface
                rounded(painter, rect, theme.px(6), ground, colors.border2)
                if keyboard_focus(self):
                    focus_ring(painter, rect, theme.px(6))
            color = colors.text if chosen or index == self._hovered else colors.text2
            words(painter, rect, self.tabText(index), self.font(), color, align=_CENTER)
