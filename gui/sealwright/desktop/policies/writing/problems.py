"""The findings of the document in front, as a list that leads to their places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    QStringListModel,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyledItemDelegate, QWidget

from sealwright.desktop import theme
from sealwright.desktop.messages import quoted
from sealwright.desktop.policies.words import plain_sentence, severity_tone
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.painting import rounded, words
from sealwright.desktop.widgets.surfaces import TONE_ICONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QStyleOptionViewItem

    from sealwright.desktop.policies.writing.findings import Findings
    from sealwright.policy import Diagnostic

_Index = QModelIndex | QPersistentModelIndex
_FINDING = Qt.ItemDataRole.UserRole
_ROW = 30
_NARROW = 560
NOTHING: object = None
_FLAGS = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class _Findings(QStringListModel):
    """Findings with their lines and columns.

    The rows are Qt's own, empty strings: a view asks for the index of each row at every layout,
    and thousands of calls into Python would take ten milliseconds.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.placed: Findings | None = None

    @property
    def findings(self) -> Sequence[Diagnostic]:
        """What is listed."""
        return self.placed.all if self.placed is not None else ()

    def show_findings(self, placed: Findings | None) -> None:
        """Take over the findings of a text. Rows come and go at the end; all say what is now."""
        self.placed = placed
        new, old = len(self.findings), self.rowCount()
        if new > old:
            self.insertRows(old, new - old)
        elif new < old:
            self.removeRows(new, old - new)

    def words(self, rows: range) -> list[tuple[str, str, str, int, int]]:
        """What rows say, as far as there are such."""
        placed = self.placed
        if placed is None:
            return []
        told = [(placed.all[row], placed.place(row)) for row in rows if row < len(placed.all)]
        return [(each.severity, each.code, each.message, *place) for each, place in told]

    def tell(self, rows: range) -> None:
        """These say something else now."""
        last = min(rows.stop, self.rowCount()) - 1
        if last >= rows.start:
            self.dataChanged.emit(self.index(rows.start), self.index(last))

    @virtual_value(NOTHING)
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if self.placed is None or not 0 <= index.row() < len(self.findings):
            return None
        finding = self.findings[index.row()]
        line, column = self.placed.place(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return plain_sentence(finding.message)
        if role == Qt.ItemDataRole.ToolTipRole:
            return finding.help or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{finding.severity.value}: {finding.message}, {place_words(self, line, column)}"
        return None

    @virtual_value(_FLAGS)
    def flags(self, index: _Index) -> Qt.ItemFlag:
        return _FLAGS if index.isValid() else Qt.ItemFlag.NoItemFlags


def place_words(widget: _Findings | QWidget, line: int, column: int) -> str:
    """`Line 9, col 42`."""
    return widget.tr("Line {0}, col {1}").format(line, column)


class Problems(QListView):
    """`went_to(start, end)` when a finding is chosen, in code points."""

    went_to = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._findings = _Findings(self)
        self.setModel(self._findings)
        self.setAccessibleName(self.tr("Problems"))
        self.setItemDelegate(_Rows(self))
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self._on_chosen)

    def show_findings(self, placed: Findings | None) -> None:
        """Show the findings of a text; the chosen row stays where it can."""
        rows = self._in_view()
        before = self._findings.words(rows)
        self._findings.show_findings(placed)
        # Most keys change nothing that is in view; each row takes a third of a millisecond.
        if self._findings.words(rows) != before:
            self._findings.tell(rows)

    def _in_view(self) -> range:
        height = max(self.viewport().height(), 0)
        first = self.indexAt(QPoint(0, 0)).row()
        return range(0) if first < 0 else range(first, first + height // theme.px(_ROW) + 2)

    def finding(self, row: int) -> tuple[Diagnostic, tuple[int, int]]:
        """A finding and its line and column."""
        placed = self._findings.placed
        if placed is None:
            raise IndexError(row)
        return placed.all[row], placed.place(row)

    @property
    def total(self) -> int:
        """How many there are."""
        return len(self._findings.findings)

    def step(self, by: int) -> None:
        """Go to the next or the previous finding, around the ends."""
        if self.total:
            row = (self.currentIndex().row() + by) % self.total
            self.setCurrentIndex(self._findings.index(row))
            self._on_chosen(self._findings.index(row))

    @Slot(QModelIndex)
    def _on_chosen(self, index: QModelIndex) -> None:
        if index.isValid():
            span = self._findings.findings[index.row()].span
            self.went_to.emit(span.start, span.end)

    @virtual
    def dataChanged(self, first: _Index, last: _Index, roles: Sequence[int] = ()) -> None:
        # All rows have one height, whatever they say: a list view would lay all of them out anew.
        QAbstractItemView.dataChanged(self, first, last, roles)

    @virtual
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_chosen(self.currentIndex())
        else:
            super().keyPressEvent(event)


class _Rows(QStyledItemDelegate):
    """Icon, message, code, place."""

    def __init__(self, view: Problems) -> None:
        super().__init__(view)
        self._view = view

    @virtual_value(QSize(100, 30))
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(theme.px(100), theme.px(_ROW))

    @virtual
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        finding, (line, column) = self._view.finding(index.row())
        painter.save()
        colors = theme.palette()
        box = option.rect.adjusted(theme.px(6), 1, -theme.px(6), -1)
        chosen = index.row() == self._view.currentIndex().row()
        over = self._view.viewport().mapFromGlobal(self._view.cursor().pos())
        if chosen:
            focused = self._view.hasFocus()
            ground = colors.sel if focused else colors.tone(Tone.NEU).ground
            rounded(painter, box, theme.px(6), ground, None)
        elif self._view.viewport().underMouse() and option.rect.contains(over):
            rounded(painter, box, theme.px(6), colors.hover, None)
        self._paint_finding(painter, box, finding, place_words(self._view, line, column))
        painter.restore()

    def _paint_finding(
        self, painter: QPainter, box: QRect, finding: Diagnostic, place: str
    ) -> None:
        colors = theme.palette()
        tone = severity_tone(finding)
        size = theme.px(16)
        top = box.top() + (box.height() - size) // 2
        icon = TONE_ICONS[tone]
        left = box.left() + theme.px(8)
        theme.paint(painter, left, top, icon, size=size, color=f"{tone.value}.mark")
        left += theme.px(24)
        right = box.right() - theme.px(8)
        tails = [(place, Role.BODY, place_words(self._view, 8888, 88), _NARROW // 2)]
        tails.append((finding.code, Role.CODE_SMALL, "SW888", _NARROW))
        for text, role, sample, enough in tails:
            if box.width() > theme.px(enough):
                width = QFontMetrics(theme.font(role)).horizontalAdvance(sample) + theme.px(4)
                right -= width
                part = QRect(right, box.top(), width, box.height())
                words(painter, part, text, theme.font(role), colors.text3)
                right -= theme.px(16)
        part = QRect(left, box.top(), right - left, box.height())
        words(
            painter,
            part,
            quoted(plain_sentence(finding.message)),
            theme.font(Role.BODY),
            colors.text,
        )
