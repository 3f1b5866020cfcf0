"""The explaining card: by key and pointer, its links, and the way back into the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QHelpEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from helpers.writing import Writing, writing_in

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from helpers.simulators import World
    from sealwright.desktop.host import Host

POLICY = """version=1.1;
authorizationrules {
    [type=="x-ms-sgx-is-debugable", value==false] => permit();
    [type=="x-ms-sgx-svn", value>=2] => permit();
};
issuancerules {
};
"""


CALL = 'issuancerules {\n    c:[type=="a"] => issue(type="b", value=AppendString(c.value, "d"));\n'


@pytest.fixture
def writing(qtbot: QtBot, host: Host, world: World) -> Writing:
    return writing_in(qtbot, host, world)


def said(writing: Writing) -> str:
    card = writing.page.assist.hover.card
    return " ".join(label.text() for label in card.findChildren(QLabel)) if card else ""


def test_a_key_explains_a_claim_and_escape_goes_back(writing: Writing) -> None:
    writing.show(POLICY, "x-ms-sgx-sv")
    writing.press(Qt.Key.Key_I)
    assert "x-ms-sgx-svn" in said(writing)
    assert "integer" in said(writing)
    card = writing.page.assist.hover.card
    assert card is not None
    QTest.keyClick(QApplication.focusWidget() or card, Qt.Key.Key_Escape)
    assert said(writing) == ""
    assert writing.editor.hasFocus()


def test_a_finding_is_told_and_its_link_is_pressed_by_key(writing: Writing) -> None:
    writing.show(POLICY, "is-debug")
    writing.press(Qt.Key.Key_I)
    card = writing.page.assist.hover.card
    assert card is not None
    link = card.findChildren(QPushButton)[0]
    assert link.hasFocus()
    QTest.keyClick(link, Qt.Key.Key_Space)
    assert "x-ms-sgx-is-debuggable" in writing.editor.text()
    assert writing.editor.hasFocus()


def test_the_pointer_explains_a_rule_and_typing_puts_it_away(writing: Writing) -> None:
    writing.show(POLICY, "version")
    editor = writing.editor
    cursor = QTextCursor(editor.document())
    cursor.setPosition(POLICY.index("permit") + 2)
    place = editor.cursorRect(cursor).center() + QPoint(1, 0)
    event = QHelpEvent(QHelpEvent.Type.ToolTip, place, editor.viewport().mapToGlobal(place))
    QApplication.sendEvent(editor.viewport(), event)
    assert "permits the request" in said(writing)
    assert editor.hasFocus()
    writing.type(" ")
    assert said(writing) == ""


def test_a_blank_has_no_card(writing: Writing) -> None:
    writing.show(POLICY, "authorizationrules {\n  ")
    writing.press(Qt.Key.Key_I)
    assert said(writing) == ""


def test_a_function_is_explained_with_its_signature(writing: Writing) -> None:
    text = POLICY.replace("issuancerules {\n", CALL)
    writing.show(text, "AppendStr")
    writing.press(Qt.Key.Key_I)

    assert "AppendString(first, second)" in said(writing)
