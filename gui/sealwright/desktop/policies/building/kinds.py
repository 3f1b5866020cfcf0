"""The three kinds of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from sealwright.claims.catalogue import Direction
from sealwright.desktop.policies.building.rows import Known, ModelRow
from sealwright.desktop.policies.building.values import shown_value
from sealwright.desktop.policies.words import tr
from sealwright.policy.writing.builder import IssuedClaim, Requirement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtWidgets import QWidget

THERE = ""
COPY, FIXED = "copy", "fixed"


class RequirementRow(ModelRow):
    """Claim, operator, value."""

    def __init__(self, known: Known, parent: QWidget | None = None) -> None:
        super().__init__(known, tr("Take this condition away"), parent)
        self._issuer = ""
        for operator, words in (
            ("==", tr("is")),
            ("!=", tr("is not")),
            (">=", tr("is at least")),
            (">", tr("is above")),
            ("<=", tr("is at most")),
            ("<", tr("is below")),
            (THERE, tr("is there")),
        ):
            self.choice.addItem(words, operator)

    def read(self) -> Requirement | None:
        """What the fields say; None while something is missing."""
        claim, operator = self.name.text().strip(), str(self.choice.currentData())
        self.value.setVisible(operator != THERE)
        if not claim:
            return None
        if operator == THERE:
            return Requirement(claim, issuer=self._issuer)
        value = self.read_value()
        return None if value is None else Requirement(claim, operator, value, self._issuer)

    def fill(self, item: object) -> None:
        """Put a requirement into the fields."""
        wanted = cast("Requirement", item)
        self._issuer = wanted.issuer
        self.name.setText(wanted.claim)
        self.choice.setCurrentIndex(max(0, self.choice.findData(wanted.operator)))
        self.value.setText(shown_value(wanted.value))
        self.value.setVisible(wanted.operator != THERE)
        for field in (self.name, self.value):
            field.setCursorPosition(0)


class IssuedRow(ModelRow):
    """A claim of the token: a copy of another one, or a fixed value."""

    direction = Direction.OUTGOING

    def __init__(self, known: Known, parent: QWidget | None = None) -> None:
        super().__init__(known, tr("Issue this claim no more"), parent)
        self.choice.setAccessibleName(tr("Where its value comes from"))
        self.choice.addItem(tr("copy of"), COPY)
        self.choice.addItem(tr("always"), FIXED)
        self.value.setAccessibleName(tr("Claim or value"))
        self.value.setPlaceholderText(tr("Claim or value"))

    def read(self) -> IssuedClaim | None:
        """What the fields say; None while something is missing."""
        name, text = self.name.text().strip(), self.value.text().strip()
        if not name or not text:
            return None
        if self.choice.currentData() == COPY:
            return IssuedClaim(name, source=text)
        return IssuedClaim(name, value=self.read_value())

    def fill(self, item: object) -> None:
        """Put an issued claim into the fields."""
        issued = cast("IssuedClaim", item)
        self.name.setText(issued.name)
        self.choice.setCurrentIndex(self.choice.findData(COPY if issued.source else FIXED))
        self.value.setText(issued.source or shown_value(issued.value))
        for field in (self.name, self.value):
            field.setCursorPosition(0)

    def _fit(self) -> None:
        super()._fit()
        if self.choice.currentData() == COPY:
            self._offer(self.value, self._known.names(Direction.INCOMING))


class SettingRow(ModelRow):
    """A property of the service that the policy sets."""

    direction = Direction.CONFIGURATION

    def __init__(self, known: Known, parent: QWidget | None = None) -> None:
        super().__init__(known, tr("Leave this setting out"), parent)
        self.name.setAccessibleName(tr("Setting"))
        self.name.setPlaceholderText(tr("Name of the setting"))
        self.choice.addItem(tr("is"), "==")

    def read(self) -> tuple[str, object] | None:
        """What the fields say; None while something is missing."""
        name, value = self.name.text().strip(), self.read_value()
        return (name, value) if name and value is not None else None

    def fill(self, item: object) -> None:
        """Put a setting into the fields."""
        name, value = cast("tuple[str, str | int | bool]", item)
        self.name.setText(name)
        self.value.setText(shown_value(value))


ROWS: Final[Mapping[str, Callable[[Known], ModelRow]]] = {
    "requirement": RequirementRow,
    "issued": IssuedRow,
    "setting": SettingRow,
}
"""Rows by their kind."""
