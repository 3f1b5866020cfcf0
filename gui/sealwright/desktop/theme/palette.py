"""The colours of both themes, by token name.

Invariants
- These are the only colour values of the application; everything else names a token.
- Text pairs hold a contrast of 4.5, marks and control edges of 3; a test computes every pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtGui import QColor


class Tone(StrEnum):
    """What a state means; always shown with an icon and a word as well."""

    OK = "ok"
    WARN = "warn"
    ERR = "err"
    INFO = "info"
    NEU = "neu"


class Syntax(StrEnum):
    """What a piece of policy text is."""

    SECTION = "section"
    PERMIT = "permit"
    DENY = "deny"
    ACTION = "action"
    PROPERTY = "property"
    CLAIM = "claim"
    STRING = "string"
    NUMBER = "number"
    IDENTIFIER = "identifier"
    FUNCTION = "function"
    OPERATOR = "operator"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class ToneColors:
    """The four colours of a state."""

    text: QColor
    ground: QColor
    border: QColor
    mark: QColor


@dataclass(frozen=True, slots=True)
class DiffColors:
    """Line and word grounds of a difference, and the text on them."""

    added_line: QColor
    added_word: QColor
    added_text: QColor
    removed_line: QColor
    removed_word: QColor
    removed_text: QColor


@dataclass(frozen=True, slots=True)
class Palette:
    """One theme. Fields are the token names of the design."""

    dark: bool
    rail: QColor
    canvas: QColor
    surface: QColor
    raised: QColor
    overlay: QColor
    sunken: QColor
    editor: QColor
    wash: QColor
    border: QColor
    border2: QColor
    edge: QColor
    text: QColor
    text2: QColor
    text3: QColor
    textoff: QColor
    accent: QColor
    accent_hover: QColor
    accent_down: QColor
    on_accent: QColor
    accent_text: QColor
    accent_tint: QColor
    accent_tint2: QColor
    sel: QColor
    hover: QColor
    focus: QColor
    danger: QColor
    danger_hover: QColor
    tip: QColor
    tip_text: QColor
    scrim: QColor
    shadow: QColor
    shadow_small: QColor
    curline: QColor
    sel_text: QColor
    match: QColor
    lineno: QColor
    lineno_current: QColor
    badge_red: QColor
    badge_amber: QColor
    badge_text: QColor
    token_header: QColor
    token_payload: QColor
    token_signature: QColor
    hex_a: QColor
    hex_b: QColor
    hex_c: QColor
    diff: DiffColors
    tones: dict[Tone, ToneColors]
    syntax: dict[Syntax, QColor]

    def tone(self, tone: Tone) -> ToneColors:
        """The four colours of a state."""
        return self.tones[tone]


def _tone(text: str, ground: str, border: str, mark: str) -> ToneColors:
    return ToneColors(QColor(text), QColor(ground), QColor(border), QColor(mark))


def _shade(alpha: float) -> QColor:
    return QColor(0, 0, 0, round(alpha * 255))


LIGHT = Palette(
    dark=False,
    rail=QColor("#E9EBF0"),
    canvas=QColor("#F3F4F7"),
    surface=QColor("#FFFFFF"),
    raised=QColor("#F8F9FB"),
    overlay=QColor("#FFFFFF"),
    sunken=QColor("#F3F4F7"),
    editor=QColor("#FFFFFF"),
    wash=QColor("#F4F5FC"),
    border=QColor("#E1E4EA"),
    border2=QColor("#CDD2DB"),
    edge=QColor("#868E9B"),
    text=QColor("#1A1E26"),
    text2=QColor("#474F5C"),
    text3=QColor("#5F6775"),
    textoff=QColor("#9AA1AD"),
    accent=QColor("#4653C6"),
    accent_hover=QColor("#3B47B2"),
    accent_down=QColor("#313C9B"),
    on_accent=QColor("#FFFFFF"),
    accent_text=QColor("#3F4BB8"),
    accent_tint=QColor("#ECEEFB"),
    accent_tint2=QColor("#DFE3F9"),
    sel=QColor("#E4E7FA"),
    hover=QColor("#F1F2F6"),
    focus=QColor("#4653C6"),
    danger=QColor("#B9291F"),
    danger_hover=QColor("#A11F16"),
    tip=QColor("#262A33"),
    tip_text=QColor("#F2F3F6"),
    scrim=QColor(0x14, 0x18, 0x21, 102),
    shadow=_shade(0.20),
    shadow_small=_shade(0.14),
    curline=QColor("#F5F6FB"),
    sel_text=QColor("#DCE1FB"),
    match=QColor("#D9DDF8"),
    lineno=QColor("#667080"),
    lineno_current=QColor("#1A1E26"),
    badge_red=QColor("#C8362B"),
    badge_amber=QColor("#965900"),
    badge_text=QColor("#FFFFFF"),
    token_header=QColor("#A82470"),
    token_payload=QColor("#4638B0"),
    token_signature=QColor("#0B6A73"),
    hex_a=QColor("#DFE3F9"),
    hex_b=QColor("#D3EFDC"),
    hex_c=QColor("#F7E2B8"),
    diff=DiffColors(
        added_line=QColor("#E3F5E8"),
        added_word=QColor("#B8E5C6"),
        added_text=QColor("#12552F"),
        removed_line=QColor("#FDE9E7"),
        removed_word=QColor("#F8C6C1"),
        removed_text=QColor("#8E1C14"),
    ),
    tones={
        Tone.OK: _tone("#136A3A", "#E6F4EA", "#A8D5B7", "#1E8A4C"),
        Tone.WARN: _tone("#7A4900", "#FCF0D9", "#E6C486", "#B06A00"),
        Tone.ERR: _tone("#AE2219", "#FCEAE8", "#F0B5AF", "#C8362B"),
        Tone.INFO: _tone("#35419F", "#ECEEFB", "#C3C9F1", "#4653C6"),
        Tone.NEU: _tone("#474F5C", "#EEF0F3", "#D3D8E0", "#7C8492"),
    },
    syntax={
        Syntax.SECTION: QColor("#7B22A0"),
        Syntax.PERMIT: QColor("#136A3A"),
        Syntax.DENY: QColor("#AE2219"),
        Syntax.ACTION: QColor("#3F4BB8"),
        Syntax.PROPERTY: QColor("#525A67"),
        Syntax.CLAIM: QColor("#0A5A9E"),
        Syntax.STRING: QColor("#8A4A08"),
        Syntax.NUMBER: QColor("#0B6A73"),
        Syntax.IDENTIFIER: QColor("#96256E"),
        Syntax.FUNCTION: QColor("#5E43A8"),
        Syntax.OPERATOR: QColor("#525A67"),
        Syntax.COMMENT: QColor("#5B6371"),
    },
)

DARK = Palette(
    dark=True,
    rail=QColor("#101216"),
    canvas=QColor("#15171C"),
    surface=QColor("#1B1E24"),
    raised=QColor("#21242B"),
    overlay=QColor("#262A32"),
    sunken=QColor("#15171C"),
    editor=QColor("#181B20"),
    wash=QColor("#1D2135"),
    border=QColor("#2B2F38"),
    border2=QColor("#3A3F4A"),
    edge=QColor("#737B89"),
    text=QColor("#E7E9ED"),
    text2=QColor("#B4BAC5"),
    text3=QColor("#979EAB"),
    textoff=QColor("#636A77"),
    accent=QColor("#5663DB"),
    accent_hover=QColor("#4C58C8"),
    accent_down=QColor("#424DB6"),
    on_accent=QColor("#FFFFFF"),
    accent_text=QColor("#A5AFFF"),
    accent_tint=QColor("#23284A"),
    accent_tint2=QColor("#2C325C"),
    sel=QColor("#2A3054"),
    hover=QColor("#23272F"),
    focus=QColor("#8F9BFF"),
    danger=QColor("#C4352B"),
    danger_hover=QColor("#D2433A"),
    tip=QColor("#E7E9ED"),
    tip_text=QColor("#15171C"),
    scrim=QColor(0x05, 0x07, 0x0B, 140),
    shadow=_shade(0.40),
    shadow_small=_shade(0.29),
    curline=QColor("#1F232A"),
    sel_text=QColor("#2C3466"),
    match=QColor("#333B6B"),
    lineno=QColor("#868E9B"),
    lineno_current=QColor("#E7E9ED"),
    badge_red=QColor("#FF9A92"),
    badge_amber=QColor("#EBBA62"),
    badge_text=QColor("#101216"),
    token_header=QColor("#F39AC9"),
    token_payload=QColor("#AEB6FF"),
    token_signature=QColor("#62CBD3"),
    hex_a=QColor("#2F3667"),
    hex_b=QColor("#1F4A33"),
    hex_c=QColor("#4D3C17"),
    diff=DiffColors(
        added_line=QColor("#16291E"),
        added_word=QColor("#23543A"),
        added_text=QColor("#9BE0B5"),
        removed_line=QColor("#331C1D"),
        removed_word=QColor("#6B2D2A"),
        removed_text=QColor("#FFB4AD"),
    ),
    tones={
        Tone.OK: _tone("#74D29A", "#172B20", "#2D5A40", "#45B877"),
        Tone.WARN: _tone("#EBBA62", "#30260F", "#5E4A20", "#DDA23C"),
        Tone.ERR: _tone("#FF9A92", "#311B1C", "#70332F", "#F0685E"),
        Tone.INFO: _tone("#B0B9FF", "#23284A", "#414A88", "#8F9BFF"),
        Tone.NEU: _tone("#B4BAC5", "#282C35", "#3D434F", "#828A98"),
    },
    syntax={
        Syntax.SECTION: QColor("#CFA6F5"),
        Syntax.PERMIT: QColor("#74D29A"),
        Syntax.DENY: QColor("#FF9A92"),
        Syntax.ACTION: QColor("#A5AFFF"),
        Syntax.PROPERTY: QColor("#ADB4C0"),
        Syntax.CLAIM: QColor("#7FBCFF"),
        Syntax.STRING: QColor("#E3B778"),
        Syntax.NUMBER: QColor("#62CBD3"),
        Syntax.IDENTIFIER: QColor("#F2A7D2"),
        Syntax.FUNCTION: QColor("#C6B8FF"),
        Syntax.OPERATOR: QColor("#ADB4C0"),
        Syntax.COMMENT: QColor("#99A1AF"),
    },
)


def contrast(first: QColor, second: QColor) -> float:
    """The WCAG 2 contrast ratio of two opaque colours, 1 to 21."""
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(color: QColor) -> float:
    red, green, blue = (_linear(part) for part in (color.redF(), color.greenF(), color.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    knee = 0.04045  # WCAG 2.2, relative luminance
    return part / 12.92 if part <= knee else ((part + 0.055) / 1.055) ** 2.4
