"""Controls as assistive technology sees them, with their places on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtGui import QAccessibleInterface

# Deeper trees and longer lists than the window has; a guard against loops.
_DEEPEST: Final = 40
_LONGEST: Final = 500


@dataclass(frozen=True, slots=True)
class Spot:
    """One visible control. The place is in pixels of the screen."""

    name: str
    role: str
    """A name of `QAccessible.Role`."""
    value: str
    x: int
    y: int
    width: int
    height: int
    enabled: bool
    focused: bool
    checked: bool

    @property
    def centre(self) -> tuple[int, int]:
        """Where a person would click."""
        return self.x + self.width // 2, self.y + self.height // 2

    def is_called(self, name: str, role: str) -> bool:
        """Whether it has that name (`…` at the end stands for any end) and role, if given."""
        if role and self.role != role:
            return False
        if name.endswith("…") and self.name != name:
            return self.name.startswith(name[:-1])
        return not name or self.name == name


def visible_spots() -> tuple[Spot, ...]:
    """All controls that can be seen now, window by window, in the order they are read."""
    found: list[Spot] = []
    for window in QApplication.topLevelWidgets():
        if window.isVisible():
            root = QAccessible.queryAccessibleInterface(window)
            found += [_spot(node) for node in _walk(root)]
    return tuple(spot for spot in found if spot.width > 0 and spot.height > 0)


def _walk(node: QAccessibleInterface, depth: int = 0) -> Iterator[QAccessibleInterface]:
    if not node.isValid() or depth > _DEEPEST:
        return
    yield node
    for index in range(min(node.childCount(), _LONGEST)):
        child = node.child(index)
        if not child.state().invisible:
            yield from _walk(child, depth + 1)


def _spot(node: QAccessibleInterface) -> Spot:
    place, state = node.rect(), node.state()
    return Spot(
        name=node.text(QAccessible.Text.Name),
        role=node.role().name,
        value=node.text(QAccessible.Text.Value),
        x=place.x(),
        y=place.y(),
        width=place.width(),
        height=place.height(),
        enabled=not state.disabled,
        focused=bool(state.focused),
        checked=bool(state.checked),
    )
