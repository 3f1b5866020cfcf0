"""Controls as assistive technology sees them, with their places on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QWidget

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
    """All controls that can be seen now, window by window, in the order they are read.

    What lies under a sheet or is scrolled away is not seen.
    """
    # Views tell their accessible children of changes only while somebody listens.
    QAccessible.setActive(True)
    found: list[Spot] = []
    for window in QApplication.topLevelWidgets():
        if window.isVisible():
            root = QAccessible.queryAccessibleInterface(window)
            found += [spot for node, holder in _walk(root, window) if (spot := _seen(node, holder))]
    return tuple(found)


def widget_under(place: QPoint) -> QWidget | None:
    """The widget in front at a place; also off the screen, which off-screen is a small one."""
    popup = QApplication.activePopupWidget()
    windows = [window for window in QApplication.topLevelWidgets() if window.isVisible()]
    for window in ([popup] if popup else []) + windows:
        local = window.mapFromGlobal(place)
        if window.rect().contains(local):
            return window.childAt(local) or window
    return None


def _walk(
    node: QAccessibleInterface, holder: QWidget, depth: int = 0
) -> Iterator[tuple[QAccessibleInterface, QWidget]]:
    """Every node below, each with the widget that paints it."""
    if not node.isValid() or depth > _DEEPEST:
        return
    thing = node.object()
    holder = thing if isinstance(thing, QWidget) else holder
    yield node, holder
    for index in range(min(node.childCount(), _LONGEST)):
        child = node.child(index)
        if not child.state().invisible:
            yield from _walk(child, holder, depth + 1)


def _seen(node: QAccessibleInterface, holder: QWidget) -> Spot | None:
    spot = _spot(node)
    if spot.width <= 0 or spot.height <= 0:
        return None
    front = widget_under(QPoint(*spot.centre))
    related = front is holder or (
        front is not None and (holder.isAncestorOf(front) or front.isAncestorOf(holder))
    )
    return spot if related else None


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
