"""The keyboard's focus: who shows its ring and when, and how keys move it along a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from sealwright.desktop.virtual import virtual

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PySide6.QtGui import QFocusEvent, QKeyEvent
    from PySide6.QtWidgets import QAbstractButton, QWidget

    _Base = QWidget
else:
    _Base = object

_BY_KEY = frozenset(
    {
        Qt.FocusReason.TabFocusReason,
        Qt.FocusReason.BacktabFocusReason,
        Qt.FocusReason.ShortcutFocusReason,
    }
)
_COMING_BACK = frozenset({Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason})
"""The window or a menu took the focus for a while: what was before holds on."""


class KeyboardRing(_Base):
    """Put before the Qt class among the bases: the property `ring` holds after focus by key.

    The style sheet shows it on buttons; who paints itself asks `keyboard_focus`.
    """

    @virtual
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() not in _COMING_BACK:
            _mark(self, ring=event.reason() in _BY_KEY)
        self.update()

    @virtual
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in _COMING_BACK:
            _mark(self, ring=False)
        self.update()


def keyboard_focus(widget: QWidget) -> bool:
    """Whether the focus is here and came by key."""
    return widget.hasFocus() and bool(widget.property("ring"))


def choose_neighbour(
    buttons: Sequence[QAbstractButton], event: QKeyEvent, steps: Mapping[Qt.Key, int]
) -> bool:
    """Let a key go from the button with the focus to another, and choose that one.

    False when the key goes nowhere.
    """
    step = steps.get(Qt.Key(event.key()), 0)
    at = next((n for n, button in enumerate(buttons) if button.hasFocus()), -1)
    if not step or at < 0 or not 0 <= at + step < len(buttons):
        return False
    button = buttons[at + step]
    button.setFocus(Qt.FocusReason.TabFocusReason)
    button.click()
    return True


def _mark(widget: QWidget, *, ring: bool) -> None:
    if bool(widget.property("ring")) != ring:
        widget.setProperty("ring", ring)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
