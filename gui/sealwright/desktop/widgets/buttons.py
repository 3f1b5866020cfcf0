"""Push and tool buttons; one that cannot be used says why, and focus shows for the keyboard."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QPushButton, QSizePolicy, QToolButton

from sealwright.desktop import theme
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.painting import KEY_REASONS, mark_focus

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent
    from PySide6.QtWidgets import QAbstractButton, QWidget


class Kind(StrEnum):
    """What a push button is for; at most one primary in a panel, danger in a confirmation only."""

    SECONDARY = ""
    PRIMARY = "primary"
    GHOST = "ghost"
    DANGER = "danger"
    DANGER_OUTLINE = "danger-outline"
    LINK = "link"


_ICON_COLORS = {
    Kind.SECONDARY: "text2",
    Kind.PRIMARY: "on_accent",
    Kind.GHOST: "text2",
    Kind.DANGER: "on_accent",
    Kind.DANGER_OUTLINE: "err.text",
    Kind.LINK: "accent_text",
}
_ROLES = {Kind.PRIMARY: theme.Role.STRONG, Kind.DANGER: theme.Role.STRONG}


class Button(QPushButton):
    """A push button with words.

    Args:
        text: a verb first.
        icon: name from the icon set, or empty.
        kind: see `Kind`.
        tip: tooltip while it can be used.
        name: accessible name when the words alone do not say it.
        small: 28 instead of 30 high.
        parent: owner.
    """

    def __init__(
        self,
        text: str,
        *,
        icon: str = "",
        kind: Kind = Kind.SECONDARY,
        tip: str = "",
        name: str = "",
        small: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._tip = tip
        self._icon = icon
        self.setProperty("k", kind.value)
        self.setProperty("small", small)
        self.setFont(theme.font(_ROLES.get(kind, theme.Role.NAME)))
        self.setToolTip(tip)
        self.setAccessibleName(name or text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAutoDefault(False)
        self._kind = kind
        if icon:
            self.set_icon(icon)
        if kind == Kind.LINK:
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_icon(self, name: str) -> None:
        """Another icon, in the colour of the kind."""
        self._icon = name
        self.setIconSize(QSize(theme.px(16), theme.px(16)))
        self.setIcon(theme.icon(name, _ICON_COLORS[self._kind]) if name else QIcon())

    def set_kind(self, kind: Kind) -> None:
        """Another weight, such as primary for the step that comes next."""
        self._kind = kind
        self.setProperty("k", kind.value)
        self.setFont(theme.font(_ROLES.get(kind, theme.Role.NAME)))
        self.set_icon(self._icon)
        self.style().unpolish(self)
        self.style().polish(self)

    def set_available(self, reason: str = "") -> None:
        """Enabled without a reason; with one disabled, and the tooltip says it."""
        _set_available(self, self._tip, reason)

    @virtual
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        mark_focus(self, ring=event.reason() in KEY_REASONS)

    @virtual
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        mark_focus(self, ring=False)


class ToolButton(QToolButton):
    """A button with an icon alone: close, copy, more, refresh, menu, bell and editor tools."""

    def __init__(
        self,
        icon: str,
        name: str,
        *,
        tip: str = "",
        size: int = 28,
        icon_size: int = 16,
        color: str = "text2",
        checkable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tip = tip or name
        self._color = color
        self.setIcon(theme.icon(icon, color))
        self.setIconSize(QSize(theme.px(icon_size), theme.px(icon_size)))
        self.setFixedSize(theme.px(size), theme.px(size))
        self.setAccessibleName(name)
        self.setToolTip(self._tip)
        self.setCheckable(checkable)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def set_icon(self, name: str) -> None:
        """Another icon in the same colour."""
        self.setIcon(theme.icon(name, self._color))

    def set_available(self, reason: str = "") -> None:
        """Enabled without a reason; with one disabled, and the tooltip says it."""
        _set_available(self, self._tip, reason)

    @virtual
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        mark_focus(self, ring=event.reason() in KEY_REASONS)

    @virtual
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        mark_focus(self, ring=False)


def _set_available(button: QAbstractButton, tip: str, reason: str) -> None:
    button.setEnabled(not reason)
    button.setToolTip(reason or tip)
    button.setStatusTip(reason or tip)
