"""Type roles. Sizes scale with the system font; weights are a nicety, never the only difference."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QFontMetrics, QStaticText
from PySide6.QtWidgets import QApplication

from sealwright.desktop.theme.look import px
from sealwright.legible import legible

_MONO = (
    "JetBrains Mono",
    "Cascadia Mono",
    "Consolas",
    "SF Mono",
    "Menlo",
    "DejaVu Sans Mono",
    "Noto Sans Mono",
    "Liberation Mono",
)
BODY_PX = 13
_WIDEST = 2_000
"""Characters, of which no screen shows more in one line; measuring millions takes a second."""


@dataclass(frozen=True, slots=True)
class _Type:
    size: int
    weight: int
    mono: bool = False


class Role(Enum):
    """What a text is for."""

    DECISION = _Type(24, 600)
    TITLE = _Type(18, 600)
    SHEET = _Type(16, 600)
    CARD = _Type(14, 600)
    BODY = _Type(13, 400)
    NAME = _Type(13, 500)
    STRONG = _Type(13, 600)
    SMALL = _Type(12, 400)
    HEAD = _Type(12, 500)
    SECTION = _Type(12, 600)
    MICRO = _Type(11, 500)
    BADGE = _Type(10, 600)
    CODE = _Type(13, 400, mono=True)
    CODE_SMALL = _Type(12, 400, mono=True)


def font(role: Role) -> QFont:
    """The font of a role; a copy that the caller may change."""
    return QFont(_font(role))


@cache
def _font(role: Role) -> QFont:
    kind = role.value
    if kind.mono:
        made = QFont(_mono_family())
        made.setStyleHint(QFont.StyleHint.Monospace)
        made.setFixedPitch(True)
        # `==` and `=>` must read as typed.
        made.setFeature(QFont.Tag("calt"), 0)
        made.setFeature(QFont.Tag("liga"), 0)
    else:
        made = QFont(QApplication.font().family())
        made.setFeature(QFont.Tag("tnum"), 1)
    made.setPixelSize(max(px(kind.size), 1))
    made.setWeight(QFont.Weight(kind.weight))
    return made


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text as it fits: lengths in logical pixels."""

    font: QFont
    """Shared: to be drawn with, not to be changed."""
    text: QStaticText
    """Laid out, which is most of the work of drawing it."""
    width: int
    height: int


def one_line(text: str) -> str:
    """What of a text can be in one line: both its ends, and nothing that turns the writing."""
    if len(text) > _WIDEST:
        text = f"{text[: _WIDEST // 2]}…{text[-_WIDEST // 2 :]}"
    return legible(text)


@lru_cache(maxsize=4096)
def line(text: str, role: Role, room: int, elide: Qt.TextElideMode) -> Line:
    """A line shortened to `room`; tables paint the same words again and again."""
    made = _font(role)
    metrics = QFontMetrics(made)
    shown = metrics.elidedText(one_line(text), elide, room)
    width = metrics.horizontalAdvance(shown)
    laid_out = QStaticText(shown)
    laid_out.setTextFormat(Qt.TextFormat.PlainText)
    laid_out.prepare(font=made)
    return Line(made, laid_out, width, metrics.height())


@cache
def _mono_family() -> str:
    known = set(QFontDatabase.families())
    for family in _MONO:
        if family in known:
            return family
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()


def forget() -> None:
    """Drop what was made for an earlier scale or system font."""
    _font.cache_clear()
    line.cache_clear()
    _mono_family.cache_clear()


def system_scale() -> float:
    """System text size over the design's 13 px, never below 1: nothing gets smaller than drawn."""
    size = QFontInfo(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)).pixelSize()
    return max(1.0, size / BODY_PX)
