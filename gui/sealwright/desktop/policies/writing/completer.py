"""Completion while typing: opens by itself or by Ctrl+Space, is led by keys, is taken by Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, QRect, Qt, Slot
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QToolTip

from sealwright.desktop.turns import Later
from sealwright.desktop.virtual import virtual_value
from sealwright.desktop.widgets.editor.completion_popup import CompletionPopup
from sealwright.desktop.widgets.editor.positions import Positions

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.desktop.widgets.editor.code_editor import CodeEditor
    from sealwright.policy.writing.completion import Completion, Item

_PAGE = 8
_STEPS = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -_PAGE,
    Qt.Key.Key_PageDown: _PAGE,
}
_VALUE_WANTED = (", value==]", ", value=)")
"""What stands behind the claim of a condition, or of an action, that was chosen from the list."""
_GOES_ON = ("=", "=> ", "&& ")
"""Ends of entries behind which something has to follow."""
_TAKE = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
_ENDS_NAME = ('"', "\t")
_OPENS = frozenset('"[(.=!')
_CONTROL = Qt.KeyboardModifier.ControlModifier
_TURNS = 5
"""Of the Qt thread, which shall do one thing at a time: the text is painted and read first."""


class Completer(QObject):
    """Watches the keys of an editor.

    Nothing is chosen beforehand when the list opened by itself and no word was begun: then Enter
    breaks the line as ever. Where a value is missing no line is broken, and the first is chosen.
    """

    def __init__(
        self, editor: CodeEditor, complete: Callable[[str, int], Completion | None]
    ) -> None:
        super().__init__(editor)
        self._editor = editor
        self._complete = complete
        self._popup: CompletionPopup | None = None
        self._found: Completion | None = None
        self._typed = False
        self._misses_value = False
        self._next: Completion | None = None
        self._soon = Later(self, self._on_typed, _TURNS)
        self._open_soon = Later(self, self._open_next, 0)
        editor.installEventFilter(self)
        editor.edited.connect(self._on_edited)
        editor.place_changed.connect(self._on_moved)
        editor.verticalScrollBar().valueChanged.connect(self.close)

    @property
    def popup(self) -> CompletionPopup | None:
        """The list, when it is open."""
        popup = self._popup
        return popup if popup is not None and popup.isVisible() else None

    @Slot()
    def open(self) -> None:
        """Show what can be written here, with the first entry chosen."""
        found = self._look()
        if found is not None and self._offers(found):
            self._show(found, asked=True)
            return
        self.close()
        if found is not None:
            self._say_nothing()

    @Slot()
    def close(self) -> None:
        """Put the list away."""
        self._open_soon.stop()
        if self._popup is not None:
            self._popup.hide()

    # --- keys -----------------------------------------------------------------------------------

    @virtual_value(fallback=False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.FocusOut:
            self.close()
        elif isinstance(event, QKeyEvent) and kind == QEvent.Type.ShortcutOverride:
            if self.popup is not None and self._is_ours(event):
                event.accept()
        elif isinstance(event, QKeyEvent) and kind == QEvent.Type.KeyPress:
            return not self._editor.isReadOnly() and self._on_key(event)
        return False

    def _is_ours(self, event: QKeyEvent) -> bool:
        key = event.key()
        plain = event.modifiers() in {
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        }
        return plain and (key in _STEPS or key in _TAKE or key == Qt.Key.Key_Escape)

    def _on_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key == Qt.Key.Key_Space and event.modifiers() == _CONTROL:
            self.open()
            return True
        popup = self.popup
        if popup is not None and self._is_ours(event) and self._lead(popup, Qt.Key(key)):
            return True
        self._misses_value = False
        text = event.text()
        if text in _ENDS_NAME and not event.modifiers() & _CONTROL and self._go_to_value():
            return True
        erased = key == Qt.Key.Key_Backspace and popup is not None
        opens = bool(text) and (text.isalnum() or text in _OPENS or text in "-_")
        self._typed = erased or (opens and not event.modifiers() & _CONTROL)
        return False

    def _lead(self, popup: CompletionPopup, key: Qt.Key) -> bool:
        if key in _STEPS:
            popup.step(_STEPS[key])
            return True
        item = popup.chosen
        self.close()
        if key == Qt.Key.Key_Escape:
            return True
        if item is not None:
            self.take(item)
        return item is not None

    # --- following the text ---------------------------------------------------------------------

    @Slot()
    def _on_edited(self) -> None:
        self._open_soon.stop()
        if self._typed:
            self._soon.ask()
        else:
            self.close()

    @Slot()
    def _on_moved(self) -> None:
        if not self._typed:
            self.close()

    def _on_typed(self) -> None:
        self._typed = False
        found = self._next = self._look()
        if found is not None and self._offers(found) and not self._is_written(found):
            self._open_soon.ask()
        else:
            self.close()

    def _open_next(self) -> None:
        """What was found the turn before; the text is the same, or this would have been stopped."""
        if self._next is not None and self._editor.hasFocus():
            self._show(self._next, asked=self._misses_value)

    def _look(self) -> Completion | None:
        """What can be written at the cursor; None while claims are not known."""
        text = self._editor.text()
        offset = Positions(text).to_points(self._at())
        return self._complete(text, offset)

    def _offers(self, found: Completion) -> bool:
        return bool(found.items) and self._editor.hasFocus()

    def _say_nothing(self) -> None:
        words = self.tr("Nothing is offered here. Ctrl+I explains what stands at the cursor.")
        corner = self._editor.viewport().mapToGlobal(self._editor.cursorRect().bottomLeft())
        QToolTip.showText(corner, words, self._editor)

    def _word(self, found: Completion) -> str:
        text = self._editor.text()
        return text[found.span.start : Positions(text).to_points(self._at())]

    def _is_written(self, found: Completion) -> bool:
        return [item.label for item in found.items] == [self._word(found).strip('"')]

    def _at(self) -> int:
        return self._editor.textCursor().position()

    def _show(self, found: Completion, *, asked: bool) -> None:
        self._found = found
        popup = self._popup or self._make()
        popup.show_items(found.items, self._anchor(), choose=asked or bool(self._word(found)))

    def _make(self) -> CompletionPopup:
        popup = self._popup = CompletionPopup(self._editor.window())
        popup.list.clicked.connect(self._on_clicked)
        return popup

    def _anchor(self) -> QRect:
        cursor = self._editor.cursorRect()
        corner = self._editor.viewport().mapTo(self._editor.window(), cursor.topLeft())
        return QRect(corner, cursor.size())

    # --- taking ---------------------------------------------------------------------------------

    @Slot(QModelIndex)
    def _on_clicked(self, _index: QModelIndex) -> None:
        item = self._popup.chosen if self._popup is not None else None
        self.close()
        if item is not None:
            self.take(item)

    def take(self, item: Item) -> None:
        """Write an entry in place of the word that was begun, as one step."""
        if self._found is None:
            return
        span, where = self._found.span, Positions(self._editor.text())
        cursor = self._editor.textCursor()
        line = cursor.block().text()
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        caret = len(item.insert) if item.caret < 0 else item.caret
        before, after = (
            part.replace("\n", "\n" + indent) for part in (item.insert[:caret], item.insert[caret:])
        )
        cursor.beginEditBlock()
        cursor.setPosition(where.to_units(span.start))
        cursor.setPosition(where.to_units(span.end), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(before)
        place = cursor.position()
        cursor.insertText(after)
        cursor.endEditBlock()
        cursor.setPosition(place)
        self._editor.setTextCursor(cursor)
        wanted = self._misses_value = self._skip_to_value()
        self._editor.ensureCursorVisible()
        if after or wanted or before.endswith(_GOES_ON):
            self._soon.ask()

    def _go_to_value(self) -> bool:
        """End a claim that was typed by its quote or by Tab: its value is what is missing."""
        cursor = self._editor.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        if before.endswith(('"', " ")) or not self._skip_to_value('"'):
            return False
        self.close()
        self._misses_value = True
        self._soon.ask()
        return True

    def _skip_to_value(self, quote: str = "") -> bool:
        """Put the cursor where a value is missing; False when none is missing right here."""
        cursor = self._editor.textCursor()
        rest = cursor.block().text()[cursor.positionInBlock() :]
        for wanted in _VALUE_WANTED:
            if rest.startswith(quote + wanted) and not cursor.hasSelection():
                cursor.setPosition(cursor.position() + len(quote + wanted) - 1)
                self._editor.setTextCursor(cursor)
                return True
        return False
