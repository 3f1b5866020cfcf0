"""Help while a policy is written: findings of the full lint, quick fixes, format, all by keys."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from helpers.writing import CONTROL_SHIFT, Writing, writing_in
from sealwright.desktop.policies.document.page import DocumentPage, Held
from sealwright.desktop.policies.writing.findings import Findings
from sealwright.services.documents import document

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from helpers.simulators import World
    from sealwright.desktop.host import Host

POLICY = """version=1.0;
authorizationrules {
    [type=="x-ms-sgx-is-debugable", value==false] => permit();
};
issuancerules {
};
"""


@pytest.fixture
def writing(qtbot: QtBot, host: Host, world: World) -> Writing:
    return writing_in(qtbot, host, world)


def test_the_full_lint_is_shown_while_typing(writing: Writing) -> None:
    writing.show(POLICY, "is-debug")
    assert "SW301" in writing.codes()
    assert writing.panel.bottom.problems.total == len(writing.codes())
    QTest.keyClicks(writing.editor, "g")
    writing.settle()
    assert "SW301" not in writing.codes()


def test_what_was_found_in_older_texts_goes_with_them(writing: Writing) -> None:
    """Of a long policy it is megabytes at every key; collecting garbage for it would be felt."""

    def known() -> int:
        return sum(type(each) is Findings for each in gc.get_objects())

    writing.show(POLICY, "is-debug")
    before = known()
    for _ in range(5):
        QTest.keyClicks(writing.editor, "g")
        writing.settle()
    assert known() <= before + 1


def test_a_quick_fix_is_one_key_and_one_undo(writing: Writing) -> None:
    writing.show(POLICY, "is-debug")
    writing.press(Qt.Key.Key_Period)
    assert '"x-ms-sgx-is-debuggable"' in writing.editor.text()
    writing.settle()
    assert "SW301" not in writing.codes()
    writing.press(Qt.Key.Key_Z)
    assert writing.editor.text() == POLICY


def test_a_quick_fix_waits_for_the_text_that_was_just_typed(writing: Writing) -> None:
    writing.show(POLICY.replace("debugable", "debuggable"), "is-debug")
    whole = writing.editor.text()
    QTest.keyClick(writing.editor, Qt.Key.Key_Backspace)
    writing.press(Qt.Key.Key_Period)
    assert writing.editor.text() != whole
    writing.wait(lambda: writing.editor.text() == whole)


def test_of_several_quick_fixes_one_is_chosen(writing: Writing) -> None:
    text = POLICY.replace("debugable", "debuggable").replace("value==false", 'value=="false"')
    text = text.replace("[type", "c:[type")
    writing.show(text, "    c:")
    writing.editor.go_to(text.index("=> "))
    writing.press(Qt.Key.Key_Period)
    menu = writing.page.assist.fixes.menu
    writing.wait(menu.isVisible)
    assert len(menu.actions()) == 2
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert "c:" not in writing.editor.text()


def test_what_could_not_be_formatted_is_said_until_it_is_put_right(writing: Writing) -> None:
    banner = writing.page.banner
    writing.show("version=1.0;\nauthorizationrules {=>permit()};\n", "permit()")
    writing.press(Qt.Key.Key_F, CONTROL_SHIFT)
    writing.wait(banner.isVisible)
    writing.type(" ")
    writing.settle()
    assert banner.isVisible()
    writing.key(Qt.Key.Key_Backspace)
    writing.type(";")
    writing.settle()
    writing.wait(lambda: not banner.isVisible())
    writing.press(Qt.Key.Key_F, CONTROL_SHIFT)
    writing.wait(lambda: "{\n    => permit();\n};" in writing.editor.text())


def test_a_quick_fix_says_its_signs_as_they_will_be(writing: Writing) -> None:
    rule = '    [type=="x-ms-sgx-svn"] [type=="x-ms-sgx-product-id"] => permit();\n'
    writing.show("version=1.0;\nauthorizationrules {\n" + rule + "};\n", "svn")
    writing.editor.gutter.bulb_pressed.emit()
    menu = writing.page.assist.fixes.menu
    writing.wait(menu.isVisible)
    # A menu shows two ampersands as one.
    assert [each.text() for each in menu.actions()] == ["Insert \u201c&&&&\u201d"]
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert '"] && [' in writing.editor.text()


def test_the_bulb_stands_on_the_line_of_the_cursor_and_opens_the_menu(writing: Writing) -> None:
    writing.show(POLICY, "version")
    gutter = writing.editor.gutter
    assert gutter.bulb is None
    QTest.keyClick(writing.editor, Qt.Key.Key_Down)
    QTest.keyClick(writing.editor, Qt.Key.Key_Down)
    assert gutter.bulb == 2
    top = next(r for b, r in writing.editor.visible_lines() if b.blockNumber() == 2)
    QTest.mouseClick(gutter, Qt.MouseButton.LeftButton, pos=QPoint(10, top.center().y()))
    menu = writing.page.assist.fixes.menu
    writing.wait(menu.isVisible)
    menu.close()


def test_where_nothing_can_be_done_it_is_said_and_no_key_is_taken(writing: Writing) -> None:
    writing.show(POLICY, "version")
    writing.press(Qt.Key.Key_Period)
    writing.wait(lambda: QToolTip.text().startswith("No quick fix on this line."))
    assert QApplication.activePopupWidget() is None
    writing.type(" ")
    writing.wait(lambda: not QToolTip.isVisible())


def test_where_only_the_writer_knows_it_is_said_what_to_do(writing: Writing) -> None:
    writing.show(POLICY.replace("value==false", "value==<debugging>"), "value==")
    writing.press(Qt.Key.Key_Period)
    writing.wait(lambda: "Put the value you mean in its place." in QToolTip.text())
    QToolTip.hideText()


def test_format_by_key_is_one_undo(writing: Writing) -> None:
    squeezed = POLICY.replace("    [", "[").replace("debugable", "debuggable")
    writing.show(squeezed, "version")
    writing.press(Qt.Key.Key_F, CONTROL_SHIFT)
    writing.wait(lambda: "\n    [" in writing.editor.text())
    writing.press(Qt.Key.Key_Z)
    assert writing.editor.text() == squeezed


def test_a_text_that_does_not_parse_is_not_formatted_and_says_why(writing: Writing) -> None:
    broken = POLICY.replace("permit()", "permit(")
    writing.show(broken, "version")
    QTest.mouseClick(writing.page.strip.format, Qt.MouseButton.LeftButton)
    writing.wait(writing.page.banner.isVisible)
    assert writing.editor.text() == broken


def test_a_read_only_document_offers_no_fix(qtbot: QtBot, host: Host, world: World) -> None:
    page = DocumentPage(host, Held(document(POLICY.encode(), title="t"), "t"))
    qtbot.addWidget(page)
    page.set_services(world.services())
    qtbot.waitUntil(lambda: page.analyser.settled)
    page.editor.go_to(POLICY.index("debugable"))
    assert page.assist.fixes.here()
    page.editor.setReadOnly(True)
    assert page.assist.fixes.here() == []


def test_one_key_mends_the_error_before_what_is_untidy(writing: Writing) -> None:
    ruled = 'c:[type=="x-ms-sgx-svn"] => issue(type="level", value=1, valueType="String");'
    slip = POLICY.replace("debugable", "debuggable").replace(
        "issuancerules {\n", f"issuancerules {{\n    {ruled}\n"
    )
    writing.show(slip, "issuancerules {\n")
    assert writing.codes() == ["SW206", "SW116"]
    writing.press(Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    assert writing.editor.text() == slip.replace("String", "Integer")
