"""Puts a theme on the application and follows the desktop while it runs."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QStyleFactory

from sealwright.desktop.theme import fonts, icons
from sealwright.desktop.theme.look import LOOK
from sealwright.desktop.theme.palette import DARK, LIGHT, Palette, Tone
from sealwright.desktop.theme.stylesheet import style_sheet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtWidgets import QApplication


class Choice(StrEnum):
    """What the user chose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


_SCHEMES = {
    Choice.SYSTEM: Qt.ColorScheme.Unknown,
    Choice.LIGHT: Qt.ColorScheme.Light,
    Choice.DARK: Qt.ColorScheme.Dark,
}


class Theme(QObject):
    """The one theme of the application. `changed` follows every new look.

    Args:
        app: the application, before its first window.
        icon_sources: SVG files by name, without the suffix.
        parent: usually the application.
    """

    changed = Signal()

    def __init__(
        self,
        app: QApplication,
        icon_sources: Mapping[str, bytes],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent if parent is not None else app)
        self._app = app
        self._choice = Choice.SYSTEM
        self._system = app.styleHints().colorScheme()
        LOOK.icons = icon_sources
        LOOK.scale = fonts.system_scale()
        app.setStyle(QStyleFactory.create("Fusion"))
        hints = app.styleHints()
        hints.colorSchemeChanged.connect(self._on_scheme)
        self._apply()

    @property
    def choice(self) -> Choice:
        """System, light or dark, as chosen."""
        return self._choice

    def choose(self, choice: Choice) -> None:
        """Follow the system, or hold light or dark."""
        self._choice = choice
        hints = self._app.styleHints()
        hints.setColorScheme(_SCHEMES[choice])
        if choice is Choice.SYSTEM:
            self._system = hints.colorScheme()
        self._apply()

    @Slot(Qt.ColorScheme)
    def _on_scheme(self, scheme: Qt.ColorScheme) -> None:
        self._system = scheme
        if self._choice is Choice.SYSTEM:
            self._apply()

    def _apply(self) -> None:
        colors = self._palette()
        LOOK.palette = colors
        fonts.forget()
        icons.forget()
        body = fonts.font(fonts.Role.BODY)
        if self._app.font() != body:
            self._app.setFont(body)
        sheet = style_sheet(colors)
        if sheet == self._app.styleSheet():
            return
        # A sheet that takes the place of another is put on every widget once for each widget above
        # it, too; without one in between, on each widget once: 0.15 s for a filled window, not 0.7.
        self._app.setStyleSheet("")
        self._app.setPalette(qt_palette(colors))
        self._app.setStyleSheet(sheet)
        self.changed.emit()

    def _palette(self) -> Palette:
        if self._choice == Choice.SYSTEM:
            return DARK if self._system == Qt.ColorScheme.Dark else LIGHT
        return DARK if self._choice == Choice.DARK else LIGHT


def qt_palette(colors: Palette) -> QPalette:
    """The same colours in Qt's roles."""
    role = QPalette.ColorRole
    made = QPalette()
    for key, color in {
        role.Window: colors.canvas,
        role.WindowText: colors.text,
        role.Base: colors.surface,
        role.AlternateBase: colors.raised,
        role.Text: colors.text,
        role.Button: colors.raised if colors.dark else colors.surface,
        role.ButtonText: colors.text,
        role.Highlight: colors.accent,
        role.HighlightedText: colors.on_accent,
        role.Accent: colors.accent,
        role.PlaceholderText: colors.text3,
        role.Link: colors.accent_text,
        role.LinkVisited: colors.accent_text,
        role.ToolTipBase: colors.tip,
        role.ToolTipText: colors.tip_text,
        role.BrightText: colors.tone(Tone.ERR).text,
        role.Light: colors.surface,
        role.Midlight: colors.border,
        role.Mid: colors.border2,
        role.Dark: colors.edge,
        role.Shadow: QColor(0, 0, 0),
    }.items():
        made.setColor(key, color)
    off = QPalette.ColorGroup.Disabled
    for key in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(off, key, colors.textoff)
    made.setColor(off, role.Highlight, colors.border2)
    idle = QPalette.ColorGroup.Inactive
    made.setColor(idle, role.Highlight, colors.tone(Tone.NEU).ground)
    made.setColor(idle, role.HighlightedText, colors.text)
    return made
