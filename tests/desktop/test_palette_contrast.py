"""Every pair of the palette that people must read, by the WCAG formula, in both themes."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor

from sealwright.desktop.theme.palette import DARK, LIGHT, Palette, Syntax, Tone, contrast

THEMES = pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
GROUNDS = ("surface", "canvas", "rail", "raised", "overlay", "editor", "hover", "sel", "wash")


def named(colors: Palette, name: str) -> QColor:
    value = getattr(colors, name)
    assert isinstance(value, QColor)
    return value


def test_the_formula_gives_the_known_ends_of_the_scale() -> None:
    assert contrast(QColor("#000000"), QColor("#FFFFFF")) == pytest.approx(21.0)
    assert contrast(QColor("#777777"), QColor("#FFFFFF")) == pytest.approx(4.478, abs=0.01)


@THEMES
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("text", ["text", "text2", "text3"])
def test_text_can_be_read_on_every_ground(colors: Palette, text: str, ground: str) -> None:
    assert contrast(named(colors, text), named(colors, ground)) >= 4.5


@THEMES
@pytest.mark.parametrize("tone", Tone)
def test_state_text_and_marks_can_be_told_from_their_grounds(colors: Palette, tone: Tone) -> None:
    held = colors.tone(tone)
    for ground in (held.ground, colors.surface, colors.canvas, colors.sel, colors.raised):
        assert contrast(held.text, ground) >= 4.5
    for ground in (held.ground, colors.surface):
        assert contrast(held.mark, ground) >= 3


@THEMES
@pytest.mark.parametrize("syntax", Syntax)
def test_code_can_be_read_where_it_stands(colors: Palette, syntax: Syntax) -> None:
    for ground in (colors.editor, colors.curline, colors.sel_text):
        assert contrast(colors.syntax[syntax], ground) >= 4.5


@THEMES
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("on_accent", "accent"),
        ("on_accent", "accent_hover"),
        ("on_accent", "accent_down"),
        ("on_accent", "danger"),
        ("on_accent", "danger_hover"),
        ("accent_text", "surface"),
        ("accent_text", "canvas"),
        ("accent_text", "rail"),
        ("accent_text", "accent_tint"),
        ("accent_text", "accent_tint2"),
        ("accent_text", "sel"),
        ("tip_text", "tip"),
        ("badge_text", "badge_red"),
        ("badge_text", "badge_amber"),
        ("lineno", "editor"),
        ("token_header", "sunken"),
        ("token_payload", "sunken"),
        ("token_signature", "sunken"),
        ("text", "hex_a"),
        ("text", "hex_b"),
        ("text", "hex_c"),
    ],
)
def test_other_text_pairs_hold(colors: Palette, text: str, ground: str) -> None:
    assert contrast(named(colors, text), named(colors, ground)) >= 4.49


@THEMES
def test_differences_can_be_read(colors: Palette) -> None:
    diff = colors.diff
    for ground in (diff.added_line, diff.added_word):
        assert contrast(diff.added_text, ground) >= 4.5
    for ground in (diff.removed_line, diff.removed_word):
        assert contrast(diff.removed_text, ground) >= 4.5


@THEMES
def test_edges_and_focus_can_be_seen(colors: Palette) -> None:
    for ground in (colors.surface, colors.canvas, colors.sunken):
        assert contrast(colors.edge, ground) >= 2.99
        assert contrast(colors.focus, ground) >= 3
