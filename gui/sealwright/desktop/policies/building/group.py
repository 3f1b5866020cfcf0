"""Rows of one kind under a title, with the button that adds another one."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.policies.words import tr
from sealwright.desktop.theme import Role
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.labels import Label

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sealwright.desktop.policies.building.rows import ModelRow

MOST_ROWS = 60
"""Further rows of a long policy are counted, not shown."""


class Group(QWidget):
    """`changed` when its complete rows say something else. A row that was begun stays."""

    changed = Signal()

    def __init__(self, title: str, nothing: str, add: str, make: Callable[[], ModelRow]) -> None:
        super().__init__()
        self._make = make
        self._nothing = nothing
        self._pending: dict[ModelRow, object] = {}
        """What rows will say as soon as it is their turn."""
        self._coming: tuple[object, ...] = ()
        self._beyond: tuple[object, ...] = ()
        self._reason = ""
        self.setAccessibleName(title)
        self.rows: list[ModelRow] = []
        self._words = Label(nothing, role=Role.SMALL, color="text3", wrap=True)
        self.add = Button(add, icon="plus", kind=Kind.GHOST, small=True)
        self.add.clicked.connect(self._on_add)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        column.addWidget(Label(title, role=Role.SECTION, color="text2"))
        column.addWidget(self._words)
        self._column = QVBoxLayout()
        self._column.setSpacing(theme.px(4))
        column.addLayout(self._column)
        column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)

    @property
    def items(self) -> tuple[object, ...]:
        """What the rows say, or will; those that are not shown included."""
        found = (self._pending.get(row, row.item) for row in self.rows)
        return (*(item for item in found if item is not None), *self._coming, *self._beyond)

    def show_items(self, items: Sequence[object]) -> list[Callable[[], None]]:
        """Show what the text says, by these steps: each changes a row, or makes one."""
        shown, self._beyond = tuple(items[:MOST_ROWS]), tuple(items[MOST_ROWS:])
        complete = [row for row in self.rows if row.item is not None]
        for row in complete[len(shown) :]:
            self._drop(row)
        both = zip(complete, shown, strict=False)
        self._pending = {row: item for row, item in both if row.item != item}
        self._coming = shown[len(complete) :]
        self._tell()
        return self.left()

    def left(self) -> list[Callable[[], None]]:
        """What of these steps has not been done yet."""
        steps = [partial(self._show_pending, row) for row in self._pending]
        return [*steps, *[self._show_next] * len(self._coming)]

    def _show_pending(self, row: ModelRow) -> None:
        # The user may have changed the row since, or taken it away.
        item = self._pending.pop(row, None)
        if item is not None:
            row.show_item(item)

    def _show_next(self) -> None:
        item, *coming = self._coming
        self._coming = tuple(coming)
        self._new_row().show_item(item)

    def set_writable(self, reason: str) -> list[Callable[[], None]]:
        """Let rows be edited, or say why not; each of the steps does it for one of them."""
        self._reason = reason
        self.add.set_available(reason)
        others = [row for row in self.rows if row.reason != reason]
        return [partial(self._tell_writable, row) for row in others]

    def _tell_writable(self, row: ModelRow) -> None:
        # As above.
        if row in self.rows:
            row.set_writable(self._reason)

    def clear(self) -> None:
        """Forget every row, also what was only begun."""
        for row in list(self.rows):
            self._drop(row)
        self._coming = self._beyond = ()
        self._tell()

    def _new_row(self) -> ModelRow:
        row = self._make()
        row.set_writable(self._reason)
        row.changed.connect(partial(self._on_changed, row))
        row.removed.connect(self._on_removed)
        self.rows.append(row)
        self._column.addWidget(row)
        self._put_in_tab_order(row)
        return row

    def _put_in_tab_order(self, row: ModelRow) -> None:
        """Tab goes from row to row and then to the button; made late, it would come last of all."""
        before = self.add.previousInFocusChain()
        while before is not None and before.focusPolicy() == Qt.FocusPolicy.NoFocus:
            # Qt puts nothing after a widget that takes no focus.
            before = before.previousInFocusChain()
        stops = (row.name, row.choice, row.value, row.remove)
        for one, following in pairwise((before or self.add, *stops)):
            QWidget.setTabOrder(one, following)

    def _drop(self, row: ModelRow) -> None:
        self.rows.remove(row)
        self._pending.pop(row, None)
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()

    @Slot()
    def _on_add(self) -> None:
        row = self._new_row()
        self._tell()
        row.show()
        row.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_changed(self, row: ModelRow) -> None:
        self._pending.pop(row, None)
        self.changed.emit()

    @Slot(object)
    def _on_removed(self, row: ModelRow) -> None:
        said = row.item is not None
        place = self.rows.index(row)
        self._drop(row)
        left = self.rows[min(place, len(self.rows) - 1)].remove if self.rows else self.add
        left.setFocus(Qt.FocusReason.OtherFocusReason)
        self._tell()
        if said:
            self.changed.emit()

    def _tell(self) -> None:
        words = "" if self.rows or self._coming else self._nothing
        if self._beyond:
            words = tr("{0} more stand in the text").format(len(self._beyond))
        self._words.setText(words)
        self._words.setVisible(bool(words))
