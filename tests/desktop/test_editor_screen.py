"""The editor on the screen: whatever keys do, nothing old stays and nothing new is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from sealwright.desktop import theme
from sealwright.desktop.widgets.editor.code_editor import CodeEditor

if TYPE_CHECKING:
    from PySide6.QtGui import QImage
    from pytestqt.qtbot import QtBot

_POLICY = "authorizationrules {\n" + "".join(
    f'    // release {number}\n    [type=="release-{number}", value>={number}] => permit();\n'
    for number in range(40)
)
_NONE, _CONTROL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_KEYS = {
    "moving by lines and pages": (
        (Qt.Key.Key_Down, _NONE),
        (Qt.Key.Key_Down, _NONE),
        (Qt.Key.Key_Up, _NONE),
        (Qt.Key.Key_PageDown, _NONE),
        (Qt.Key.Key_Down, _NONE),
        (Qt.Key.Key_End, _CONTROL),
        (Qt.Key.Key_Up, _NONE),
    ),
    "selecting and letting go": (
        (Qt.Key.Key_Down, _NONE),
        (Qt.Key.Key_Down, _SHIFT),
        (Qt.Key.Key_Right, _NONE),
        (Qt.Key.Key_A, _CONTROL),
        (Qt.Key.Key_Left, _NONE),
    ),
    "changing lines": (
        (Qt.Key.Key_Down, _NONE),
        (Qt.Key.Key_Return, _NONE),
        (Qt.Key.Key_Backspace, _NONE),
        (Qt.Key.Key_V, _CONTROL),
        (Qt.Key.Key_Z, _CONTROL),
        (Qt.Key.Key_Down, _NONE),
        (Qt.Key.Key_Slash, _CONTROL),
    ),
}


def on_screen(editor: CodeEditor) -> QImage:
    """What a user sees, as far as it was painted."""
    return editor.screen().grabWindow(editor.winId()).toImage()


def is_up_to_date(editor: CodeEditor) -> bool:
    """Whether painting all of it anew would show the same."""
    shown = on_screen(editor)
    fresh = editor.grab().toImage().convertToFormat(shown.format())
    return not shown.isNull() and shown == fresh


@pytest.mark.parametrize("name", _KEYS)
def test_the_screen_shows_what_keys_did(qtbot: QtBot, look: theme.Theme, name: str) -> None:
    look.choose(theme.Choice.LIGHT)
    editor = CodeEditor("Policy")
    qtbot.addWidget(editor)
    editor.setCursorWidth(0)
    editor.resize(500, 300)
    editor.set_text(_POLICY)
    editor.show()
    qtbot.waitUntil(lambda: is_up_to_date(editor))
    QApplication.clipboard().setText(_POLICY)
    for key, modifier in _KEYS[name]:
        before = on_screen(editor)
        QTest.keyClick(editor, key, modifier)
        qtbot.waitUntil(lambda: is_up_to_date(editor))
        assert on_screen(editor) != before
