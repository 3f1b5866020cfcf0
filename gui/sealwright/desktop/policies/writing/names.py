"""Where a name comes from and where it is used; another name for it everywhere."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, Qt, Slot
from PySide6.QtWidgets import QMenu, QToolTip, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.editor.edits import apply_edits
from sealwright.desktop.widgets.editor.positions import Positions
from sealwright.desktop.widgets.fields import LineEdit, set_invalid
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.surfaces import HoverCard

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QKeyEvent

    from sealwright.desktop.widgets.editor.code_editor import CodeEditor
    from sealwright.policy.source import Span
    from sealwright.policy.writing.references import References

_MOST_PLACES = 40
_MOST_WORDS = 80


class _RenameCard(HoverCard):
    """One field; Enter takes the name, Esc leaves everything as it was."""

    def __init__(
        self, window: QWidget, name: str, take: Callable[[str], bool], back: Callable[[], object]
    ) -> None:
        super().__init__(window)
        self.setAccessibleName(self.tr("Rename"))
        self._take, self._back = take, back
        self.field = LineEdit(self.tr("New name"), mono=True)
        self.field.setText(name)
        self.field.selectAll()
        hint = self.tr("Letters, digits and _. Enter renames it in the whole rule, Esc does not.")
        self.body.addWidget(self.field)
        self.body.addWidget(Label(hint, role=Role.SMALL, color="text3", wrap=True))

    @virtual
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._back()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not self._take(self.field.text()):
                set_invalid(self.field, invalid=True)
        else:
            super().keyPressEvent(event)


class Names(QObject):
    """What F12, Shift+F12 and F2 do. `look(text, offset)` finds the name at a place."""

    def __init__(
        self,
        editor: CodeEditor,
        look: Callable[[str, int], References | None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._look = look
        self.uses_menu = QMenu(editor)
        self.rename_card: _RenameCard | None = None

    @Slot()
    def go_to_definition(self) -> None:
        """Go where the name is declared, or where a rule makes the claim."""
        found = self._here()
        if found is None:
            return
        if found.definitions:
            self._go(found.definitions[0])
        else:
            self._tell(self.tr("No rule here makes {0}").format(found.name))

    @Slot()
    def find_uses(self) -> None:
        """List every place of the name; choosing one goes there."""
        found = self._here()
        if found is None:
            return
        self.uses_menu.clear()
        text = self._editor.text()
        for span in found.all[:_MOST_PLACES]:
            number = text.count("\n", 0, span.start) + 1
            line = self._editor.document().findBlockByNumber(number - 1).text().strip()
            words = self.tr("Line {0}: {1}").format(number, line[:_MOST_WORDS].replace("&", "&&"))
            entry = self.uses_menu.addAction(words)
            entry.triggered.connect(partial(self._go, span))
        self.uses_menu.setActiveAction(self.uses_menu.actions()[0])
        corner = self._editor.cursorRect().bottomLeft()
        self.uses_menu.popup(self._editor.viewport().mapToGlobal(corner))

    @Slot()
    def rename(self) -> None:
        """Ask for another name of the claim identifier at the cursor."""
        if self._editor.isReadOnly():
            return
        found = self._here()
        if found is None:
            return
        if found.kind.value != "identifier":
            self._tell(
                self.tr("{0} is a claim; only identifiers can be renamed").format(found.name)
            )
            return
        card = _RenameCard(
            self._editor.window(), found.name, partial(self._take, found), self.close
        )
        self.close()
        self.rename_card = card
        place = self._editor.cursorRect()
        corner = self._editor.viewport().mapTo(self._editor.window(), place.topLeft())
        card.body.activate()
        card.open_at(QRect(corner, place.size()))
        card.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def close(self) -> None:
        """Put the field away and go on in the text."""
        card, self.rename_card = self.rename_card, None
        if card is not None:
            card.hide()
            card.deleteLater()
            self._editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take(self, found: References, name: str) -> bool:
        from sealwright.policy.writing.references import rename  # noqa: PLC0415 - after the first paint

        fix = rename(found, name)
        if fix is None or self._here() != found:
            return False
        self.close()
        if name != found.name:
            apply_edits(self._editor, self._editor.text(), fix.edits)
        return True

    def _here(self) -> References | None:
        text = self._editor.text()
        cursor = self._editor.textCursor()
        found = self._look(text, Positions(text).to_points(cursor.selectionStart()))
        if found is None:
            self._tell(self.tr("There is no name of a claim or identifier at the cursor"))
        return found

    def _go(self, span: Span, _checked: object = None) -> None:
        self._editor.go_to(span.start, span.end)
        self._editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _tell(self, text: str) -> None:
        corner = self._editor.cursorRect().bottomLeft()
        place = self._editor.viewport().mapToGlobal(corner)
        place.setY(place.y() + theme.px(4))
        QToolTip.showText(place, text, self._editor)
