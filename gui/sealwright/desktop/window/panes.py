"""What F6 and the window's keys reach: the panes of the window, or of the sheet over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from sealwright.desktop.widgets.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def go_on(window: QWidget, stops: Sequence[QWidget], step: int) -> None:
    """Give the focus to the next of the stops; while a sheet is open, to the next of its own."""
    sheet = _sheet_over(window)
    if sheet is not None:
        stops = sheet.panes()
    reachable = [stop for stop in stops if stop.isVisible()]
    if not reachable:
        return
    focus = QApplication.focusWidget()
    at = next((i for i, stop in enumerate(reachable) if _holds(stop, focus)), -1)
    reachable[(at + step) % len(reachable)].setFocus(Qt.FocusReason.ShortcutFocusReason)


def unless_covered(window: QWidget, run: Callable[[], None]) -> None:
    """Run what changes the window, unless a sheet lies over it."""
    if _sheet_over(window) is None:
        run()


def _sheet_over(window: QWidget) -> Sheet | None:
    """The sheet in front, if one is open."""
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    found = [each for each in window.findChildren(Sheet, options=direct) if each.isVisible()]
    return found[-1] if found else None


def _holds(stop: QWidget, focus: QWidget | None) -> bool:
    return focus is not None and (stop is focus or stop.isAncestorOf(focus))
