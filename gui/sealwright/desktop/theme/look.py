"""What is in force now: palette, scale, icon sources. One per process, as with QApplication."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QColor

from sealwright.desktop.theme.palette import LIGHT, Palette, Syntax, Tone

if TYPE_CHECKING:
    from collections.abc import Mapping


class Look:
    """The state behind `palette()`, `px()`, `font()` and `icon()`; changed by `Theme` only."""

    def __init__(self) -> None:
        self.palette: Palette = LIGHT
        self.scale = 1.0
        self.motion = True
        self.icons: Mapping[str, bytes] = {}


LOOK = Look()


def palette() -> Palette:
    """The colours in force; ask while painting, keep nothing of it."""
    return LOOK.palette


def color_of(token: str) -> QColor:
    """The colour of a token given as text: `text2`, `ok.mark`, `syntax.string`."""
    name, _, part = token.partition(".")
    if name == "syntax":
        return LOOK.palette.syntax[Syntax(part)]
    held: object = LOOK.palette.tones[Tone(name)] if part else LOOK.palette
    found = getattr(held, part or name)
    if not isinstance(found, QColor):
        raise TypeError(token)
    return found


def px(design: float) -> int:
    """A design length at 100 %, scaled with the system's text size, in logical pixels."""
    return round(design * LOOK.scale)


def motion() -> bool:
    """Whether the system allows animation."""
    return LOOK.motion
