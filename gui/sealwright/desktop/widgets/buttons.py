"""Push and tool buttons; one that cannot be used says why, and focus shows for the keyboard."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QIcon
from PySide6.QtWidgets import (
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QToolButton,
)

from sealwright.desktop import theme
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.keyboard_ring import KeyboardRing

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent
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
_TEXT_COLORS = {
    Kind.PRIMARY: "on_accent",
    Kind.DANGER: "on_accent",
    Kind.GHOST: "text2",
    Kind.LINK: "accent_text",
    Kind.DANGER_OUTLINE: "err.text",
}
_GAP = 6
_WIDE = 12
_PADDING = {Kind.GHOST: 8, Kind.LINK: 2}
_ROLES = {Kind.PRIMARY: theme.Role.STRONG, Kind.DANGER: theme.Role.STRONG}


class Button(KeyboardRing, QPushButton):
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
        self._kind = kind
        self._small = small
        self._icon = icon
        self.setProperty("k", kind.value)
        self.setProperty("small", small)
        self.setFont(theme.font(_ROLES.get(kind, theme.Role.NAME)))
        self.setToolTip(tip)
        self.setAccessibleName(name or text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAutoDefault(False)
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

    @virtual_value(QSize(80, 30))
    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        words = metrics.size(int(Qt.TextFlag.TextShowMnemonic), self.text()).width()
        icon = 0 if self.icon().isNull() else self.iconSize().width()
        gap = theme.px(_GAP) if icon and self.text() else 0
        padding = theme.px(_PADDING.get(self._kind, _WIDE))
        height = theme.px(22 if self._kind is Kind.LINK else 28 if self._small else 30)
        return QSize(words + icon + gap + 2 * padding + 4, height)

    @virtual_value(QSize(40, 30))
    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        # The style puts icon and words too close together; the frame stays the style's.
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text, option.icon = "", QIcon()
        painter = QStylePainter(self)
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        self._paint_label(painter)

    def _paint_label(self, painter: QStylePainter) -> None:
        metrics = QFontMetrics(self.font())
        flags = int(Qt.TextFlag.TextShowMnemonic | Qt.AlignmentFlag.AlignVCenter)
        words = metrics.size(int(Qt.TextFlag.TextShowMnemonic), self.text()).width()
        icon = 0 if self.icon().isNull() else self.iconSize().width()
        gap = theme.px(_GAP) if icon and self.text() else 0
        left = max((self.width() - words - icon - gap) // 2, 2)
        mode = QIcon.Mode.Normal if self.isEnabled() else QIcon.Mode.Disabled
        if icon:
            box = QRect(left, (self.height() - icon) // 2, icon, icon)
            self.icon().paint(painter, box, Qt.AlignmentFlag.AlignCenter, mode)
        token = _TEXT_COLORS.get(self._kind, "text") if self.isEnabled() else "textoff"
        font = self.font()
        font.setUnderline(self._kind is Kind.LINK and self.underMouse())
        painter.setFont(font)
        painter.setPen(theme.color(token))
        rest = QRect(left + icon + gap, 0, self.width() - left - icon - gap, self.height())
        painter.drawText(rest, flags, self.text())


class ToolButton(KeyboardRing, QToolButton):
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


def _set_available(button: QAbstractButton, tip: str, reason: str) -> None:
    button.setEnabled(not reason)
    button.setToolTip(reason or tip)
    button.setStatusTip(reason or tip)
