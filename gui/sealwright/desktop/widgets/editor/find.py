"""The find bar under an editor: find, replace, replace all, case, whole words."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.buttons import Button, Kind, ToolButton
from sealwright.desktop.widgets.editor.positions import Positions
from sealwright.desktop.widgets.fields import CheckBox, LineEdit
from sealwright.desktop.widgets.labels import ElidingLabel

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QKeyEvent

    from sealwright.desktop.widgets.editor.code_editor import CodeEditor

MOST_SHOWN = 1_000
"""Places marked in the text; the count goes on."""


class FindBar(QFrame):
    """Searches an editor while one types; Enter goes on, Shift+Enter back, Esc closes."""

    closed = Signal()

    def __init__(self, editor: CodeEditor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._places: list[tuple[int, int]] = []
        self.setProperty("k", "raised")
        self.setAccessibleName(self.tr("Find and replace"))
        self.find_field = LineEdit(
            self.tr("Find"), placeholder=self.tr("Find"), icon="search", mono=True
        )
        self.replace_field = LineEdit(
            self.tr("Replace with"), placeholder=self.tr("Replace with"), mono=True
        )
        self.case = CheckBox(self.tr("Match case"))
        self.words = CheckBox(self.tr("Whole words"))
        self.count = ElidingLabel(role=theme.Role.SMALL, color="text3")
        self.previous = ToolButton("up", self.tr("Previous"), tip=self.tr("Previous (Shift+F3)"))
        self.next = ToolButton("down", self.tr("Next"), tip=self.tr("Next (F3)"))
        self.replace_one = Button(self.tr("Replace"), small=True)
        self.replace_all = Button(self.tr("Replace all"), small=True, kind=Kind.GHOST)
        self.close_button = ToolButton("close", self.tr("Close find"), tip=self.tr("Close (Esc)"))
        self._lay_out()
        self._connect()
        self.hide()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.px(12), theme.px(6), theme.px(8), theme.px(6))
        grid.setSpacing(theme.px(8))
        grid.addWidget(self.find_field, 0, 0)
        finders = QHBoxLayout()
        finders.setSpacing(theme.px(8))
        for widget in (self.previous, self.next, self.case, self.words):
            finders.addWidget(widget)
        finders.addWidget(self.count, 1)
        grid.addLayout(finders, 0, 1)
        grid.addWidget(self.close_button, 0, 2)
        grid.addWidget(self.replace_field, 1, 0)
        self._replacers = QWidget()
        replacers = QHBoxLayout(self._replacers)
        replacers.setContentsMargins(0, 0, 0, 0)
        replacers.setSpacing(theme.px(8))
        replacers.addWidget(self.replace_one)
        replacers.addWidget(self.replace_all)
        replacers.addStretch(1)
        grid.addWidget(self._replacers, 1, 1)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(1, 3)

    def _connect(self) -> None:
        self.find_field.textChanged.connect(self._on_query)
        self.case.toggled.connect(self._on_query)
        self.words.toggled.connect(self._on_query)
        self.next.clicked.connect(self.find_next)
        self.previous.clicked.connect(self.find_previous)
        self.replace_one.clicked.connect(self._on_replace)
        self.replace_all.clicked.connect(self._on_replace_all)
        self.close_button.clicked.connect(self.dismiss)
        self._editor.edited.connect(self._on_edited)

    def open_bar(self, *, replacing: bool = False) -> None:
        """Show with what is selected as the text to find."""
        selected = self._editor.textCursor().selectedText()
        if selected and "\u2029" not in selected:
            self.find_field.setText(selected)
        writable = not self._editor.isReadOnly()
        self.replace_field.setVisible(replacing and writable)
        self._replacers.setVisible(replacing and writable)
        self.show()
        self.find_field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.find_field.selectAll()
        self._search()

    @Slot()
    def dismiss(self) -> None:
        """Close and go back to the text."""
        self.hide()
        self._editor.set_found(())
        self._editor.setFocus(Qt.FocusReason.OtherFocusReason)
        self.closed.emit()

    @Slot()
    def find_next(self) -> None:
        """Go to the next place, from the end on to the first."""
        at = self._editor.textCursor().selectionEnd()
        self._show(next((p for p in self._places if p[0] >= at), None), first=True)

    @Slot()
    def find_previous(self) -> None:
        """Go to the place before, from the start on to the last."""
        at = self._editor.textCursor().selectionStart()
        found = [place for place in self._places if place[1] <= at]
        self._show(found[-1] if found else None, first=False)

    def calls(self) -> dict[str, Callable[[], object]]:
        """What keys and buttons can start, by name."""
        return {
            "find": self.open_bar,
            "replace": partial(self.open_bar, replacing=True),
            "find-next": self.find_next,
            "find-previous": self.find_previous,
        }

    def _pattern(self) -> re.Pattern[str] | None:
        query = self.find_field.text()
        if not query:
            return None
        escaped = re.escape(query)
        if self.words.isChecked():
            escaped = rf"\b{escaped}\b"
        return re.compile(escaped, re.NOFLAG if self.case.isChecked() else re.IGNORECASE)

    def _search(self) -> None:
        pattern = self._pattern()
        text = self._editor.text()
        where = Positions(text)
        found = pattern.finditer(text) if pattern is not None else ()
        self._places = [
            (where.to_units(match.start()), where.to_units(match.end())) for match in found
        ]
        self._editor.set_found(self._places[:MOST_SHOWN])
        self._tell()

    def _tell(self) -> None:
        if not self.find_field.text():
            self.count.setText("")
            return
        cursor = self._editor.textCursor()
        here = (cursor.selectionStart(), cursor.selectionEnd())
        total = len(self._places)
        if not total:
            self.count.setText(self.tr("Not found"))
        elif here in self._places:
            number = self._places.index(here) + 1
            self.count.setText(self.tr("{0} of {1}").format(number, total))
        else:
            self.count.setText(self.tr("{0} found").format(total))

    def _show(self, place: tuple[int, int] | None, *, first: bool) -> None:
        if place is None and self._places:
            place = self._places[0 if first else -1]
        if place is not None:
            cursor = self._editor.textCursor()
            cursor.setPosition(place[0])
            cursor.setPosition(place[1], QTextCursor.MoveMode.KeepAnchor)
            self._editor.setTextCursor(cursor)
            self._editor.ensureCursorVisible()
        self._tell()

    @Slot()
    def _on_query(self) -> None:
        self._search()
        cursor = self._editor.textCursor()
        at = cursor.selectionStart()
        self._show(next((p for p in self._places if p[0] >= at), None), first=True)

    @Slot()
    def _on_edited(self) -> None:
        if self.isVisible():
            self._search()

    @Slot()
    def _on_replace(self) -> None:
        cursor = self._editor.textCursor()
        here = (cursor.selectionStart(), cursor.selectionEnd())
        if here in self._places:
            cursor.insertText(self.replace_field.text())
        self.find_next()

    @Slot()
    def _on_replace_all(self) -> None:
        pattern = self._pattern()
        if pattern is None:
            return
        replacement = self.replace_field.text()
        changed, count = pattern.subn(lambda _match: replacement, self._editor.text())
        if count:
            # Qt moves the cursor of each place that is shown at every line that is replaced.
            self._editor.set_found(())
            self._editor.replace_text(changed)
        self.count.setText(self.tr("{0} replaced").format(count))

    @virtual
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.dismiss()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F3):
            back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            if self.replace_field.hasFocus() and key != Qt.Key.Key_F3:
                self._on_replace()
            elif back:
                self.find_previous()
            else:
                self.find_next()
        else:
            super().keyPressEvent(event)
