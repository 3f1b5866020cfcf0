"""Pairs, comments, and names, by real keystrokes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from helpers.writing import Writing, writing_in

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from helpers.simulators import World
    from sealwright.desktop.host import Host

SHIFT = Qt.KeyboardModifier.ShiftModifier
POLICY = """version=1.1;
authorizationrules {
    c:[type=="x-ms-sgx-svn"] => add(type="seen", value=c.value);
    [type=="seen", value==1] => permit();
};
issuancerules {
};
"""


@pytest.fixture
def writing(qtbot: QtBot, host: Host, world: World) -> Writing:
    return writing_in(qtbot, host, world)


def selected(writing: Writing) -> tuple[str, int]:
    return writing.editor.textCursor().selectedText(), writing.editor.place()[0]


def test_brackets_and_quotes_come_in_pairs_and_are_stepped_over(writing: Writing) -> None:
    writing.show("")
    writing.type('["a"]')
    assert writing.editor.text() == '["a"]'
    assert writing.editor.place() == (1, 6)
    writing.show("")
    writing.type("(")
    assert writing.editor.text() == "()"
    writing.key(Qt.Key.Key_Backspace)
    assert writing.editor.text() == ""


def test_a_selection_is_put_between_quotes(writing: Writing) -> None:
    writing.show("abc")
    writing.press(Qt.Key.Key_A)
    writing.type('"')
    assert writing.editor.text() == '"abc"'


def test_no_pair_in_a_comment_in_a_string_or_before_a_word(writing: Writing) -> None:
    for text, at in (("// ", "// "), ('"a', '"a'), ("abc", "")):
        writing.show(text, at)
        writing.type("(")
        assert writing.editor.text().count("(") == 1
        assert ")" not in writing.editor.text()


def test_enter_between_braces_opens_them(writing: Writing) -> None:
    writing.show("issuancerules ", "issuancerules ")
    writing.type("{\n")
    assert writing.editor.text() == "issuancerules {\n    \n}"
    assert writing.editor.place() == (2, 5)


def test_lines_become_comments_and_text_again(writing: Writing) -> None:
    writing.show(POLICY, "authorizationrules {\n    ")
    QTest.keyClick(writing.editor, Qt.Key.Key_Down, SHIFT)
    QTest.keyClick(writing.editor, Qt.Key.Key_End, SHIFT)
    writing.press(Qt.Key.Key_Slash)
    assert '\n    // c:[type=="x-ms-sgx-svn"]' in writing.editor.text()
    assert '\n    // [type=="seen"' in writing.editor.text()
    writing.press(Qt.Key.Key_Slash)
    assert writing.editor.text() == POLICY
    writing.press(Qt.Key.Key_Z)
    assert "// c:[" in writing.editor.text()


def test_f12_goes_to_where_an_identifier_and_a_claim_are_made(writing: Writing) -> None:
    writing.show(POLICY, "value=")
    writing.key(Qt.Key.Key_F12)
    assert selected(writing) == ("c", 3)
    writing.editor.go_to(POLICY.index('seen", value==1') + 2)
    writing.key(Qt.Key.Key_F12)
    assert selected(writing) == ("seen", 3)


def test_uses_are_listed_and_chosen_by_key(writing: Writing) -> None:
    writing.show(POLICY, 'add(type="se')
    QTest.keyClick(writing.editor, Qt.Key.Key_F12, SHIFT)
    menu = writing.page.assist.names.uses_menu
    writing.wait(menu.isVisible)
    assert [entry.text()[:7] for entry in menu.actions()] == ["Line 3:", "Line 4:"]
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert selected(writing) == ("seen", 4)


def test_f2_renames_an_identifier_in_one_step(writing: Writing) -> None:
    writing.show(POLICY, "value=")
    writing.key(Qt.Key.Key_F2)
    card = writing.page.assist.names.rename_card
    assert card is not None
    QTest.keyClicks(card.field, "1x")
    QTest.keyClick(card.field, Qt.Key.Key_Return)
    assert writing.editor.text() == POLICY
    QTest.keyClick(card.field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(card.field, "svn")
    QTest.keyClick(card.field, Qt.Key.Key_Return)
    assert 'svn:[type=="x-ms-sgx-svn"] => add(type="seen", value=svn.value)' in (
        writing.editor.text()
    )
    assert writing.editor.hasFocus()
    writing.press(Qt.Key.Key_Z)
    assert writing.editor.text() == POLICY
