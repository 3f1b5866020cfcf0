"""The look of the application: colours, type, lengths and icons, all by name."""

from __future__ import annotations

from sealwright.desktop.theme.application import Choice, Theme
from sealwright.desktop.theme.fonts import Line, Role, font, line, one_line
from sealwright.desktop.theme.icons import icon, paint, pixmap
from sealwright.desktop.theme.look import color_of as color
from sealwright.desktop.theme.look import motion, palette, px
from sealwright.desktop.theme.palette import Palette, Syntax, Tone, ToneColors

__all__ = [
    "Choice",
    "Line",
    "Palette",
    "Role",
    "Syntax",
    "Theme",
    "Tone",
    "ToneColors",
    "color",
    "font",
    "icon",
    "line",
    "motion",
    "one_line",
    "paint",
    "palette",
    "pixmap",
    "px",
]
