"""Themes, type and icons: one switch changes everything, nothing is named that is not there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPalette
from PySide6.QtWidgets import QLineEdit

from helpers.screens import ROOT, icon_sources
from sealwright.desktop import theme
from sealwright.desktop.theme.fonts import font
from sealwright.desktop.theme.palette import DARK, LIGHT
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.fields import CheckBox

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QWidget
    from pytestqt.qtbot import QtBot

DESKTOP = ROOT / "gui/sealwright/desktop"
_HEX = re.compile(r"[\"']#[0-9A-Fa-f]{3,8}[\"']")
_ICON = re.compile(r"(?:theme\.icon\(|icon=|action_icon=|ToolButton\(\s*|Picture\(\s*)\"([a-z]+)\"")


def colours_of(widget: QWidget) -> set[str]:
    """All colours in the picture of a widget."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return {
        QColor(image.pixel(x, y)).name()
        for x in range(image.width())
        for y in range(image.height())
    }


def colours_in(icon: QIcon, mode: QIcon.Mode) -> set[str]:
    """The opaque colours of an icon."""
    image = icon.pixmap(QSize(32, 32), 1.0, mode).toImage()
    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return {pixel.name() for pixel in pixels if pixel.alpha() == 255}


def test_one_switch_changes_palette_sheet_and_icons(
    look: theme.Theme, qtbot: QtBot, qapp: QApplication
) -> None:
    button = Button("Upload", icon="upload", kind=Kind.PRIMARY)
    qtbot.addWidget(button)
    button.show()
    look.choose(theme.Choice.LIGHT)
    assert LIGHT.accent.name() in colours_of(button)
    look.choose(theme.Choice.DARK)
    assert DARK.accent.name() in colours_of(button)
    assert qapp.palette().color(QPalette.ColorRole.Window) == DARK.canvas
    look.choose(theme.Choice.LIGHT)
    assert qapp.palette().color(QPalette.ColorRole.Window) == LIGHT.canvas


def test_the_system_choice_follows_the_desktop_live(look: theme.Theme, qapp: QApplication) -> None:
    look.choose(theme.Choice.SYSTEM)
    hints = qapp.styleHints()
    # The off-screen platform has no desktop that could change, so its signal is sent by hand.
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.palette().dark
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert not theme.palette().dark
    look.choose(theme.Choice.LIGHT)
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert not theme.palette().dark


def test_an_icon_follows_the_theme_and_is_dimmed_when_disabled(look: theme.Theme) -> None:
    icon = theme.icon("stop", "accent_text")
    look.choose(theme.Choice.LIGHT)
    assert colours_in(icon, QIcon.Mode.Normal) == {LIGHT.accent_text.name()}
    assert colours_in(icon, QIcon.Mode.Disabled) == {LIGHT.textoff.name()}
    look.choose(theme.Choice.DARK)
    assert colours_in(icon, QIcon.Mode.Normal) == {DARK.accent_text.name()}
    look.choose(theme.Choice.LIGHT)


def test_an_icon_has_as_many_pixels_as_the_screen_wants(look: theme.Theme) -> None:
    del look
    pixmap = theme.icon("search").pixmap(QSize(16, 16), 2.0)
    assert pixmap.size() == QSize(32, 32)
    assert pixmap.deviceIndependentSize().toSize() == QSize(16, 16)


def test_every_icon_that_is_named_exists() -> None:
    missing = {
        (path.name, name)
        for path in DESKTOP.rglob("*.py")
        for name in _ICON.findall(path.read_text("utf-8"))
        if name not in icon_sources()
    }
    assert missing == set()


def test_colours_are_written_down_in_the_theme_only() -> None:
    found = [
        path.relative_to(DESKTOP)
        for path in DESKTOP.rglob("*.py")
        if path.parent.name != "theme" and _HEX.search(path.read_text("utf-8"))
    ]
    assert found == []


def test_no_widget_has_a_style_sheet_of_its_own() -> None:
    found = [
        path.relative_to(DESKTOP)
        for path in DESKTOP.rglob("*.py")
        if "setStyleSheet(" in path.read_text("utf-8") and path.name != "application.py"
    ]
    assert found == []


def test_placeholders_have_the_colour_that_can_be_read(look: theme.Theme, qtbot: QtBot) -> None:
    look.choose(theme.Choice.LIGHT)
    field = QLineEdit()
    qtbot.addWidget(field)
    field.setPlaceholderText("MMMMMMMMM")
    field.resize(300, 40)
    field.show()
    field.clearFocus()
    assert LIGHT.text3.name() in colours_of(field)


def test_code_reads_as_typed_and_ui_figures_line_up(look: theme.Theme) -> None:
    del look
    code, body = font(theme.Role.CODE), font(theme.Role.BODY)
    assert b"calt" in {bytes(tag.toString().data()) for tag in code.featureTags()}
    assert b"tnum" in {bytes(tag.toString().data()) for tag in body.featureTags()}


def test_a_disabled_action_says_why(look: theme.Theme, qtbot: QtBot) -> None:
    del look
    button = Button("Upload", tip="Sends the policy")
    qtbot.addWidget(button)
    button.set_available("Choose a provider first")
    assert not button.isEnabled()
    assert button.toolTip() == "Choose a provider first"
    assert button.statusTip() == "Choose a provider first"
    button.set_available()
    assert button.isEnabled()
    assert button.toolTip() == "Sends the policy"


@pytest.mark.parametrize("dark", [False, True])
def test_a_check_box_can_be_seen_in_both_themes(
    look: theme.Theme, qtbot: QtBot, *, dark: bool
) -> None:
    look.choose(theme.Choice.DARK if dark else theme.Choice.LIGHT)
    box = CheckBox("Remember")
    qtbot.addWidget(box)
    box.show()
    assert theme.palette().edge.name() in colours_of(box)
    box.setChecked(True)
    assert theme.palette().accent.name() in colours_of(box)
    look.choose(theme.Choice.LIGHT)


def test_the_icon_folder_is_where_the_program_looks() -> None:
    assert (Path(ROOT) / "resources/icons/search.svg").is_file()
