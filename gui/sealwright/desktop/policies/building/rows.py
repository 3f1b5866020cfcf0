"""One line of the builder: a requirement, an issued claim or a setting in its fields."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCompleter, QGridLayout, QWidget

from sealwright.claims.catalogue import Direction
from sealwright.desktop import theme
from sealwright.desktop.policies.building.values import (
    ValueProblemError,
    read_value,
)
from sealwright.desktop.policies.words import tr
from sealwright.desktop.widgets.buttons import ToolButton
from sealwright.desktop.widgets.fields import ComboBox, LineEdit, set_invalid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.claims.catalogue import Catalogue, ClaimEntry
    from sealwright.claims.claim import ClaimValue


class Known:
    """What the fields offer and check against: the catalogue, for one attestation type."""

    def __init__(self, catalogue: Catalogue, kind: AttestationType | None) -> None:
        self._catalogue = catalogue
        self.kind = kind

    def names(self, direction: Direction) -> list[str]:
        """Claims of that kind that the attestation type knows, newer names only."""
        found = (
            entry.name
            for entry in self._catalogue.entries
            if direction in entry.directions
            and not entry.deprecated
            and (self.kind is None or self.kind in entry.types)
        )
        return list(dict.fromkeys(found))

    def entry(self, name: str, direction: Direction) -> ClaimEntry | None:
        """The catalogue's row of a name."""
        return self._catalogue.find(name, direction)

    def values(self, name: str, direction: Direction) -> list[str]:
        """Values that a claim is known to take."""
        entry = self.entry(name, direction)
        if entry is None:
            return []
        if entry.value_class is bool:
            return ["true", "false"]
        return list(entry.values)


class ModelRow(QWidget):
    """Fields in two lines with a button that takes the row away.

    `changed` when what it says may be another thing; `removed` when the user wants it gone.
    """

    changed = Signal()
    removed = Signal(object)
    """ModelRow"""

    direction = Direction.INCOMING

    def __init__(self, known: Known, what: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._known = known
        self._item: object = None
        self.reason = ""
        """Why nothing can be changed; empty when it can."""
        self.name = LineEdit(tr("Claim"), placeholder=tr("Name of the claim"), mono=True)
        self._offer(self.name, known.names(self.direction))
        self.choice = ComboBox(tr("Comparison"))
        self.choice.view().setAccessibleName(tr("Comparison"))
        self.value = LineEdit(tr("Value"), mono=True)
        self.remove = ToolButton("trash", what, size=28)
        self.remove.clicked.connect(self._on_remove)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, theme.px(4))
        grid.setHorizontalSpacing(theme.px(6))
        grid.setVerticalSpacing(theme.px(4))
        grid.addWidget(self.name, 0, 0, 1, 2)
        grid.addWidget(self.remove, 0, 2)
        grid.addWidget(self.choice, 1, 0)
        grid.addWidget(self.value, 1, 1, 1, 2)
        grid.setColumnStretch(1, 1)
        self.name.editingFinished.connect(self._on_name)
        self.value.editingFinished.connect(self._on_change)
        self.choice.activated.connect(self._on_change)

    @abstractmethod
    def read(self) -> object:
        """What the fields say; None while something is missing.

        Raises:
            ValueProblemError: the value is of another type than the claim.
        """

    @abstractmethod
    def fill(self, item: object) -> None:
        """Put something into the fields."""

    @property
    def item(self) -> object:
        """What the row last said completely; None when it never did."""
        return self._item

    def show_item(self, item: object) -> None:
        """Show what the text says; nothing is touched when the row says it already."""
        if item != self._item:
            self._item = item
            self.fill(item)
            self._tell_problem("")
            self._fit()

    def set_writable(self, reason: str) -> None:
        """Let the fields be edited, or say why not."""
        self.reason = reason
        for field in (self.name, self.value):
            if field.isReadOnly() != bool(reason):
                field.setReadOnly(bool(reason))
                # The sheet looks at a property only when a widget is polished.
                field.style().unpolish(field)
                field.style().polish(field)
            field.setToolTip(reason)
        self.choice.setEnabled(not reason)
        self.choice.setToolTip(reason)
        self.remove.set_available(reason)

    def entry(self) -> ClaimEntry | None:
        """What the catalogue knows about the claim of the row."""
        return self._known.entry(self.name.text().strip(), self.direction)

    def read_value(self) -> ClaimValue | None:
        """The value in its field; None while there is none."""
        text = self.value.text().strip()
        return read_value(text, self.entry()) if text else None

    @Slot()
    def _on_name(self) -> None:
        self._fit()
        self._on_change()

    @Slot()
    def _on_change(self, _index: object = None) -> None:
        self._fit()
        try:
            item = self.read()
        except ValueProblemError as problem:
            self._tell_problem(str(problem))
            return
        self._tell_problem("")
        if item is not None and item != self._item:
            self._item = item
            self.changed.emit()

    def _fit(self) -> None:
        name = self.name.text().strip()
        entry = self.entry()
        self.name.setToolTip(entry.description if entry is not None else "")
        self._offer(self.value, self._known.values(name, self.direction))

    def _tell_problem(self, words: str) -> None:
        set_invalid(self.value, invalid=bool(words))
        self.value.setToolTip(words)
        self.value.setAccessibleDescription(words)

    def _offer(self, field: LineEdit, words: Iterable[str]) -> None:
        offered = list(words)
        before = field.completer()
        if before is not None:
            if before.property("words") == offered:
                return
            before.deleteLater()
        made = QCompleter(offered, field)
        made.setProperty("words", offered)
        made.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        made.setFilterMode(Qt.MatchFlag.MatchContains)
        popup = made.popup()
        if popup is not None:
            popup.setProperty("k", "offer")
            popup.setFont(field.font())
            popup.setAccessibleName(tr("Known values of {0}").format(field.accessibleName()))
        field.setCompleter(made)

    @Slot()
    def _on_remove(self) -> None:
        self.removed.emit(self)
