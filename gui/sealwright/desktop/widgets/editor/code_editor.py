"""The policy editor: plain text with gutter, colours, findings, brackets, indentation.

Invariants
- What goes in by `set_text` comes out of `text()` unchanged: the document's raw text is read, since
  `toPlainText` turns no-break spaces into blanks.
- Places given and taken are code points; Qt's UTF-16 units stay inside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QToolTip, QWidget

from sealwright.desktop import theme
from sealwright.desktop.turns import Later
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.editor import keys, typing_aids
from sealwright.desktop.widgets.editor.brackets import partner
from sealwright.desktop.widgets.editor.current_line import CurrentLine
from sealwright.desktop.widgets.editor.edits import apply_edits
from sealwright.desktop.widgets.editor.folding import Folds
from sealwright.desktop.widgets.editor.gutter import Gutter
from sealwright.desktop.widgets.editor.highlighter import Highlighter
from sealwright.desktop.widgets.editor.marks import LineChange, Mark, MarkMap
from sealwright.desktop.widgets.editor.positions import Positions
from sealwright.desktop.widgets.editor.underlines import Underlines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from PySide6.QtGui import QHelpEvent, QKeyEvent, QPaintEvent, QResizeEvent, QTextBlock

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
_BRACKETS = frozenset("()[]{}")
_BRACKET_TURNS = 4
"""Of the Qt thread: the partner of a bracket is looked for once what a key changed is shown."""
_MOST_SPLICED = 10_000
"""Characters; a text of megabytes is read in some milliseconds."""


class CodeEditor(QPlainTextEdit):
    """A text with line numbers and findings.

    Signals: `pressed` before a key is dealt with, `edited` after each change of the text by the
    user or the program, `left` when Esc leaves it for the panel, `place_changed` when the cursor
    moves.
    """

    pressed = Signal()
    edited = Signal()
    left = Signal()
    place_changed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._underlines = Underlines(self, self._update_beside)
        self._seen: object = None
        self._lines: list[tuple[QTextBlock, QRect]] = []
        self._text: str | None = None
        self._changes: Mapping[int, LineChange] = {}
        self._tab_indents = True
        self._found: list[QTextEdit.ExtraSelection] = []
        self._brackets: list[QTextEdit.ExtraSelection] = []
        self.setProperty("k", "code")
        self.setAccessibleName(name)
        self.setFont(theme.font(theme.Role.CODE))
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setTabStopDistance(self.fontMetrics().horizontalAdvance(" ") * keys.INDENT)
        self.document().setDocumentMargin(theme.px(6))
        self.setCursorWidth(2)
        # It paints its own ground: what lies behind need not be painted for each letter.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        # First of all who listen: they may ask for the text.
        self.document().contentsChange.connect(self._on_contents)
        self.folds = Folds(self)
        self.gutter = Gutter(self, self)
        self.highlighter = Highlighter(self, self._visible_range)
        self._current_line = CurrentLine(self, self, self._update_beside)
        self._brackets_later = Later(self, self._show_brackets, _BRACKET_TURNS)
        self._connect()
        self._on_block_count()

    def _connect(self) -> None:
        self.folds.changed.connect(self.gutter.update)
        self.folds.changed.connect(self.highlighter.refresh)
        self.blockCountChanged.connect(self._on_block_count)
        self.updateRequest.connect(self._on_update_request)
        self.cursorPositionChanged.connect(self._on_cursor)
        self.textChanged.connect(self._on_text_changed)

    # --- text ---------------------------------------------------------------------------------

    def text(self) -> str:
        """The text as it is, line ends as LF."""
        if self._text is None:
            self._text = self.document().toRawText().replace("\u2029", "\n")
        return self._text

    def set_text(self, text: str) -> None:
        """Replace everything, and forget what could be undone."""
        self._underlines.show(MarkMap())
        self.setPlainText(text)
        self.document().setModified(False)

    def replace_text(self, text: str) -> None:
        """Replace what differs, as one step that can be undone."""
        from sealwright.policy.writing.edits import changed_range  # noqa: PLC0415 - after the first paint

        before = self.text()
        apply_edits(self, before, (changed_range(before, text),))

    def place(self) -> tuple[int, int]:
        """Line and column of the cursor, from 1, in code points."""
        cursor = self.textCursor()
        text = cursor.block().text()
        column = Positions(text).to_points(cursor.positionInBlock())
        return cursor.blockNumber() + 1, column + 1

    def go_to(self, start: int, end: int | None = None) -> None:
        """Put the cursor at a code point, select up to `end`, and show it."""
        where = Positions(self.text())
        cursor = self.textCursor()
        cursor.setPosition(self._held(where.to_units(start)))
        if end is not None:
            cursor.setPosition(self._held(where.to_units(end)), QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        self.centerCursor()

    def go_to_line(self, line: int, column: int = 1) -> None:
        """Put the cursor into a line, both from 1; past the end means the last one."""
        block = self.document().findBlockByNumber(min(line, self.blockCount()) - 1)
        points = min(column - 1, len(block.text()))
        cursor = QTextCursor(block)
        cursor.setPosition(block.position() + Positions(block.text()).to_units(points))
        self.setTextCursor(cursor)
        self.centerCursor()

    def select_line(self, number: int) -> None:
        """Select a whole line, counted from 0."""
        cursor = QTextCursor(self.document().findBlockByNumber(number))
        cursor.movePosition(QTextCursor.MoveOperation.NextBlock, QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def _held(self, unit: int) -> int:
        return max(0, min(unit, self.document().characterCount() - 1))

    # --- marks --------------------------------------------------------------------------------

    def set_marks(self, marks: MarkMap) -> None:
        """Show these findings; they belong to the text as it is now."""
        self._underlines.show(marks)

    def set_changes(self, changes: Mapping[int, LineChange]) -> None:
        """Show how lines (from 0) differ from what is deployed."""
        if changes != self._changes:
            self._changes = changes
            self.gutter.update()

    def heaviest_marks(self) -> Mapping[int, Mark]:
        """The heaviest finding of each line in view that has one, by the number of the line."""
        return self._underlines.heaviest()

    def line_message(self, number: int) -> str:
        """What the heaviest finding of a line in view says."""
        mark = self.heaviest_marks().get(number)
        return mark.message if mark is not None else ""

    def line_change(self, number: int) -> LineChange | None:
        """How a line differs from what is deployed."""
        return self._changes.get(number)

    def mark_at(self, position: int) -> Mark | None:
        """The finding at a document position."""
        return self._underlines.at(position)

    def set_found(self, places: Iterable[tuple[int, int]]) -> None:
        """Show where a searched text is, as document positions."""
        self._found = [self._selection(start, end) for start, end in places]
        self._show_selections()

    # --- lines in view ------------------------------------------------------------------------

    def visible_lines(self) -> list[tuple[QTextBlock, QRect]]:
        """Blocks in view, each with its place in the viewport."""
        first = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(first).translated(self.contentOffset()).top()
        revision = self.document().revision()
        seen = first.position(), top, self.viewport().size(), revision, self.folds.count
        # Several views ask for it at each key.
        if seen != self._seen:
            self._seen = seen
            self._lines = list(self._lines_from(first, top))
        return self._lines

    def _lines_from(self, block: QTextBlock, top: float) -> Iterator[tuple[QTextBlock, QRect]]:
        bottom, width = self.viewport().height(), self.viewport().width()
        while block.isValid() and top <= bottom:
            following = block.next()
            # A block out of sight has no height.
            height = self.blockBoundingRect(block).height()
            if height:
                # The last block's rectangle includes the document margin; its line does not.
                line = height if following.isValid() else block.layout().lineAt(0).height()
                yield block, QRect(0, round(top), width, round(line))
            top += height
            block = following

    def shows_current_line(self) -> bool:
        """The current line is tinted unless something is selected."""
        return not self.textCursor().hasSelection()

    def _visible_range(self) -> tuple[QTextBlock, int]:
        first = self.firstVisibleBlock()
        line = max(self.fontMetrics().height(), 8)
        return first, self.viewport().height() // line + 3

    # --- selections ---------------------------------------------------------------------------

    def _selection(self, start: int, end: int) -> QTextEdit.ExtraSelection:
        made = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._held(start))
        cursor.setPosition(self._held(end), QTextCursor.MoveMode.KeepAnchor)
        made.cursor = cursor
        made.format.setBackground(theme.palette().match)
        return made

    def _show_selections(self) -> None:
        shown = self._found + self._brackets
        if shown or self.extraSelections():
            self.setExtraSelections(shown)

    def _show_brackets(self) -> None:
        places = self._bracket_places(self.textCursor())
        self._brackets = [self._selection(place, place + 1) for place in places]
        self._show_selections()

    def _bracket_places(self, cursor: QTextCursor) -> tuple[int, ...]:
        document = self.document()
        at = cursor.position()
        for place in (at - 1, at):
            if place >= 0 and document.characterAt(place) in _BRACKETS:
                other = partner(document, place)
                if other is not None:
                    return place, other
        return ()

    # --- slots --------------------------------------------------------------------------------

    @Slot()
    def _on_block_count(self) -> None:
        self.setViewportMargins(self.gutter.wanted_width(), 0, 0, 0)
        self._place_gutter()

    @Slot(QRect, int)
    def _on_update_request(self, rect: QRect, dy: int) -> None:
        if dy:
            self.gutter.scroll(0, dy)
        else:
            self._update_beside(rect)

    def _update_beside(self, rect: QRect) -> None:
        """Have the gutter paint again beside this part of the viewport."""
        self.gutter.update(0, rect.y(), self.gutter.width(), rect.height())

    @Slot()
    def _on_cursor(self) -> None:
        self._brackets_later.ask()
        if self._brackets:
            self._brackets = []
            self._show_selections()
        self.place_changed.emit()

    @Slot(int, int, int)
    def _on_contents(self, position: int, removed: int, added: int) -> None:
        self._text = self._spliced(position, removed, added)
        if added != removed:
            self._underlines.move(position, added - removed)

    def _spliced(self, position: int, removed: int, added: int) -> str | None:
        """The text after a small change, from the one before it; None where it is read anew."""
        text, after = self._text, position + removed
        length = self.document().characterCount() - 1
        # Where both are plain, characters are the same as units. Qt may count the end of the text.
        if text is None or not text.isascii() or added > _MOST_SPLICED or after > len(text):
            return None
        if position + added > length or len(text) - removed + added != length:
            return None
        cursor = QTextCursor(self.document())
        cursor.setPosition(position)
        cursor.setPosition(position + added, QTextCursor.MoveMode.KeepAnchor)
        new = cursor.selectedText().replace("\u2029", "\n")
        return f"{text[:position]}{new}{text[after:]}" if new.isascii() else None

    @Slot()
    def _on_text_changed(self) -> None:
        # Places no longer fit; the next check brings new ones within a blink.
        self._found = []
        self.edited.emit()

    def _place_gutter(self) -> None:
        area = self.contentsRect()
        self.gutter.setGeometry(
            QRect(area.left(), area.top(), self.gutter.wanted_width(), area.height())
        )

    # --- overrides ----------------------------------------------------------------------------

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_gutter()
        self.highlighter.refresh()

    @virtual
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange) and hasattr(
            self, "highlighter"
        ):
            self.highlighter.restyle()
            self._show_brackets()

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), theme.palette().editor)
        self._current_line.paint(painter)
        painter.end()
        super().paintEvent(event)
        self.folds.paint(self.visible_lines())
        self._underlines.paint(event.rect())

    @virtual_value(fallback=False)
    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            self._tell_at(event)
            return True
        return super().event(event)

    def _tell_at(self, event: QEvent) -> None:
        help_event: QHelpEvent = event  # type: ignore[assignment]  # the type says which it is
        place = help_event.pos() - self.viewport().pos()
        mark = self.mark_at(self.cursorForPosition(place).position())
        if mark is None:
            QToolTip.hideText()
        else:
            QToolTip.showText(help_event.globalPos(), mark.message, self)

    @virtual
    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.pressed.emit()
        if not self._own_key(event) and not typing_aids.typed(self, event):
            super().keyPressEvent(event)

    def _own_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.left.emit()
        elif key == Qt.Key.Key_M and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self._tab_indents = not self._tab_indents
            self.setTabChangesFocus(not self._tab_indents)
        elif self.isReadOnly():
            return False
        elif key == Qt.Key.Key_Tab and self._tab_indents:
            keys.indent(self)
        elif key == Qt.Key.Key_Backtab and self._tab_indents:
            keys.outdent(self)
        elif key in _ENTER and event.modifiers() in _PLAIN:
            keys.new_line(self)
        else:
            return False
        return True

    @virtual_value(QSize(300, 200))
    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(240), theme.px(80))
